"""A report laid out for reading: its parts, headings, paragraphs, page numbers and the marked place."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from operator import attrgetter

from corpus.document import Document, Section

PART = 45_000  # bytes of a part as HTML
TAGS = 60  # bytes that a paragraph takes besides its text
FULL = 0.7  # of a part, from where on a heading begins another
LONGEST_RUN = 5_000  # characters in one paragraph
HEADINGS = 120  # in a table of contents
LONGEST_HEADING = 60  # characters of a heading in it

_MARKER = re.compile(r"第\w{1,6}条|[（(]?[一二三四五六七八九十百零〇\d.]{1,6}[）)、.．]*|[①-⑳]")  # a heading without words
_HASHES = re.compile(r"#{1,6}\s+")

Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph.

    :ivar level: 1 to 6 for a heading, 0 for a paragraph.
    :ivar start: offset of its first character in the document.
    :ivar lead: a short marker that the paragraph begins with.
    :ivar pieces: its text in order, each piece with whether it is marked.
    :ivar page: number of the page that begins in it, or None.
    """

    level: int
    start: int
    lead: Pieces
    pieces: Pieces
    page: int | None

    @property
    def marked(self) -> bool:
        """Whether any of it is marked."""
        return any(marked for _, marked in self.lead + self.pieces)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a document that is shown at once: ``[start, end)``. :ivar number: from 1."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a table of contents.

    :ivar start: offset of the heading in the document.
    :ivar present: whether what is shown stands under it, and under none of the others within it.
    """

    heading: str
    level: int
    start: int
    present: bool


def mark(text: str, spans: Sequence[tuple[int, int]], start: int = 0, end: int | None = None) -> Pieces:
    """``text[start:end]`` cut into pieces, those inside any span marked.

    :param spans: ``[start, end)`` in ``text``; they may overlap and reach beyond ``[start, end)``.
    """
    end = len(text) if end is None else end
    inside = [(max(a, start), min(b, end)) for a, b in spans if max(a, start) < min(b, end)]
    cuts = sorted({start, end, *(offset for span in inside for offset in span)})
    pieces: list[tuple[str, bool]] = []
    for a, b in zip(cuts, cuts[1:], strict=False):
        marked = any(low <= a and b <= high for low, high in inside)
        if pieces and pieces[-1][1] == marked:
            pieces[-1] = (pieces[-1][0] + text[a:b], marked)
        else:
            pieces.append((text[a:b], marked))
    return tuple(pieces)


def lay_out(document: Document, start: int = 0, end: int = 0, part: Part | None = None) -> list[Block]:
    """The blocks of a document, or of a part of it, ``[start, end)`` marked. White space between blocks is dropped,
    nothing else."""
    first, last = (part.start, part.end) if part else (0, len(document.text))
    sections = {section.start: section for section in document.sections}
    pages = [(document.page(first), first)] if document.pages and first else []
    pages += [(number, at) for number, at in document.pages if first <= at < last]
    blocks: list[Block] = []
    lead: tuple[int, int] | None = None
    for a, b in _runs(document):
        if not first <= a < last:
            continue
        section = sections.get(a)
        if section is not None and _is_marker(section, document.text):
            lead = (lead[0] if lead else a, b)
            continue
        begin = lead[0] if lead else a
        page = None
        while pages and pages[0][1] < b:
            page = pages.pop(0)[0]
        hashes = _HASHES.match(document.text, a, b) if begin == a else None
        blocks.append(Block(
            level=min(section.level, 6) if section else 0, start=begin, page=page,
            lead=mark(document.text, [(start, end)], *lead) if lead else (),
            pieces=mark(document.text, [(start, end)], hashes.end() if hashes else a, b)))
        lead = None
    if lead:
        blocks.append(Block(0, lead[0], mark(document.text, [(start, end)], *lead), (), None))
    return blocks


def parts(document: Document) -> tuple[Part, ...]:
    """The document in parts that are shown one at a time, none of which makes a large page. There is at least one."""
    headings = {section.start for section in document.sections}
    starts, size = [0], 0
    for a, b in _runs(document):
        own = len(escape(document.text[a:b]).encode()) + TAGS
        if size and (size + own > PART or a in headings and size > FULL * PART):
            starts.append(a)
            size = 0
        size += own
    ends = [*starts[1:], len(document.text)]
    return tuple(Part(number, *span) for number, span in enumerate(zip(starts, ends, strict=True), 1))


def part_at(parts: Sequence[Part], offset: int) -> Part:
    """The part in which an offset lies; the last one for offsets beyond the end."""
    return parts[max(0, bisect_right(parts, offset, key=attrgetter("start")) - 1)]


def outline(document: Document, at: int) -> tuple[Entry, ...]:
    """The headings as a table of contents: of as many levels as fit, and of a very long one those around ``at``."""
    present = [section for section in document.sections if section.start <= at < section.end]
    levels = Counter(section.level for section in document.sections)
    fitting = [level for level in levels if sum(levels[outer] for outer in levels if outer <= level) <= HEADINGS]
    deepest = max(fitting, default=1)
    shown = [section for section in document.sections if section.level <= deepest or section in present]
    here = next((each for each in reversed(shown) if each in present), None)
    middle = shown.index(here) if here else 0
    first = max(0, min(middle - HEADINGS // 2, len(shown) - HEADINGS))
    return tuple(Entry(section.heading[:LONGEST_HEADING], section.level, section.start, section is here)
                 for section in shown[first:first + HEADINGS])


def _runs(document: Document) -> Iterator[tuple[int, int]]:
    """Spans of the text between line ends and the edges of headings, without white space around them; where one is very
    long, in pieces."""
    text = document.text
    edges = {edge for section in document.sections for edge in (section.start, section.body)}
    edges |= {match.start() for match in re.finditer("\n", text)} | {0, len(text)}
    ordered = sorted(edges)
    for a, b in zip(ordered, ordered[1:], strict=False):
        run = text[a:b]
        if run.strip():
            start, end = a + len(run) - len(run.lstrip()), a + len(run.rstrip())
            yield from ((at, min(at + LONGEST_RUN, end)) for at in range(start, end, LONGEST_RUN))


def _is_marker(section: Section, text: str) -> bool:
    """Whether a heading is only a marker, which stays in the paragraph behind it."""
    return _MARKER.fullmatch(section.heading) is not None and "\n" not in text[section.start:section.body]
