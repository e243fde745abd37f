"""One run that changes the library: the writing side."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from corpus.corrections import Corrections
from corpus.database import BLOCK, failures
from corpus.document import Document, Extraction, Passage, check_passages
from corpus.original import kept as kept_original
from corpus.packing import packed
from corpus.snapshot import AS_ORIGINAL, BLOCKS, METADATA, document_of, joined, row_numbers
from corpus.withdrawals import Withdrawals

_NOW = "removed IS NULL"
SYNCED = 16  # originals that wait for the disk at the same time


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

    def __init__(self, connection: sqlite3.Connection, home: Path, path: Path) -> None:
        self._connection = connection
        self.home = home
        self._path = path
        self._written: dict[Path, Path] = {}  # originals, by the names that they are to have
        self._run("BEGIN IMMEDIATE")
        self._finished = self._one("SELECT value FROM state WHERE key = 'generation'")[0]
        self._next = self._finished + 1
        self._withdrawals, self._corrections = Withdrawals(self._run, self._next), Corrections(self._run)

    @property
    def generation(self) -> int:
        """The generation that this run ends in: the next one, or the last finished one while nothing has changed."""
        changed = self._one("SELECT EXISTS (SELECT 1 FROM documents WHERE added > ?1)"
                            " OR EXISTS (SELECT 1 FROM documents WHERE removed > ?1)"
                            " OR EXISTS (SELECT 1 FROM withdrawals WHERE since > ?1 OR until > ?1)", self._finished)[0]
        return self._next if changed else self._finished

    def commit(self) -> None:
        """Save what was done so far, whatever happens to the rest of the run."""
        self._keep_originals()
        self._run("COMMIT")
        self._run("BEGIN IMMEDIATE")

    def finish(self) -> None:
        """Make the run, if it changed anything, the generation that readers see from now on."""
        self._keep_originals()
        self._run("UPDATE state SET value = ? WHERE key = 'generation'", self.generation)
        self._run("COMMIT")

    def file(self, path: str) -> SourceFile | None:
        """The file as it was read last, None where the library has nothing of it."""
        row = self._one("SELECT * FROM files WHERE path = ?", path)
        return _file_of(row) if row else None

    def files_under(self, folder: str) -> list[SourceFile]:
        """Files of the library whose path lies in a folder, at any depth, in order of their paths."""
        prefix = folder.rstrip("/") + "/"
        return [_file_of(row) for row in self._run(
            "SELECT * FROM files WHERE path >= ? AND path < ? ORDER BY path",
            prefix, prefix[:-1] + "0")]  # "0" follows "/"

    def twins(self, file: SourceFile) -> list[SourceFile]:
        """Files with the same content and source as this one, at other paths."""
        return [_file_of(row) for row in self._run(
            "SELECT * FROM files WHERE sha256 = ? AND source = ? AND path <> ? ORDER BY path",
            file.sha256, file.source, file.path)]

    def copies(self, file: SourceFile) -> list[str]:
        """Ids of the documents that were read from the same content at other paths."""
        return [row["id"] for row in self._run(
            f"SELECT d.id FROM files f JOIN documents d ON d.path = f.path AND d.{_NOW} WHERE f.sha256 = ? AND f.path <> ?"
            " ORDER BY d.row", file.sha256, file.path)]

    def move(self, file: SourceFile, path: str, root: str, source: str | None = None) -> SourceFile:
        """Follow a file to the place that its folder was moved to, or under another name. Documents and their ids stay as
        they are."""
        moved = replace(file, path=path, root=root, source=source or file.source)
        self._run("UPDATE files SET path = ?, root = ?, source = ? WHERE path = ?", path, root, moved.source, file.path)
        self._run(f"UPDATE documents SET path = ? WHERE path = ? AND {_NOW}", path, file.path)
        return moved

    def file_of(self, document_id: str) -> SourceFile:
        """The file that a document was read from.

        :raises KeyError: no such document.
        """
        return self.file(self._live(document_id)["path"])

    def documents_of(self, path: str) -> list[str]:
        """Ids of the documents of a file, in the order in which they came in."""
        return [row["id"] for row in self._run(f"SELECT id FROM documents WHERE path = ? AND {_NOW} ORDER BY row", path)]

    def document_id(self, file: SourceFile, source: str, title: str, nth: int, is_only: bool = False) -> str:
        """The id of the n-th document (from 0) of that title and source in a file.

        The same for the same article on every machine, unless another ingested folder's file has taken it.

        :param is_only: it is the file's one document; where the library has one of that file, it is a new version of this.
        """
        if is_only and len(before := self.documents_of(file.path)) == 1:
            return before[0]
        plain = _digest(source, title, str(nth))
        salted = _digest(source, title, str(nth), file.root)
        holders = {i: self._one(f"SELECT path FROM documents WHERE id = ? AND {_NOW}", i) for i in (plain, salted)}
        own = [i for i, holder in holders.items() if holder and holder["path"] == file.path]
        return own[0] if own else salted if holders[plain] else plain

    def put(self, file: SourceFile, data: bytes, extractions: Sequence[Extraction]) -> bool:
        """Make the documents of a file these ones. Documents that say the same as before keep their passage ids.

        Corrections made by hand are applied to what comes in.

        :param data: the file's content, kept as the original.
        :returns: whether any document changed.
        :raises ValueError: a passage is not a slice of its document.
        """
        rows = self._run(
            f"SELECT d.*, r.original FROM documents d JOIN raws r ON r.row = d.raw WHERE path = ? AND {_NOW}", file.path)
        old = {row["id"]: (row, document) for row, document in zip(rows, self._documents(rows), strict=True)}
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
                self._keep(original, content)
                raw = self._insert("raws", original=original, text=AS_ORIGINAL if extraction.raw.encode() == data else packed(extraction.raw))
                for document, passages in extraction.documents:
                    self._store(document, passages, file.path, raw)
        self.note(file)
        return bool(gone) or any(extraction.documents for extraction in new)

    def note(self, file: SourceFile) -> None:
        """Remember how a file was found, and leave its documents as they are."""
        self._run("REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *astuple(file)[:-1], _json(file.problems))

    def remove_file(self, path: str) -> None:
        """Take a file and all its documents out. A file that the library does not know is none."""
        for row in self._run(f"SELECT row, added FROM documents WHERE path = ? AND {_NOW}", path):
            self._retire(row)
        self._run("DELETE FROM files WHERE path = ?", path)

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
            if not self._one(f"SELECT 1 FROM documents WHERE path = ? AND {_NOW}", row["path"]):
                self.remove_file(row["path"])

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
            self._store(after, passages, row["path"], row["raw"])

    def _live(self, document_id: str) -> sqlite3.Row:
        row = self._one(f"SELECT * FROM documents WHERE id = ? AND {_NOW}", document_id)
        if row is None:
            raise KeyError(document_id)
        return row

    def _documents(self, rows: list[sqlite3.Row]) -> list[Document]:
        with failures(self._path):
            texts = joined(self._connection.execute(BLOCKS, {"documents": row_numbers(rows)}))
        return [document_of(row, texts) for row in rows]

    def _same(self, row: sqlite3.Row, before: Document, document: Document, passages: Sequence[Passage],
              original: str) -> bool:
        """Whether a stored document says what the new one says. Where it stands in another version of the file does
        not matter: the stored one stays with the version that it was read from."""
        if row["original"] != original:
            document = replace(document, offsets=before.offsets)
        return document == before and list(passages) == self._passages(row, before)

    def _passages(self, row: sqlite3.Row, document: Document) -> list[Passage]:
        return [Passage(document.id, start, stop, document.text[start:stop], tuple(json.loads(section)), page)
                for start, stop, section, page in self._run(
                    "SELECT start, stop, section, page FROM passages WHERE document = ? ORDER BY id", row["row"])]

    def _store(self, document: Document, passages: Sequence[Passage], path: str, raw: int) -> None:
        check_passages(document, passages)
        row = self._insert(
            "documents", id=document.id, path=path, source=document.source, raw=raw, added=self._next,
            **{name: getattr(document.metadata, name) for name in METADATA},
            sections=packed(_json([astuple(section) for section in document.sections])), pages=_json(document.pages),
            offsets=_json(document.offsets))
        for start in range(0, max(1, len(document.text)), BLOCK):
            self._insert("texts", document=row, start=start, text=packed(document.text[start:start + BLOCK]))
        for passage in passages:
            self._insert("passages", document=row, start=passage.start, stop=passage.end, page=passage.page,
                         section=_json(passage.section))

    def _retire(self, row: sqlite3.Row) -> None:
        """End a document row's life; one that no finished generation has seen goes without a trace."""
        if row["added"] == self._next:
            self._run("DELETE FROM documents WHERE row = ?", row["row"])
        else:
            self._run("UPDATE documents SET removed = ? WHERE row = ?", self._next, row["row"])

    def _insert(self, table: str, **values: object) -> int:
        marks = ", ".join(f":{name}" for name in values)
        with failures(self._path):
            return self._connection.execute(
                f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", values).lastrowid

    def _keep(self, original: str, data: bytes) -> None:
        """Write an original, which has its name, whole, before a row that speaks of it is committed."""
        path = self.home / original
        if path in self._written or path.exists():
            return
        with failures(self._path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._written[path] = path.with_name(path.name + ".part")
            self._written[path].write_bytes(data)

    def _keep_originals(self) -> None:
        with failures(self._path), ThreadPoolExecutor(SYNCED) as pool:
            list(pool.map(_sync, self._written.values()))
            for path, part in self._written.items():
                part.replace(path)
        self._written.clear()

    def _one(self, statement: str, *values: object) -> sqlite3.Row | None:
        return next(iter(self._run(statement, *values)), None)

    def _run(self, statement: str, *values: object) -> list[sqlite3.Row]:
        with failures(self._path):
            return self._connection.execute(statement, values).fetchall()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _file_of(row: sqlite3.Row) -> SourceFile:
    return SourceFile(*row[:-1], problems=tuple(map(tuple, json.loads(row["problems"]))))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
