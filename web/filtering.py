"""Which reports may answer, as one chooses it on the chat's page; the address says it."""

from collections.abc import Iterable
from dataclasses import dataclass

from qa.errors import NotFound
from web.desk import desk
from web.schema import ChatRequest

NAMES = ("region", "year", "issuer", "document")  # parameters of the address


@dataclass(frozen=True, slots=True)
class Choice:
    """A box to tick.

    :ivar name, value: the parameter of the address.
    :ivar label: what it is called.
    :ivar count: how many documents it leaves, or None where that is one.
    """

    name: str
    value: str
    label: str
    count: int | None
    chosen: bool


def choices(asked: ChatRequest) -> dict[str, list[Choice]]:
    """The boxes by the name of the parameter; those that the address ticks are among them even where nothing has them."""
    facets = desk().service.facets()
    return {"region": _boxes("region", facets.regions, asked.region), "year": _boxes("year", facets.years, asked.year),
            "issuer": _boxes("issuer", facets.issuers, asked.issuer),
            "document": [Choice("document", each, _title(each), None, True) for each in asked.document]}


def _boxes(name: str, facet: Iterable[tuple[object, int]], chosen: tuple) -> list[Choice]:
    counts = dict.fromkeys(chosen, 0) | dict(facet)
    return [Choice(name, str(value), str(value), count, value in chosen) for value, count in counts.items()]


def _title(document_id: str) -> str:
    try:
        return desk().service.document(document_id).metadata.title
    except NotFound:
        return document_id
