"""The library as it stood at one generation: the reading side."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np

from corpus.database import BLOCK, failures
from corpus.document import Document, Metadata, Passage, Section
from corpus.original import Original
from corpus.packing import unpacked

METADATA = tuple(field.name for field in fields(Metadata))
_LIST = "(SELECT value FROM json_each(:{}))"  # a list of any length as one parameter
BLOCKS = f"SELECT document, text FROM texts WHERE document IN {_LIST.format('documents')} ORDER BY document, start"
KEPT = "(d.added <= :generation AND (d.removed IS NULL OR d.removed > :generation))"
WITHDRAWN = ("EXISTS (SELECT 1 FROM withdrawals w WHERE w.document = d.id AND w.since <= :generation"
             " AND (w.until IS NULL OR w.until > :generation))")
LIVE = f"({KEPT} AND NOT {WITHDRAWN})"
YEAR = "coalesce(d.report_year, cast(substr(d.published, 1, 4) AS INTEGER))"
SEARCHED = ("title", "issuer", "number", "source", "id")  # where words are looked for
AS_ORIGINAL = b""  # kept instead of an extracted text that is the file itself
BATCH = 500  # passages that iter_passages holds at a time


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue says of a document, without its text."""

    id: str
    source: str
    metadata: Metadata


class Snapshot:
    """Documents and passages of one generation. Cheap to make, never changes, safe in any number of threads.

    Filters are the same everywhere: a document passes if its id, region, year and issuer are each among those named;
    an empty ``regions``, ``years`` or ``issuers``, or ``ids=None``, lets all pass. A document's year is its report
    year, or the year of its publication where it reports on no single year.

    Every method raises :class:`corpus.errors.DocumentError` where the library's file cannot be read.
    """

    def __init__(self, generation: int, home: Path, path: Path, connect: Callable[[], sqlite3.Connection],
                 shown: str = LIVE) -> None:
        self.generation = generation
        self._shown = shown
        self._home = home
        self._path = path
        self._connect = connect

    @property
    def with_withdrawn(self) -> "Snapshot":
        """The same, the documents that are withdrawn among the others."""
        return Snapshot(self.generation, self._home, self._path, self._connect, KEPT)

    def documents(self, offset: int = 0, limit: int | None = None, ids: Iterable[str] | None = None,
                  regions: Iterable[str] = (), years: Iterable[int] = (), issuers: Iterable[str] = (),
                  words: Iterable[str] = ()) -> list[Document]:
        """Documents that pass the filters, latest publication first, those without a date last.

        :param words: each stands in one of :data:`SEARCHED`.
        """
        where, values = _where(ids, regions, years, issuers, words)
        rows = self.rows(
            f"SELECT d.* FROM documents d WHERE {self._shown} {where}"
            " ORDER BY d.published IS NULL, d.published DESC, d.title, d.id LIMIT :limit OFFSET :offset",
            **values, limit=-1 if limit is None else limit, offset=offset)
        texts = joined(self.rows(BLOCKS, documents=row_numbers(rows)))
        return [document_of(row, texts) for row in rows]

    def count(self, ids: Iterable[str] | None = None, regions: Iterable[str] = (), years: Iterable[int] = (),
              issuers: Iterable[str] = (), words: Iterable[str] = ()) -> int:
        """How many documents pass the filters, which are those of :meth:`documents`."""
        where, values = _where(ids, regions, years, issuers, words)
        return self.rows(f"SELECT count(*) FROM documents d WHERE {self._shown} {where}", **values)[0][0]

    def document(self, document_id: str) -> Document:
        """:raises KeyError: no such document in this generation."""
        row = self._document_row(document_id, "d.*")
        return document_of(row, joined(self.rows(BLOCKS, documents=row_numbers([row]))))

    def entries(self, document_ids: Iterable[str]) -> dict[str, Entry]:
        """Catalogue entries by document id, without reading any text; ids of no document are left out."""
        where, values = _where(document_ids, (), (), ())
        rows = self.rows(
            f"SELECT d.id, d.source, {', '.join(METADATA)} FROM documents d WHERE {self._shown} {where}", **values)
        return {row["id"]: Entry(row["id"], row["source"], metadata_of(row)) for row in rows}

    def original(self, document_id: str) -> Original:
        """The file that the document was read from.

        :raises KeyError: no such document in this generation.
        """
        row = self._document_row(document_id, "r.original, d.path")
        return Original(self._home / row["original"], Path(row["path"]).name)

    def raw_text(self, document_id: str) -> str:
        """The extracted text that the document's raw offsets point into.

        :raises KeyError: no such document in this generation.
        """
        kept = self._document_row(document_id, "r.text")["text"]
        return self.original(document_id).read().decode() if kept == AS_ORIGINAL else unpacked(kept)

    def passages_of(self, document_id: str) -> list[Passage]:
        """All passages of a document, in order.

        :raises KeyError: no such document in this generation.
        """
        number = self._document_row(document_id, "d.row")["row"]
        ids = [row["id"] for row in self.rows("SELECT id FROM passages WHERE document = :row ORDER BY start, id", row=number)]
        return self.passages(ids)

    def passage_count(self, document_id: str) -> int:
        """:raises KeyError: no such document in this generation."""
        row = self._document_row(document_id, "(SELECT count(*) FROM passages p WHERE p.document = d.row) AS count")
        return row["count"]

    def live_passage_ids(self, ids: Iterable[str] | None = None, regions: Iterable[str] = (),
                         years: Iterable[int] = (), issuers: Iterable[str] = ()) -> np.ndarray:
        """int64 of shape ``(passages,)``, ascending: the passages of the documents that pass the filters."""
        where, values = _where(ids, regions, years, issuers)
        # As one string: making a row of each takes five times as long.
        [[found]] = self.rows(
            f"SELECT group_concat(p.id, ' ') FROM documents d JOIN passages p ON p.document = d.row WHERE {self._shown} {where}", **values)
        return np.sort(np.fromstring(found or "", np.int64, sep=" "))

    def passages(self, passage_ids: Iterable[int]) -> list[Passage]:
        """Passages in the order asked.

        :raises KeyError: an id is no passage of this generation.
        """
        ids = [int(i) for i in passage_ids]
        found = self._passages(ids)
        return [found[i][0] for i in ids]

    def iter_passages(self, passage_ids: Sequence[int]) -> Iterator[tuple[int, Passage, Metadata]]:
        """``(id, passage, metadata of its document)`` in the order asked, reading as it goes.

        :raises KeyError: an id is no passage of this generation.
        """
        for at in range(0, len(passage_ids), BATCH):
            ids = [int(i) for i in passage_ids[at:at + BATCH]]
            found = self._passages(ids)
            for i in ids:
                yield i, *found[i]

    def _passages(self, ids: list[int]) -> dict[int, tuple[Passage, Metadata]]:
        """Passages and their documents' metadata by passage id; a row for each block that a passage touches."""
        rows = self.rows(
            "SELECT p.id AS passage, p.start, p.stop, p.page, p.section, t.start AS begin, t.text, d.id,"
            f" {', '.join('d.' + name for name in METADATA)}"
            " FROM passages p JOIN documents d ON d.row = p.document"
            " JOIN texts t ON t.document = p.document AND t.start > p.start - :block AND t.start < p.stop"
            f" WHERE p.id IN {_LIST.format('wanted')} AND {self._shown} ORDER BY p.id, t.start",
            wanted=json.dumps(ids), block=BLOCK)
        return {i: _passage(list(blocks)) for i, blocks in groupby(rows, key=itemgetter("passage"))}

    def _document_row(self, document_id: str, columns: str) -> sqlite3.Row:
        rows = self.rows(
            f"SELECT {columns} FROM documents d JOIN raws r ON r.row = d.raw WHERE d.id = :id AND {self._shown}",
            id=document_id)
        if not rows:
            raise KeyError(document_id)
        return rows[0]

    def rows(self, statement: str, **values: object) -> list[sqlite3.Row]:
        """What a statement selects, ``:generation`` bound to this one."""
        with failures(self._path):
            return self._connect().execute(statement, values | {"generation": self.generation}).fetchall()


