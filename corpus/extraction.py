"""What a file says: its texts, and the documents and passages in each, before the library gives them ids."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from corpus import readers
from corpus.articles import Article, split
from corpus.document import Document, Extraction, Passage, RawText, check_passages
from corpus.errors import DocumentError
from corpus.metadata import describe
from corpus.outline import outline
from corpus.passages import cut
from corpus.readers import problems

READ, REPAIRED, CUT = "read", "repaired", "cut"  # what becomes of a file, counted in characters, documents, passages

Stage = Callable[[str, int], None]  # how far a file has come, and the count


@dataclass(frozen=True, slots=True)
class Extracted:
    """All that a file gave. Its documents have no id.

    :ivar problems: ``(name, code, message)`` of what could not be read: the file, or parts of it.
    """

    extractions: tuple[Extraction, ...] = ()
    problems: tuple[tuple[str, str, str], ...] = ()


def extract(source: str, data: bytes, max_bytes: int, reached: Stage = lambda stage, count: None) -> Extracted:
    """Read a file, repair what it says, and cut it into documents and passages.

    :param source: the file's name, with its folders.
    :param max_bytes: the largest file taken, and the largest member of an archive.
    :param reached: called as it is read, repaired and cut.
    """
    try:
        reading = readers.read(source, data, max_bytes)
        reached(READ, sum(len(raw.text) for raw in reading.texts))
        extractions = _extractions(reading.texts, reached)
        if not extractions and not reading.problems:
            raise problems.empty()
    except DocumentError as error:
        return Extracted((), ((source, error.code, error.message),))
    return Extracted(extractions, tuple((problem.name, problem.error.code, problem.error.message) for problem in reading.problems))


def _extractions(texts: Sequence[RawText], reached: Stage) -> tuple[Extraction, ...]:
    """The documents in each text that has any.

    :raises DocumentError: ``text_invalid``.
    """
    found = [(raw, [article for article in split(raw) if article.text.strip()]) for raw in texts]
    reached(REPAIRED, sum(len(articles) for _, articles in found))
    made = [Extraction(raw.text, [(document, _passages(document, raw)) for document in _documents(raw, articles)])
            for raw, articles in found if articles]
    reached(CUT, sum(len(passages) for extraction in made for _, passages in extraction.documents))
    return tuple(made)


def _documents(raw: RawText, articles: Sequence[Article]) -> list[Document]:
    """Articles as documents; those that name no place are of the place that all the others of the text are of."""
    documents = [_document(raw, article, is_text=len(articles) == 1) for article in articles]
    places = {document.metadata.region for document in documents} - {None}
    if len(places) != 1:
        return documents
    return [replace(document, metadata=replace(document.metadata, region=document.metadata.region or min(places)))
            for document in documents]


def _document(raw: RawText, article: Article, is_text: bool) -> Document:
    """An article as a document.

    :param is_text: the text is this one article; then what the file states of itself is said of the article.
    """
    stated = (article.notes | raw.metadata if is_text
              else {key: value for key, value in raw.metadata.items() if key != "title"} | article.notes)
    metadata = describe(article.text, article.title, stated)
    if not metadata.title:
        metadata = replace(metadata, title=PurePosixPath(raw.name).stem)
    return Document("", raw.name, article.text, metadata, outline(article.text, article.headings), article.offsets, article.pages)


def _passages(document: Document, raw: RawText) -> list[Passage]:
    """:raises DocumentError: ``text_invalid``."""
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
    return passages
