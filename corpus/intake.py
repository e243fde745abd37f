"""Files and folders into the library: found, looked at, what is new in them extracted and stored."""

import hashlib
import importlib.util
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

from corpus import readers
from corpus.document import Extraction
from corpus.errors import DocumentError
from corpus.extraction import Extracted, extract
from corpus.paths import FoundFile, find, unreadable
from corpus.processes import available, spread
from corpus.revision import Revision, SourceFile

FILES_PER_COMMIT = 32  # what a broken-off run has to read again at most
MANY = 2_000_000  # bytes that are read here before processes, which take a second to start, read the rest

Reached = Callable[[str, str, int], None]  # a file's path, how far it has come, and the count


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a part of one, that gave no documents.

    :ivar name: relative path; ``a.zip/inner.txt`` for a member of an archive.
    :ivar code: as in :class:`corpus.errors.DocumentError`.
    :ivar message: for the user, Chinese and English.
    """

    name: str
    code: str
    message: str


@dataclass(slots=True)
class IntakeSummary:
    """What a run found. ``added``, ``updated``, ``unchanged`` and ``removed`` hold files by their relative paths.

    :ivar documents: how many documents the added and updated files hold.
    :ivar passages: how many passages those have.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    documents: int = 0
    passages: int = 0

    def skip(self, name: str, error: DocumentError) -> None:
        """Note what was left out, and why."""
        self.skipped.append(Skipped(name, error.code, error.message))


