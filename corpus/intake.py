"""Files and folders into the library: find, read, split, describe, outline, cut, store."""

import hashlib
import importlib.util
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path, PurePosixPath

from corpus import readers
from corpus.articles import Article, split
from corpus.document import Document, RawText, check_passages
from corpus.errors import DocumentError
from corpus.metadata import describe
from corpus.outline import outline
from corpus.passages import cut
from corpus.paths import FoundFile, find, unreadable
from corpus.readers import problems
from corpus.revision import Extraction, Revision, SourceFile

FILES_PER_COMMIT = 32  # what a broken-off run has to read again at most
READ, REPAIRED, CUT = "read", "repaired", "cut"  # what becomes of a file, counted in characters, documents, passages

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
    :param progress: called with files done, files in all and the next file's name; at the end with an empty name.
    :param max_bytes: the largest file taken.
    :param reached: called as a file is read, repaired and cut.
    :raises DocumentError: the library cannot be written.
    """
    summary = IntakeSummary()
    found = find(paths, passing_over=writer.home)
    for name, error in found.problems:
        summary.skip(name, error)
    for done, file in enumerate(found.files.values()):
        progress(done, len(found.files), file.source)
        _take_in_file(writer, file, summary, max_bytes, reached)
        if done % FILES_PER_COMMIT == FILES_PER_COMMIT - 1:
            writer.commit()
    for known in (file for folder in found.folders for file in writer.files_under(folder)):
        if found.misses(known.path):
            writer.remove_file(known.path)
            summary.removed.append(known.source)
    progress(len(found.files), len(found.files), "")
    return summary


def _take_in_file(writer: Revision, found: FoundFile, summary: IntakeSummary, max_bytes: int, reached: Reached) -> None:
    known = writer.file(found.path)
    try:
        file, data = _load(found, known, max_bytes)
    except DocumentError as error:
        summary.skip(found.source, error)
        return
    known = known or _moved(writer, file)
    if known and (known.sha256, known.rules) == (file.sha256, file.rules):
        file = replace(known, mtime_ns=file.mtime_ns)
        if file != known:
            writer.note(file)
        summary.unchanged += [file.source] if file.texts else []
    else:
        file = _store(writer, file, data, summary, max_bytes, reached, is_new=known is None)
    summary.skipped += [Skipped(*problem) for problem in file.problems]


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


def _store(writer: Revision, file: SourceFile, data: bytes, summary: IntakeSummary, max_bytes: int, reached: Reached,
           is_new: bool) -> SourceFile:
    """Read a file and put its documents into the library; without any, leave those that it had."""
    try:
        reading = readers.read(file.source, data, max_bytes)
        reached(file.path, READ, sum(len(raw.text) for raw in reading.texts))
        extractions = _extract(writer, file, reading.texts, reached)
        if not extractions and not reading.problems:
            raise problems.empty()
    except DocumentError as error:
        extractions, found = [], ((file.source, error.code, error.message),)
    else:
        found = tuple((problem.name, problem.error.code, problem.error.message) for problem in reading.problems)
    file = replace(file, texts=len(extractions), problems=found)
    if not extractions:
        writer.note(file)
        return file
    changed = writer.put(file, data, extractions)
    (summary.added if is_new else summary.updated if changed else summary.unchanged).append(file.source)
    if is_new or changed:
        documents = [made for extraction in extractions for made in extraction.documents]
        summary.documents += len(documents)
        summary.passages += sum(len(passages) for _, passages in documents)
    return file


def _extract(writer: Revision, file: SourceFile, texts: Iterable[RawText], reached: Reached) -> list[Extraction]:
    """The documents in each text that has any.

    :raises DocumentError: ``text_invalid``.
    """
    titles: Counter[tuple[str, str]] = Counter()
    extractions = []
    found = [(raw, [article for article in split(raw) if article.text.strip()]) for raw in texts]
    count = sum(len(articles) for _, articles in found)
    reached(file.path, REPAIRED, count)
    for raw, articles in found:
        made = []
        for document in _placed([_document(writer, file, raw, article, titles, len(articles) == 1, count == 1)
                                 for article in articles]):
            passages = cut(document)
            try:
                check_passages(document, passages)
                raw.text.encode()
            except ValueError as error:  # a UnicodeEncodeError is one, too
                raise DocumentError(
                    "text_invalid",
                    "文件中的文字无法正确处理，请换一种格式重新导出后提供。"
                    " The file's text cannot be handled; export it in another format and supply it again.",
                    reason=str(error)) from error
            made.append((document, passages))
        extractions += [Extraction(raw.text, made)] if made else []
    reached(file.path, CUT, sum(len(passages) for extraction in extractions for _, passages in extraction.documents))
    return extractions


def _document(writer: Revision, file: SourceFile, raw: RawText, article: Article, titles: Counter[tuple[str, str]],
              is_text: bool, is_file: bool) -> Document:
    """An article as a document.

    :param titles: how often a source and title occurred in the file before.
    :param is_text: the text is this one article; then what the file states of itself is said of the article.
    :param is_file: the file is this one article.
    """
    stated = (article.notes | raw.metadata if is_text
              else {key: value for key, value in raw.metadata.items() if key != "title"} | article.notes)
    metadata = describe(article.text, article.title, stated)
    if not metadata.title:
        metadata = replace(metadata, title=PurePosixPath(raw.name).stem)
    key = (raw.name, metadata.title)
    document_id = writer.document_id(file, *key, titles[key], is_file)
    titles[key] += 1
    return Document(document_id, raw.name, article.text, metadata, outline(article.text, article.headings),
                    article.offsets, article.pages)


def _placed(documents: list[Document]) -> list[Document]:
    """Articles of one page that name no place are of the place that all the others are of."""
    places = {document.metadata.region for document in documents} - {None}
    if len(places) != 1:
        return documents
    return [replace(document, metadata=replace(document.metadata, region=document.metadata.region or min(places)))
            for document in documents]


@cache
def _rules() -> str:
    """Changes when the program may read a file otherwise than before."""
    package = Path(__file__).parent
    digest = hashlib.sha256(b"ocr" if importlib.util.find_spec("rapidocr") else b"")
    for path in sorted((*package.rglob("*.py"), *package.glob("data/*.*"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
