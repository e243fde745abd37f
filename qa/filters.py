"""Which documents may answer a question."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents may answer; an empty field does not filter."""

    regions: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    issuers: tuple[str, ...] = ()
    document_ids: tuple[str, ...] = ()


NO_FILTERS = Filters()