def _where(ids: Iterable[str] | None, regions: Iterable[str], years: Iterable[int],
           issuers: Iterable[str], words: Iterable[str] = ()) -> tuple[str, dict[str, str]]:
    """Conditions on a document ``d``, each beginning with AND, and their parameters."""
    wanted = {"ids": ("d.id", ids), "regions": ("d.region", tuple(regions) or None),
              "years": (YEAR, tuple(years) or None), "issuers": ("d.issuer", tuple(issuers) or None)}
    chosen = {name: (column, values) for name, (column, values) in wanted.items() if values is not None}
    conditions, spelt = spelling(words)
    conditions += [f"{column} IN {_LIST.format(name)}" for name, (column, _) in chosen.items()]
    return ("".join(f" AND {condition}" for condition in conditions),
            {name: json.dumps(list(values)) for name, (_, values) in chosen.items()} | spelt)


def spelling(words: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Conditions that each word stands in one of :data:`SEARCHED`, and their parameters."""
    values = {f"word{number}": f"%{_escaped(word)}%" for number, word in enumerate(words)}
    return ["(" + " OR ".join(f"{column} LIKE :{name} ESCAPE '\\'" for column in SEARCHED) + ")" for name in values], values


def _escaped(word: str) -> str:
    return "".join(f"\\{character}" if character in "\\%_" else character for character in word)


def row_numbers(rows: Iterable[sqlite3.Row]) -> str:
    """The parameter of :data:`BLOCKS` for rows of ``documents``."""
    return json.dumps([row["row"] for row in rows])


def joined(blocks: Iterable[sqlite3.Row]) -> dict[int, str]:
    """Whole texts by document row, from what :data:`BLOCKS` gives."""
    return {document: "".join(unpacked(block["text"]) for block in group)
            for document, group in groupby(blocks, key=itemgetter("document"))}


def document_of(row: sqlite3.Row, texts: dict[int, str]) -> Document:
    """A row of ``documents`` as a document; its text is looked up by the row's number."""
    return Document(
        id=row["id"], source=row["source"], text=texts[row["row"]], metadata=metadata_of(row),
        sections=tuple(Section(*values) for values in json.loads(unpacked(row["sections"]))),
        offsets=tuple(map(tuple, json.loads(row["offsets"]))),
        pages=tuple(map(tuple, json.loads(row["pages"]))))


def metadata_of(row: sqlite3.Row) -> Metadata:
    """The metadata columns of a row."""
    return Metadata(**{name: row[name] for name in METADATA})


def _passage(blocks: list[sqlite3.Row]) -> tuple[Passage, Metadata]:
    row = blocks[0]
    start, stop, begin = row["start"], row["stop"], row["begin"]
    text = "".join(unpacked(block["text"]) for block in blocks)[start - begin:stop - begin]
    return Passage(row["id"], start, stop, text, tuple(json.loads(row["section"])), row["page"]), metadata_of(row)
