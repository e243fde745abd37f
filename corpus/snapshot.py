"""The library as it stood at one generation: the reading side."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from corpus.database import failures
from corpus.document import Document, Metadata, Passage, Section

METADATA = tuple(field.name for field in fields(Metadata))
LIVE = "(d.added <= :generation AND (d.removed IS NULL OR d.removed > :generation))"
YEAR = "coalesce(d.report_year, cast(substr(d.published, 1, 4) AS INTEGER))"
BATCH = 500  # passages that iter_passages holds at a time


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue says of a document, without its text."""

    id: str
    source: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Facets:
    """The distinct values that documents can be filtered by, in order."""

    regions: tuple[str, ...]
    years: tuple[int, ...]
    issuers: tuple[str, ...]


class Snapshot:
    """Documents and passages of one generation. Cheap to make, never changes, safe in any number of threads.

    Filters are the same everywhere: a document passes if its id, region, year and issuer are each among those named;
    an empty ``regions``, ``years`` or ``issuers``, or ``ids=None``, lets all pass. A document's year is its report
    year, or the year of its publication where it reports on no single year.

    Every method raises :class:`corpus.errors.DocumentError` where the library's file cannot be read.
    """

    def __init__(self, generation: int, home: Path, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self.generation = generation
        self._home = home
        self._path = path
        self._connect = connect

    def documents(self, offset: int = 0, limit: int | None = None, ids: Iterable[str] | None = None,
                  regions: Iterable[str] = (), years: Iterable[int] = (), issuers: Iterable[str] = (),
                  ) -> list[Document]:
        """Documents that pass the filters, latest publication first, those without a date last."""
        where, values = _where(ids, regions, years, issuers)
        rows = self._rows(
            f"SELECT d.* FROM documents d WHERE {LIVE} {where}"
            " ORDER BY d.published IS NULL, d.published DESC, d.title, d.id LIMIT :limit OFFSET :offset",
            **values, limit=-1 if limit is None else limit, offset=offset)
        return [document_of(row) for row in rows]

    def count(self, ids: Iterable[str] | None = None, regions: Iterable[str] = (), years: Iterable[int] = (),
              issuers: Iterable[str] = ()) -> int:
        """How many documents pass the filters."""
        where, values = _where(ids, regions, years, issuers)
        return self._rows(f"SELECT count(*) FROM documents d WHERE {LIVE} {where}", **values)[0][0]

    def document(self, document_id: str) -> Document:
        """:raises KeyError: no such document in this generation."""
        return document_of(self._document_row(document_id, "d.*"))

    def entries(self, document_ids: Iterable[str]) -> dict[str, Entry]:
        """Catalogue entries by document id, without reading any text; ids of no document are left out."""
        where, values = _where(document_ids, (), (), ())
        rows = self._rows(
            f"SELECT d.id, d.source, {', '.join(METADATA)} FROM documents d WHERE {LIVE} {where}", **values)
        return {row["id"]: Entry(row["id"], row["source"], metadata_of(row)) for row in rows}

    def facets(self) -> Facets:
        """What there is to filter by."""
        def distinct(column: str) -> tuple:
            return tuple(row["value"] for row in self._rows(
                f"SELECT DISTINCT {column} AS value FROM documents d WHERE {LIVE} AND {column} IS NOT NULL"
                " ORDER BY value"))

        return Facets(distinct("d.region"), distinct(YEAR), distinct("d.issuer"))

    def original(self, document_id: str) -> tuple[Path, str]:
        """The file that the document was read from, as it was then, and the name it had.

        :raises KeyError: no such document in this generation.
        """
        row = self._document_row(document_id, "r.original, d.path")
        return self._home / row["original"], Path(row["path"]).name

    def raw_text(self, document_id: str) -> str:
        """The extracted text that the document's raw offsets point into.

        :raises KeyError: no such document in this generation.
        """
        return zlib.decompress(self._document_row(document_id, "r.text")["text"]).decode()

    def passage_count(self, document_id: str) -> int:
        """:raises KeyError: no such document in this generation."""
        row = self._document_row(document_id, "(SELECT count(*) FROM passages p WHERE p.document = d.row) AS count")
        return row["count"]

    def live_passage_ids(self, ids: Iterable[str] | None = None, regions: Iterable[str] = (),
                         years: Iterable[int] = (), issuers: Iterable[str] = ()) -> np.ndarray:
        """int64 of shape ``(passages,)``, ascending: the passages of the documents that pass the filters."""
        where, values = _where(ids, regions, years, issuers)
        rows = self._rows(
            f"SELECT p.id FROM documents d JOIN passages p ON p.document = d.row WHERE {LIVE} {where}", **values)
        return np.sort(np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows)))

    def passages(self, passage_ids: Iterable[int]) -> list[Passage]:
        """Passages in the order asked.

        :raises KeyError: an id is no passage of this generation.
        """
        ids = [int(i) for i in passage_ids]
        rows = self._passage_rows(ids)
        texts = self._texts(rows.values())
        return [_passage(rows[i], texts) for i in ids]

    def iter_passages(self, passage_ids: Sequence[int]) -> Iterator[tuple[int, Passage, Metadata]]:
        """``(id, passage, metadata of its document)`` in the order asked, reading as it goes.

        :raises KeyError: an id is no passage of this generation.
        """
        for at in range(0, len(passage_ids), BATCH):
            ids = [int(i) for i in passage_ids[at:at + BATCH]]
            rows = self._passage_rows(ids)
            texts = self._texts(rows.values())
            metadata = {document: metadata_of(row) for document, row in
                        {row["document"]: row for row in rows.values()}.items()}
            for i in ids:
                yield i, _passage(rows[i], texts), metadata[rows[i]["document"]]

    def _passage_rows(self, ids: list[int]) -> dict[int, sqlite3.Row]:
        rows = self._rows(
            "SELECT p.id AS passage, p.document, p.start, p.stop, p.page, p.section, d.id,"
            f" {', '.join('d.' + name for name in METADATA)}"
            f" FROM passages p JOIN documents d ON d.row = p.document"
            f" WHERE p.id IN {_LIST.format('wanted')} AND {LIVE}",
            wanted=json.dumps(ids))
        return {row["passage"]: row for row in rows}

    def _texts(self, passages: Iterable[sqlite3.Row]) -> dict[int, str]:
        """Texts of the passages' documents by document row, each read once."""
        documents = json.dumps(sorted({row["document"] for row in passages}))
        rows = self._rows(f"SELECT row, text FROM documents WHERE row IN {_LIST.format('wanted')}", wanted=documents)
        return {row["row"]: row["text"] for row in rows}

    def _document_row(self, document_id: str, columns: str) -> sqlite3.Row:
        rows = self._rows(
            f"SELECT {columns} FROM documents d JOIN raws r ON r.row = d.raw WHERE d.id = :id AND {LIVE}",
            id=document_id)
        if not rows:
            raise KeyError(document_id)
        return rows[0]

    def _rows(self, statement: str, **values: object) -> list[sqlite3.Row]:
        with failures(self._path):
            return self._connect().execute(statement, values | {"generation": self.generation}).fetchall()


