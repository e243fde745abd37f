"""A report laid out for reading: headings, paragraphs, page numbers and the marked place."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.document import Document, Section

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


def lay_out(document: Document, start: int = 0, end: int = 0) -> list[Block]:
    """The blocks of a document, ``[start, end)`` marked. White space between blocks is dropped, nothing else."""
    sections = {section.start: section for section in document.sections}
    pages = list(document.pages)
    blocks: list[Block] = []
    lead: tuple[int, int] | None = None
    for a, b in _runs(document.text, document.sections):
        section = sections.get(a)
        if section is not None and _is_marker(section, document.text):
            lead = (lead[0] if lead else a, b)
            continue
        first = lead[0] if lead else a
        page = None
        while pages and pages[0][1] < b:
            page = pages.pop(0)[0]
        hashes = _HASHES.match(document.text, a, b) if first == a else None
        blocks.append(Block(
            level=min(section.level, 6) if section else 0, start=first, page=page,
            lead=mark(document.text, [(start, end)], *lead) if lead else (),
            pieces=mark(document.text, [(start, end)], hashes.end() if hashes else a, b)))
        lead = None
    if lead:
        blocks.append(Block(0, lead[0], mark(document.text, [(start, end)], *lead), (), None))
    return blocks


def _runs(text: str, sections: Sequence[Section]) -> Iterator[tuple[int, int]]:
    """Spans of the text between line ends and the edges of headings, without white space around them."""
    edges = {edge for section in sections for edge in (section.start, section.body)}
    edges |= {match.start() for match in re.finditer("\n", text)} | {0, len(text)}
    ordered = sorted(edges)
    for a, b in zip(ordered, ordered[1:], strict=False):
        run = text[a:b]
        if run.strip():
            yield a + len(run) - len(run.lstrip()), a + len(run.rstrip())


def _is_marker(section: Section, text: str) -> bool:
    """Whether a heading is only a marker, which stays in the paragraph behind it."""
    return _MARKER.fullmatch(section.heading) is not None and "\n" not in text[section.start:section.body]