def take_in(writer: Revision, paths: Iterable[Path | str],
            progress: Callable[[int, int, str], None] = lambda done, total, name: None,
            max_bytes: int = readers.MAX_BYTES, reached: Reached = lambda path, stage, count: None) -> IntakeSummary:
    """Make the library's share of these files and folders what they are now.

    New and changed files are read; files that are gone from a folder are taken out. A file that cannot be read leaves
    the rest, and what the library had of it, as they are. A file that the library knows keeps the root and the source
    that it came in with, so folders may overlap.

    :param writer: from ``library.write()``; work is saved every few files.
    :param progress: called with files done or being read, files in all and the next file's name; at the end with an empty name.
    :param max_bytes: the largest file taken.
    :param reached: called as a file is read, repaired and cut; not of the files that other processes read.
    :raises DocumentError: the library cannot be written.
    """
    summary = IntakeSummary()
    found = find(paths, passing_over=writer.home)
    for name, error in found.problems:
        summary.skip(name, error)
    files = _loaded(writer, list(found.files.values()), progress, max_bytes)
    for done, (loaded, extracted) in enumerate(_extracted(files, max_bytes, reached)):
        _store(writer, loaded, extracted, summary)
        if done % FILES_PER_COMMIT == FILES_PER_COMMIT - 1:
            writer.commit()
    for known in (file for folder in found.folders for file in writer.files_under(folder)):
        if found.misses(known.path):
            writer.remove_file(known.path)
            summary.removed.append(known.source)
    progress(len(found.files), len(found.files), "")
    return summary


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A file as it was found and as it is now.

    :ivar known: as the library has it; None for a new one.
    :ivar file: as it is now; ``known`` where it was looked at already, None where it cannot be loaded.
    :ivar data: its content, where that is not what the library has read.
    """

    found: FoundFile
    known: SourceFile | None
    file: SourceFile | None = None
    data: bytes | None = None
    error: DocumentError | None = None


def _loaded(writer: Revision, files: Sequence[FoundFile], progress: Callable[[int, int, str], None], max_bytes: int) -> Iterator[_Loaded]:
    for done, found in enumerate(files):
        progress(done, len(files), found.source)
        known = writer.file(found.path)
        try:
            file, data = _load(found, known, max_bytes)
        except DocumentError as error:
            yield _Loaded(found, known, error=error)
            continue
        known = known or _moved(writer, file)
        is_same = known is not None and (known.sha256, known.rules) == (file.sha256, file.rules)
        yield _Loaded(found, known, file, None if is_same else data)


def _load(found: FoundFile, known: SourceFile | None, max_bytes: int) -> tuple[SourceFile, bytes]:
    """The file as it is now, and its content; what was looked at already is not loaded again.

    :raises DocumentError: ``file_too_large`` or ``file_unreadable``.
    """
    try:
        status = os.stat(found.path)
        readers.check_size(status.st_size, max_bytes)
        if known and (known.size, known.mtime_ns, known.rules) == (status.st_size, status.st_mtime_ns, _rules()):
            return known, b""
        data = Path(found.path).read_bytes()
    except OSError as error:
        raise unreadable(error) from error
    place = known or found
    return SourceFile(found.path, place.root, place.source, hashlib.sha256(data).hexdigest(), len(data),
                      status.st_mtime_ns, _rules()), data


def _moved(writer: Revision, file: SourceFile) -> SourceFile | None:
    """A new file as the library knows it from a path where it is no more, such as when its folder was moved."""
    gone = [twin for twin in writer.twins(file) if not os.path.exists(twin.path)]
    return writer.move(gone[0], file.path, file.root) if gone else None


def _extracted(files: Iterator[_Loaded], max_bytes: int, reached: Reached) -> Iterator[tuple[_Loaded, Extracted | None]]:
    """Each file with what it says, where that is to be read: the first ones here, and if there are many, the others by processes."""
    size = 0
    for loaded in files:
        data = loaded.data
        yield loaded, None if data is None else extract(loaded.file.source, data, max_bytes, partial(reached, loaded.file.path))
        size += len(data or b"")
        if size >= MANY and available() > 1:
            yield from spread(partial(_extract, max_bytes), files, available())


def _extract(max_bytes: int, loaded: _Loaded) -> tuple[_Loaded, Extracted | None]:
    return loaded, None if loaded.data is None else extract(loaded.file.source, loaded.data, max_bytes)


def _store(writer: Revision, loaded: _Loaded, extracted: Extracted | None, summary: IntakeSummary) -> None:
    """Put what a file says into the library, and into the summary what became of it."""
    file, known = loaded.file, loaded.known
    if file is None:
        summary.skip(loaded.found.source, loaded.error)
        return
    if extracted is None:
        file = replace(known, mtime_ns=file.mtime_ns)
        if file != known:
            writer.note(file)
        summary.unchanged += [file.source] if file.texts else []
    else:
        file = replace(file, texts=len(extracted.extractions), problems=extracted.problems)
        _put(writer, file, loaded.data, extracted.extractions, summary, is_new=known is None)
    summary.skipped += [Skipped(*problem) for problem in file.problems]


def _put(writer: Revision, file: SourceFile, data: bytes, extractions: Sequence[Extraction], summary: IntakeSummary, is_new: bool) -> None:
    """The documents of a file into the library; without any, leave those that it had."""
    if not extractions:
        writer.note(file)
        return
    changed = writer.put(file, data, _identified(writer, file, extractions))
    (summary.added if is_new else summary.updated if changed else summary.unchanged).append(file.source)
    if is_new or changed:
        documents = [made for extraction in extractions for made in extraction.documents]
        summary.documents += len(documents)
        summary.passages += sum(len(passages) for _, passages in documents)


def _identified(writer: Revision, file: SourceFile, extractions: Sequence[Extraction]) -> list[Extraction]:
    """The same, each document with its id."""
    titles: Counter[tuple[str, str]] = Counter()
    is_file = sum(len(extraction.documents) for extraction in extractions) == 1
    found = []
    for extraction in extractions:
        made = []
        for document, passages in extraction.documents:
            key = (document.source, document.metadata.title)
            document_id = writer.document_id(file, *key, titles[key], is_file)
            titles[key] += 1
            made.append((replace(document, id=document_id), [replace(passage, document_id=document_id) for passage in passages]))
        found.append(Extraction(extraction.raw, made))
    return found


@cache
def _rules() -> str:
    """Changes when the program may read a file otherwise than before."""
    package = Path(__file__).parent
    digest = hashlib.sha256(b"ocr" if importlib.util.find_spec("rapidocr") else b"")
    for path in sorted((*package.rglob("*.py"), *package.glob("data/*.*"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
