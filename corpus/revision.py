"""One run that changes the library: the writing side."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from pathlib import Path

from sqlalchemy import (
    Connection,
    CursorResult,
    Executable,
    Row,
    Table,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    text,
    update,
)

from corpus.corrections import Corrections
from corpus.database import Database
from corpus.document import Document, Extraction, Passage, Section, check_passages
from corpus.original import Originals
from corpus.original import kept as kept_original
from corpus.packing import packed
from corpus.schema import BLOCK, NOW, documents, files, passages, raws, state, texts, withdrawals
from corpus.snapshot import AS_ORIGINAL, BLOCKS, METADATA, document_of, joined
from corpus.withdrawals import Withdrawals

_values = attrgetter(*(field.name for field in fields(Section)))  # dataclasses.astuple copies each
_THEIRS = documents.c.path == bindparam("wanted_path")
# What each file runs is made once: making a statement takes longer than to run it.
_FILE = select(files).where(files.c.path == bindparam("wanted_path"))
_IDS = select(documents.c.id).where(_THEIRS, NOW).order_by(documents.c.row)
_HOLDER = select(documents.c.path).where(documents.c.id == bindparam("wanted"), NOW)
_STORED = select(documents, raws.c.original).join(raws).where(_THEIRS, NOW)
_SLICES = (select(passages.c.start, passages.c.stop, passages.c.section, passages.c.page)
           .where(passages.c.document == bindparam("wanted")).order_by(passages.c.id))
_TWINS = (select(files).where(files.c.sha256 == bindparam("digest"), files.c.source == bindparam("named"), files.c.path != bindparam("wanted_path"))
          .order_by(files.c.path))
_FORGET = delete(files).where(files.c.path == bindparam("wanted_path"))
_INSERT = {table: insert(table) for table in (files, raws, documents, texts, passages)}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as the library knows it.

    :ivar path: absolute path on the machine that indexed it.
    :ivar root: absolute path of the ingested folder.
    :ivar source: path relative to that folder.
    :ivar sha256: of its content, in hex.
    :ivar size: bytes.
    :ivar mtime_ns: time of the last change, in nanoseconds.
    :ivar rules: names the rules by which it was read; other rules are a reason to read it again.
    :ivar texts: how many texts were read from it; 0 where it could not be read.
    :ivar problems: ``(name, code, message)`` of what could not be read: the file, or parts of it.
    """

    path: str
    root: str
    source: str
    sha256: str
    size: int
    mtime_ns: int
    rules: str
    texts: int = 1
    problems: tuple[tuple[str, str, str], ...] = ()