_LIST = "(SELECT value FROM json_each(:{}))"  # a list of any length as one parameter


def _where(ids: Iterable[str] | None, regions: Iterable[str], years: Iterable[int],
           issuers: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Conditions on a document ``d``, each beginning with AND, and their parameters."""
    wanted = {"ids": ("d.id", ids), "regions": ("d.region", tuple(regions) or None),
              "years": (YEAR, tuple(years) or None), "issuers": ("d.issuer", tuple(issuers) or None)}
    chosen = {name: (column, values) for name, (column, values) in wanted.items() if values is not None}
    return (" ".join(f"AND {column} IN {_LIST.format(name)}" for name, (column, _) in chosen.items()),
            {name: json.dumps(list(values)) for name, (_, values) in chosen.items()})


def document_of(row: sqlite3.Row) -> Document:
    """A row of ``documents`` as a document."""
    return Document(
        id=row["id"], source=row["source"], text=row["text"], metadata=metadata_of(row),
        sections=tuple(Section(*values) for values in json.loads(row["sections"])),
        offsets=tuple(map(tuple, json.loads(row["offsets"]))),
        pages=tuple(map(tuple, json.loads(row["pages"]))))


def metadata_of(row: sqlite3.Row) -> Metadata:
    """The metadata columns of a row."""
    return Metadata(**{name: row[name] for name in METADATA})


def _passage(row: sqlite3.Row, texts: dict[int, str]) -> Passage:
    return Passage(row["id"], row["start"], row["stop"], texts[row["document"]][row["start"]:row["stop"]],
                   tuple(json.loads(row["section"])), row["page"])
