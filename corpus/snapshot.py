"""The library as it stood at one generation: the reading side."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import numpy as np
from sqlalchemy import (
    ColumnCollection,
    ColumnElement,
    Executable,
    Integer,
    Row,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
)

from corpus.document import Document, Metadata, Passage, Section
from corpus.original import Original
from corpus.packing import unpacked
from corpus.schema import BLOCK, among, documents, passages, raws, texts, withdrawals

METADATA = tuple(field.name for field in fields(Metadata))
_GENERATION = bindparam("generation")
BLOCKS = select(texts.c.document, texts.c.text).where(among(texts.c.document, "rows")).order_by(texts.c.document, texts.c.start)
KEPT = and_(documents.c.added <= _GENERATION, or_(documents.c.removed.is_(None), documents.c.removed > _GENERATION))
WITHDRAWN = exists().where(
    withdrawals.c.document == documents.c.id, withdrawals.c.since <= _GENERATION,
    or_(withdrawals.c.until.is_(None), withdrawals.c.until > _GENERATION)).correlate(documents)
LIVE = and_(KEPT, ~WITHDRAWN)
YEAR = func.coalesce(documents.c.report_year, cast(func.substr(documents.c.published, 1, 4), Integer))
SEARCHED = ("title", "issuer", "number", "source", "id")  # where words are looked for
AS_ORIGINAL = b""  # kept instead of an extracted text that is the file itself
BATCH = 500  # passages that iter_passages holds at a time
PASSAGES = select(func.count()).select_from(passages).where(passages.c.document == documents.c.row).scalar_subquery()  # of a document

_metadata = attrgetter(*METADATA)
_COLUMNS = [documents.c[name] for name in METADATA]
_SHOWN = {False: LIVE, True: KEPT}  # by whether withdrawn ones are among them
# What each question runs is made once: making a statement takes longer than to run it.
_ENTRIES = {withdrawn: select(documents.c.id, documents.c.source, *_COLUMNS).where(shown, among(documents.c.id, "ids"))
            for withdrawn, shown in _SHOWN.items()}
# A row for each block that a passage touches.
_PASSAGES = {withdrawn: (
    select(passages.c.id.label("passage"), passages.c.start, passages.c.stop, passages.c.page, passages.c.section,
           texts.c.start.label("begin"), texts.c.text, documents.c.id, *_COLUMNS)
    .join_from(passages, documents)
    .join(texts, and_(texts.c.document == passages.c.document, texts.c.start > passages.c.start - BLOCK, texts.c.start < passages.c.stop))
    .where(among(passages.c.id, "wanted"), shown).order_by(passages.c.id, texts.c.start)) for withdrawn, shown in _SHOWN.items()}


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

    Every method raises :class:`corpus.errors.DocumentError` where the library cannot be read.
    """

    def __init__(self, generation: int, home: Path, read: Callable[..., list[Row]], withdrawn: bool = False) -> None:
        self.generation = generation
        self._home = home
        self._read = read
        self._withdrawn, self._shown = withdrawn, _SHOWN[withdrawn]

    @property
    def with_withdrawn(self) -> "Snapshot":
        """The same, the documents that are withdrawn among the others."""
        return Snapshot(self.generation, self._home, self._read, withdrawn=True)

    def documents(self, offset: int = 0, limit: int | None = None, ids: Iterable[str] | None = None,
                  regions: Iterable[str] = (), years: Iterable[int] = (), issuers: Iterable[str] = (),
                  words: Iterable[str] = ()) -> list[Document]:
        """Documents that pass the filters, latest publication first, those without a date last.

        :param words: each stands in one of :data:`SEARCHED`.
        """
        where, values = _where(ids, regions, years, issuers, words)
        order = documents.c.published.desc().nulls_last(), documents.c.title, documents.c.id
        rows = self.rows(select(documents).where(self._shown, *where).order_by(*order).limit(limit).offset(offset), **values)
        return self._documents(rows)

    def count(self, ids: Iterable[str] | None = None, regions: Iterable[str] = (), years: Iterable[int] = (),
              issuers: Iterable[str] = (), words: Iterable[str] = ()) -> int:
        """How many documents pass the filters, which are those of :meth:`documents`."""
        where, values = _where(ids, regions, years, issuers, words)
        return self.rows(select(func.count()).select_from(documents).where(self._shown, *where), **values)[0][0]

    def document(self, document_id: str) -> Document:
        """:raises KeyError: no such document in this generation."""
        [document] = self._documents([self._document_row(document_id, documents)])
        return document

    def entries(self, document_ids: Iterable[str]) -> dict[str, Entry]:
        """Catalogue entries by document id, without reading any text; ids of no document are left out."""
        rows = self.rows(_ENTRIES[self._withdrawn], ids=document_ids)
        return {row[0]: Entry(row[0], row[1], Metadata(*row[2:])) for row in rows}

    def original(self, document_id: str) -> Original:
        """The file that the document was read from.

        :raises KeyError: no such document in this generation.
        """
        row = self._document_row(document_id, raws.c.original, documents.c.path)
        return Original(self._home / row.original, Path(row.path).name)

    def raw_text(self, document_id: str) -> str:
        """The extracted text that the document's raw offsets point into.

        :raises KeyError: no such document in this generation.
        """
        kept = self._document_row(document_id, raws.c.text).text
        return self.original(document_id).read().decode() if kept == AS_ORIGINAL else unpacked(kept)

    def passages_of(self, document_id: str) -> list[Passage]:
        """All passages of a document, in order.

        :raises KeyError: no such document in this generation.
        """
        row = self._document_row(document_id, documents.c.row).row
        found = self.rows(select(passages.c.id).where(passages.c.document == row).order_by(passages.c.start, passages.c.id))
        return self.passages(passage_id for [passage_id] in found)

    def passage_count(self, document_id: str) -> int:
        """:raises KeyError: no such document in this generation."""
        return self._document_row(document_id, PASSAGES.label("passages")).passages

    def live_passage_ids(self, ids: Iterable[str] | None = None, regions: Iterable[str] = (),
                         years: Iterable[int] = (), issuers: Iterable[str] = ()) -> np.ndarray:
        """int64 of shape ``(passages,)``, ascending: the passages of the documents that pass the filters."""
        where, values = _where(ids, regions, years, issuers)
        # As one string: making a row of each takes five times as long.
        joined = func.aggregate_strings(cast(passages.c.id, Text), " ")
        [[found]] = self.rows(select(joined).select_from(documents).join(passages).where(self._shown, *where), **values)
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
        rows = self.rows(_PASSAGES[self._withdrawn], wanted=ids)
        return {i: _passage(list(blocks)) for i, blocks in groupby(rows, key=attrgetter("passage"))}

    def _documents(self, rows: list[Row]) -> list[Document]:
        texts = joined(self.rows(BLOCKS, rows=[row.row for row in rows]))
        return [document_of(row, texts) for row in rows]

    def _document_row(self, document_id: str, *columns: object) -> Row:
        rows = self.rows(
            select(*columns).select_from(documents).join(raws).where(documents.c.id == bindparam("wanted"), self._shown), wanted=document_id)
        if not rows:
            raise KeyError(document_id)
        return rows[0]

    def rows(self, statement: Executable, **values: object) -> list[Row]:
        """What a statement selects, ``generation`` bound to this one."""
        return self._read(statement, generation=self.generation, **values)


