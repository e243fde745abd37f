"""The nouns of the corpus: what a file says, and the documents, sections and passages made of it.

Offsets are ``[start, end)`` in characters, of a document's clean text where they are not said to be raw.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from corpus.mapping import Pairs, raw_of


@dataclass(frozen=True, slots=True)
class RawText:
    """What a reader made of one file: its text as extracted, before any repair.

    :ivar name: the file's path relative to the ingested folder; members of an archive are ``a.zip/inner.txt``.
    :ivar text: extracted text. Headings the format knows are Markdown headings (``# ``), a table row is one line.
    :ivar format: ``text``, ``markdown``, ``html``, ``pdf``, ``docx``, ``sheet`` or ``image``.
    :ivar pages: ``(page number, offset in this text at which it begins)``, in order; empty where there are no pages.
    :ivar metadata: what the file states about itself (front matter, HTML meta tags): any of
        ``title``, ``issuer``, ``region``, ``published``, ``report_year``, ``number``, ``source``, ``url``.
    """

    name: str
    text: str
    format: str
    pages: tuple[tuple[int, int], ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, its subsections included.

    :ivar heading: the heading as it stands in the text, without surrounding white space or Markdown marks.
    :ivar level: 1 for the outermost headings of a document, counting up inwards.
    :ivar start: offset of the heading's first character.
    :ivar body: offset at which the text under the heading begins.
    :ivar end: offset just past the last character of the section.
    """

    heading: str
    level: int
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who says it, of where, and when.

    :ivar published: ISO date (``2021-03-23``; ``2021-03`` or ``2021`` where no more is known) or None.
    :ivar report_year: the year the document reports on, or None where it speaks of no single year. A work report
        delivered in March 2021 that reviews 2020 has report year 2020.
    :ivar number: the document number (文号), such as ``许政〔2020〕12号``.
    :ivar origin: the original publication that the file names as its own source, in words.
    """

    title: str
    issuer: str | None = None
    region: str | None = None
    published: str | None = None
    report_year: int | None = None
    number: str | None = None
    origin: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One article of one file, repaired. Its text is never edited; a revision is another document version.

    :ivar id: stable for the same article of the same source, 12 hex digits.
    :ivar source: path of the file relative to the ingested folder; articles of one file share it.
    :ivar offsets: ``(clean offset, raw offset)`` pairs, ascending in the clean offset; between two pairs both sides
        run in step. Raw offsets point into :class:`RawText`'s ``text``.
    :ivar pages: ``(page number, clean offset at which text of that page begins)``, ascending in the offset.
    """

    id: str
    source: str
    text: str
    metadata: Metadata
    sections: tuple[Section, ...] = ()
    offsets: Pairs = ((0, 0),)
    pages: tuple[tuple[int, int], ...] = ()

    def raw_offset(self, offset: int) -> int:
        """The raw offset of a clean one."""
        return raw_of(self.offsets, offset)

    def page(self, offset: int) -> int | None:
        """The number of the page on which a clean offset lies, None where the format has no pages."""
        at = max(0, bisect_right(self.pages, offset, key=itemgetter(1)) - 1)
        return self.pages[at][0] if self.pages else None

    def section_path(self, offset: int) -> tuple[str, ...]:
        """Headings above a clean offset, outermost first; the heading's own offsets count as inside it."""
        return tuple(s.heading for s in self.sections if s.start <= offset < s.end)


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one document, the unit that is indexed and retrieved.

    :ivar section: headings above it, outermost first; context for the index, no part of the quotable text.
    """

    document_id: str
    start: int
    end: int
    text: str
    section: tuple[str, ...] = ()
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """One extracted text of a file, and the documents made of it, each with its passages."""

    raw: str
    documents: Sequence[tuple[Document, Sequence[Passage]]]


def check_passages(document: Document, passages: Sequence[Passage]) -> None:
    """Hold the first invariant.

    :raises ValueError: a passage's text is not the slice of the document that it claims.
    """
    for passage in passages:
        if document.text[passage.start:passage.end] != passage.text:
            raise ValueError(f"passage [{passage.start}, {passage.end}) of {document.id} is not a slice of it")
