"""The documents as a table, those that are withdrawn among them: searched, filtered, sorted, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.document import Metadata
from corpus.snapshot import KEPT, METADATA, WITHDRAWN, YEAR, Snapshot, metadata_of, spelling

# What the table can be sorted by; what is not known stands last.
SORTS = {"title": "title", "issuer": "issuer", "region": "region", "published": "published", "year": "year",
         "passages": "passages", "state": "withdrawn"}
_PASSAGES = "(SELECT count(*) FROM passages p WHERE p.document = d.row)"


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
        table, values = _table(wanted)
        column = SORTS[wanted.sort]
        rows = self._snapshot.rows(
            f"SELECT *, {_PASSAGES} AS passages FROM ({table}) d ORDER BY {column} IS NULL, {column}"
            f" {'DESC' if wanted.descending else 'ASC'}, title, id LIMIT :limit OFFSET :offset", **values, limit=limit, offset=offset)
        total = self._snapshot.rows(f"SELECT count(*) FROM ({table})", **values)[0][0]
        return [_row(row) for row in rows], total

    def row(self, document_id: str) -> Row:
        """One document's row.

        :raises KeyError: no such document, not even a withdrawn one.
        """
        table, values = _table(Wanted())
        rows = self._snapshot.rows(f"SELECT *, {_PASSAGES} AS passages FROM ({table}) d WHERE id = :id", **values, id=document_id)
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
        table, values = _table(wanted)
        return tuple(map(tuple, self._snapshot.rows(
            f"SELECT {column}, count(*) FROM ({table}) WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT :limit",
            **values, limit=limit)))


def _table(wanted: Wanted) -> tuple[str, dict[str, object]]:
    """A statement that selects the wanted documents, and its parameters."""
    values = {"region": wanted.region, "year": wanted.year, "withdrawn": wanted.withdrawn}
    conditions = [f"{name} = :{name}" for name, value in values.items() if value is not None]
    spelt, words = spelling(wanted.words)
    conditions += spelt
    table = (f"SELECT d.row, d.id, d.source, {', '.join(METADATA)}, {YEAR} AS year, {WITHDRAWN} AS withdrawn"
             f" FROM documents d WHERE {KEPT}")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT * FROM ({table}){where}", {name: value for name, value in values.items() if value is not None} | words


def _row(row) -> Row:
    return Row(row["id"], row["source"], metadata_of(row), row["year"], row["passages"], bool(row["withdrawn"]))