def _where(ids: Iterable[str] | None, regions: Iterable[str], years: Iterable[int],
           issuers: Iterable[str], words: Iterable[str] = ()) -> tuple[list[ColumnElement], dict[str, list]]:
    """Conditions on a document, and their parameters."""
    wanted = {"ids": (documents.c.id, ids), "regions": (documents.c.region, tuple(regions) or None),
              "years": (YEAR, tuple(years) or None), "issuers": (documents.c.issuer, tuple(issuers) or None)}
    chosen = {name: (column, list(values)) for name, (column, values) in wanted.items() if values is not None}
    conditions = [among(column, name) for name, (column, _) in chosen.items()] + spelling(documents.c, words)
    return conditions, {name: values for name, (_, values) in chosen.items()}


def spelling(columns: ColumnCollection, words: Iterable[str]) -> list[ColumnElement]:
    """Conditions that each word stands in one of the columns :data:`SEARCHED`."""
    return [or_(*(columns[name].icontains(word, autoescape=True) for name in SEARCHED)) for word in words]


def joined(blocks: Iterable[Row]) -> dict[int, str]:
    """Whole texts by document row, from what :data:`BLOCKS` gives."""
    return {document: "".join(unpacked(block.text) for block in group)
            for document, group in groupby(blocks, key=attrgetter("document"))}


def document_of(row: Row, texts: dict[int, str]) -> Document:
    """A row of ``documents`` as a document; its text is looked up by the row's number."""
    return Document(
        id=row.id, source=row.source, text=texts[row.row], metadata=metadata_of(row),
        sections=tuple(Section(*values) for values in json.loads(unpacked(row.sections))),
        offsets=tuple(map(tuple, json.loads(row.offsets))), pages=tuple(map(tuple, json.loads(row.pages))))


def metadata_of(row: Row) -> Metadata:
    """The metadata columns of a row."""
    return Metadata(*_metadata(row))


def _passage(blocks: list[Row]) -> tuple[Passage, Metadata]:
    _, start, stop, page, section, begin, _, document_id, *metadata = blocks[0]
    text = "".join(unpacked(block.text) for block in blocks)[start - begin:stop - begin]
    return Passage(document_id, start, stop, text, tuple(json.loads(section)), page), Metadata(*metadata)
