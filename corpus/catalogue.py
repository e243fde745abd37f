"""The documents as a table, those that are withdrawn among them: searched, filtered, sorted, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from corpus.document import Metadata
from corpus.schema import documents
from corpus.snapshot import KEPT, METADATA, PASSAGES, WITHDRAWN, YEAR, Snapshot, metadata_of, spelling

# What the table can be sorted by; what is not known stands last.
SORTS = {"title": "title", "issuer": "issuer", "region": "region", "published": "published", "year": "year",
         "passages": "passages", "state": "withdrawn"}


@dataclass(frozen=True, slots=True)
class Row:
    """A document as the table shows it.

    :ivar year: as filters take it: the year reported on, or that of the publication.
    :ivar passages: how many it was cut into.
    :ivar withdrawn: it is kept, and answers nothing.
    """

    id: str
    source: str
    metadata: Metadata
    year: int | None
    passages: int
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents the table shows, and how.

    :ivar words: each stands in one of :data:`corpus.snapshot.SEARCHED`.
    :ivar withdrawn: only those that are, or are not; None for both.
    :ivar sort: one of :data:`SORTS`.
    """

    words: Sequence[str] = ()
    region: str | None = None
    year: int | None = None
    withdrawn: bool | None = None
    sort: str = "published"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Facets:
    """Places, years and issuers of documents, each with how many documents it has. Places and issuers of most documents come first,
    the latest year first.
    """

    regions: tuple[tuple[str, int], ...]
    years: tuple[tuple[int, int], ...]
    issuers: tuple[tuple[str, int], ...]


class Catalogue:
    """The table of one generation."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def page(self, wanted: Wanted, offset: int = 0, limit: int = 50) -> tuple[list[Row], int]:
        """A page of the table, and how many documents it has in all."""
        table = _table(wanted)
        column = table.selected_columns[SORTS[wanted.sort]]
        order = (column.desc() if wanted.descending else column.asc()).nulls_last(), documents.c.title, documents.c.id
        rows = self._snapshot.rows(table.order_by(*order).limit(limit).offset(offset))
        total = self._snapshot.rows(select(func.count()).select_from(table.subquery()))[0][0]
        return [_row(row) for row in rows], total

    def row(self, document_id: str) -> Row:
        """One document's row.

        :raises KeyError: no such document, not even a withdrawn one.
        """
        rows = self._snapshot.rows(_table(Wanted()).where(documents.c.id == document_id))
        if not rows:
            raise KeyError(document_id)
        return _row(rows[0])

    def regions(self, limit: int = 200) -> list[str]:
        """The places of the documents, those of most documents first."""
        return self._values("region", limit)

    def years(self, limit: int = 200) -> list[int]:
        """The years of the documents, latest first."""
        return sorted(self._values("year", limit), reverse=True)

    def facets(self, limit: int) -> Facets:
        """What the documents that answer can be told apart by."""
        live = Wanted(withdrawn=False)
        counted = {column: self._counted(column, limit, live) for column in ("region", "year", "issuer")}
        return Facets(counted["region"], tuple(sorted(counted["year"], reverse=True)), counted["issuer"])

    def _values(self, column: str, limit: int) -> list:
        return [value for value, _ in self._counted(column, limit, Wanted())]

    def _counted(self, column: str, limit: int, wanted: Wanted) -> tuple[tuple, ...]:
        """The values of a column, those of most documents first, and of how many."""
        value = _table(wanted).subquery().c[column]
        counted = select(value, func.count()).where(value.is_not(None)).group_by(value).order_by(func.count().desc(), value)
        return tuple(map(tuple, self._snapshot.rows(counted.limit(limit))))


def _table(wanted: Wanted) -> Select:
    """A statement that selects the wanted documents."""
    conditions = [KEPT, *spelling(documents.c, wanted.words)]
    chosen = {documents.c.region: wanted.region, YEAR: wanted.year, WITHDRAWN: wanted.withdrawn}
    conditions += [column == value for column, value in chosen.items() if value is not None]
    return select(documents.c.id, documents.c.source, *(documents.c[name] for name in METADATA), YEAR.label("year"),
                  WITHDRAWN.label("withdrawn"), PASSAGES.label("passages")).where(*conditions)


def _row(row) -> Row:
    return Row(row.id, row.source, metadata_of(row), row.year, row.passages, row.withdrawn)