class Revision:
    """Changes that become visible together, as the next generation, when :meth:`Library.write` ends well.

    What :meth:`commit` saved stays saved when the run breaks off, unseen by readers; the next run goes on from there.

    :ivar home: the library's folder.
    """

    def __init__(self, connection: Connection, database: Database, home: Path) -> None:
        self._connection, self._database = connection, database
        self.home = home
        self._originals = Originals(home)
        self._run(text(database.begin))
        self._finished = self._run(select(state.c.value).where(state.c.key == "generation")).scalar_one()
        self._next = self._finished + 1
        self._withdrawals, self._corrections = Withdrawals(self._run, self._next), Corrections(self._run)

    @property
    def generation(self) -> int:
        """The generation that this run ends in: the next one, or the last finished one while nothing has changed."""
        since, until = withdrawals.c.since > self._finished, withdrawals.c.until > self._finished
        changes = (exists().where(documents.c.added > self._finished), exists().where(documents.c.removed > self._finished),
                   exists().where(or_(since, until)))
        return self._next if self._run(select(or_(*changes))).scalar_one() else self._finished

    def commit(self) -> None:
        """Save what was done so far, whatever happens to the rest of the run."""
        self._settle()
        self._run(text("COMMIT"))
        self._run(text(self._database.begin))

    def finish(self) -> None:
        """Make the run, if it changed anything, the generation that readers see from now on."""
        self._settle()
        self._run(update(state).where(state.c.key == "generation").values(value=self.generation))
        self._run(text("COMMIT"))

    def file(self, path: str) -> SourceFile | None:
        """The file as it was read last, None where the library has nothing of it."""
        row = self._run(_FILE, wanted_path=path).first()
        return _file_of(row) if row else None

    def files_under(self, folder: str) -> list[SourceFile]:
        """Files of the library whose path lies in a folder, at any depth, in order of their paths."""
        prefix = folder.rstrip("/") + "/"
        inside = files.c.path >= prefix, files.c.path < prefix[:-1] + "0"  # "0" follows "/"
        return [_file_of(row) for row in self._run(select(files).where(*inside).order_by(files.c.path))]

    def twins(self, file: SourceFile) -> list[SourceFile]:
        """Files with the same content and source as this one, at other paths."""
        return [_file_of(row) for row in self._run(_TWINS, digest=file.sha256, named=file.source, wanted_path=file.path)]

    def copies(self, file: SourceFile) -> list[str]:
        """Ids of the documents that were read from the same content at other paths."""
        same = files.c.sha256 == file.sha256, files.c.path != file.path
        held = select(documents.c.id).join(files, documents.c.path == files.c.path).where(*same, NOW).order_by(documents.c.row)
        return list(self._run(held).scalars())

    def move(self, file: SourceFile, path: str, root: str, source: str | None = None) -> SourceFile:
        """Follow a file to the place that its folder was moved to, or under another name. Documents and their ids stay as
        they are."""
        moved = replace(file, path=path, root=root, source=source or file.source)
        self._run(update(files).where(files.c.path == file.path).values(path=path, root=root, source=moved.source))
        self._run(update(documents).where(documents.c.path == file.path, NOW).values(path=path))
        return moved

    def file_of(self, document_id: str) -> SourceFile:
        """The file that a document was read from.

        :raises KeyError: no such document.
        """
        return self.file(self._live(document_id).path)

    def documents_of(self, path: str) -> list[str]:
        """Ids of the documents of a file, in the order in which they came in."""
        return list(self._run(_IDS, wanted_path=path).scalars())

    def document_id(self, file: SourceFile, source: str, title: str, nth: int, is_only: bool = False) -> str:
        """The id of the n-th document (from 0) of that title and source in a file.

        The same for the same article on every machine, unless another ingested folder's file has taken it.

        :param is_only: it is the file's one document; where the library has one of that file, it is a new version of this.
        """
        if is_only and len(before := self.documents_of(file.path)) == 1:
            return before[0]
        plain = _digest(source, title, str(nth))
        salted = _digest(source, title, str(nth), file.root)
        holders = {i: self._run(_HOLDER, wanted=i).scalar() for i in (plain, salted)}
        own = [i for i, holder in holders.items() if holder == file.path]
        return own[0] if own else salted if holders[plain] else plain

    def put(self, file: SourceFile, data: bytes, extractions: Sequence[Extraction]) -> bool:
        """Make the documents of a file these ones. Documents that say the same as before keep their passage ids.

        Corrections made by hand are applied to what comes in.

        :param data: the file's content, kept as the original.
        :returns: whether any document changed.
        :raises ValueError: a passage is not a slice of its document.
        """
        rows = self._run(_STORED, wanted_path=file.path).all()
        old = {row.id: (row, document) for row, document in zip(rows, self._documents(rows), strict=True)}
        place, content = kept_original(file.sha256, Path(file.path).suffix.lower(), data)
        original = place.as_posix()
        made = [Extraction(extraction.raw, [(self._corrections.apply(document), passages)
                                            for document, passages in extraction.documents])
                for extraction in extractions]
        kept = {document.id for extraction in made for document, passages in extraction.documents
                if document.id in old and self._same(*old[document.id], document, passages, original)}
        gone = [row for document_id, (row, _) in old.items() if document_id not in kept]
        for row in gone:
            self._retire(row)
        new = [Extraction(extraction.raw, [pair for pair in extraction.documents if pair[0].id not in kept])
               for extraction in made]
        for extraction in new:
            if extraction.documents:
                with self._database.failures():
                    self._originals.add(place, content)
                raw = self._insert(raws, original=original, text=AS_ORIGINAL if extraction.raw.encode() == data else packed(extraction.raw))
                for document, passages in extraction.documents:
                    self._store(document, passages, file.path, raw)
        self.note(file)
        return bool(gone) or any(extraction.documents for extraction in new)

    def note(self, file: SourceFile) -> None:
        """Remember how a file was found, and leave its documents as they are."""
        self._run(_FORGET, wanted_path=file.path)
        self._insert(files, **{column.name: getattr(file, column.name) for column in files.c} | {"problems": _json(file.problems)})

    def remove_file(self, path: str) -> None:
        """Take a file and all its documents out. A file that the library does not know is none."""
        for row in self._run(select(documents.c.row, documents.c.added).where(_THEIRS, NOW), wanted_path=path).all():
            self._retire(row)
        self._run(_FORGET, wanted_path=path)

    def remove(self, document_ids: Iterable[str]) -> None:
        """Withdraw documents: they are kept as they are, and answer nothing until they are restored, also where their file
        is indexed again.

        :raises KeyError: no such document.
        """
        for document_id in document_ids:
            self._live(document_id)
            self._withdrawals.begin(document_id)

    def restore(self, document_ids: Iterable[str]) -> None:
        """Take back that documents were withdrawn; one that is not stays as it is.

        :raises KeyError: no such document.
        """
        for document_id in document_ids:
            self._live(document_id)
            self._withdrawals.end(document_id)

    def purge(self, document_ids: Iterable[str]) -> None:
        """Take documents out for good, with what was corrected by hand. They come back when their file has changed and is
        indexed again, or, where the file has no document left, as soon as it is indexed again.

        :raises KeyError: no such document.
        """
        for document_id in document_ids:
            row = self._live(document_id)
            self._retire(row)
            self._withdrawals.end(document_id)
            self._corrections.forget(document_id)
            if not self.documents_of(row.path):
                self.remove_file(row.path)

    def correct(self, document_id: str, **values: str | int | None) -> None:
        """Set fields of a document's metadata by hand, now and whenever the document is indexed again.

        :raises KeyError: no such document.
        :raises DocumentError: ``field_unknown`` or ``field_invalid``.
        """
        row = self._live(document_id)
        for field, value in values.items():
            self._corrections.set(document_id, field, value)
        [before] = self._documents([row])
        after = self._corrections.apply(before)
        if after != before:
            passages = self._passages(row, before)
            self._retire(row)
            self._store(after, passages, row.path, row.raw)

    def _live(self, document_id: str) -> Row:
        row = self._run(select(documents).where(documents.c.id == document_id, NOW)).first()
        if row is None:
            raise KeyError(document_id)
        return row

    def _documents(self, rows: Sequence[Row]) -> list[Document]:
        texts = joined(self._run(BLOCKS, rows=[row.row for row in rows])) if rows else {}
        return [document_of(row, texts) for row in rows]

    def _same(self, row: Row, before: Document, document: Document, passages: Sequence[Passage],
              original: str) -> bool:
        """Whether a stored document says what the new one says. Where it stands in another version of the file does
        not matter: the stored one stays with the version that it was read from."""
        if row.original != original:
            document = replace(document, offsets=before.offsets)
        return document == before and list(passages) == self._passages(row, before)

    def _passages(self, row: Row, document: Document) -> list[Passage]:
        return [Passage(document.id, start, stop, document.text[start:stop], tuple(json.loads(section)), page)
                for start, stop, section, page in self._run(_SLICES, wanted=row.row)]

    def _store(self, document: Document, cut: Sequence[Passage], path: str, raw: int) -> None:
        check_passages(document, cut)
        row = self._insert(
            documents, id=document.id, path=path, source=document.source, raw=raw, added=self._next,
            **{name: getattr(document.metadata, name) for name in METADATA},
            sections=packed(_json([_values(section) for section in document.sections])), pages=_json(document.pages),
            offsets=_json(document.offsets))
        self._insert_all(texts, [
            {"document": row, "start": start, "text": packed(document.text[start:start + BLOCK])}
            for start in range(0, max(1, len(document.text)), BLOCK)])
        self._insert_all(passages, [
            {"document": row, "start": passage.start, "stop": passage.end, "page": passage.page, "section": _json(passage.section)}
            for passage in cut])

    def _retire(self, row: Row) -> None:
        """End a document row's life; one that no finished generation has seen goes without a trace."""
        theirs = documents.c.row == row.row
        self._run(delete(documents).where(theirs) if row.added == self._next else update(documents).where(theirs).values(removed=self._next))

    def _insert(self, table: Table, **values: object) -> int:
        """Its number, where the table counts its rows."""
        return self._run(_INSERT[table], **values).inserted_primary_key[0]

    def _insert_all(self, table: Table, rows: list[dict[str, object]]) -> None:
        if rows:
            with self._database.failures():
                self._connection.execute(_INSERT[table], rows)

    def _settle(self) -> None:
        with self._database.failures():
            self._originals.settle()

    def _run(self, statement: Executable, **values: object) -> CursorResult:
        with self._database.failures():
            return self._connection.execute(statement, values)


def _file_of(row: Row) -> SourceFile:
    return SourceFile(*row[:-1], problems=tuple(map(tuple, json.loads(row.problems))))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # json.dumps makes one each time
