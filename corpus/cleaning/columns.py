"""Printed lines, and the paragraphs that they were before they were set in columns."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from statistics import quantiles

from corpus.cleaning.plain import lines
from corpus.cleaning.seams import dangles, has_stop, is_terminal, is_torn, is_weakly_terminal, is_word_torn
from corpus.cleaning.spacing import close_spaces, is_letter_spaced
from corpus.mapping import MappedText, concat

NEIGHBOURS = 5  # lines on either side that tell how wide the column is
SLACK = 1.6  # characters by which a full line may be narrower than its column
INDENT = 2  # characters by which a paragraph's first line is narrower; its indentation is lost in extraction
SPACE = 0.3  # width of a space; a letter-spaced line is stretched by it

INDENTATION = (" ", "\u3000")

_LETTER = re.compile(r"[A-Za-z]")
_HALF = re.compile(r"[\x21-\x7e]")


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line.

    :ivar text: without letter-spacing.
    :ivar gap: blank lines before it.
    :ivar starts_frame: the extraction shows that a new text frame of the page begins here.
    :ivar spaced: it was letter-spaced, so it fills its column.
    :ivar width: in full-width characters.
    :ivar column: width of the column around it; 0 where text is not hard-wrapped.
    """

    text: MappedText
    gap: int
    starts_frame: bool
    spaced: bool
    width: float
    column: float = 0.0

    def full(self, first: bool = False) -> bool:
        """Does it reach the end of its column, so that a sentence may go on behind it?

        :param first: it begins a paragraph, so it was indented.
        """
        if not self.column:
            return True
        return self.spaced or self.width >= self.column - SLACK - (INDENT if first else 0)

    @property
    def indented(self) -> bool:
        """Was it a paragraph's first line, going by its width?"""
        return bool(self.column) and not self.spaced and self.width <= self.column - INDENT + 0.6


@dataclass(slots=True, eq=False)
class Block:
    """Lines without a blank line between them."""

    lines: list[Line]

    @property
    def text(self) -> str:
        return "".join(line.text.text for line in self.lines)


@dataclass(slots=True)
class Run:
    """A paragraph of running text: the lines that were joined to it."""

    lines: list[Line] = field(default_factory=list)
    bulleted: bool = False

    @property
    def text(self) -> MappedText:
        return joined(line.text for line in self.lines)

    @property
    def open(self) -> bool:
        """Does its sentence go on somewhere else?"""
        last = self.lines[-1]
        return not ends(last.text.text) and (self.full or is_torn(self.text.text, ""))

    @property
    def full(self) -> bool:
        """Does its last line reach the end of the column?"""
        return self.lines[-1].full(first=len(self.lines) == 1)


def joined(parts: Iterable[MappedText]) -> MappedText:
    """Lines as one; the line's end between Latin words was a space."""
    pieces: list[MappedText] = []
    for part in parts:
        if pieces and _LETTER.match(pieces[-1].text[-1:]) and _LETTER.match(part.text):
            pieces.append(MappedText.inserted(" ", pieces[-1].raw_offset(len(pieces[-1]))))
        pieces.append(part)
    return concat(pieces)


def ends(text: str) -> bool:
    """Can a paragraph end so?"""
    return is_terminal(text) or is_weakly_terminal(text)


def printed_lines(text: MappedText) -> list[Line]:
    """The lines of a page that are not blank."""
    raw_lines = lines(text)
    indented = sum(line.text[:1] in INDENTATION for line in raw_lines if line.text)
    frames = 10 * indented < len(raw_lines)  # where many lines are indented, it is paragraphs that begin so
    found, gap = [], 0
    for raw_line in raw_lines:
        line = raw_line.strip()
        if line.text:
            starts = frames and raw_line.text[0] in INDENTATION
            found.append(Line(close_spaces(line), gap, starts, is_letter_spaced(line.text), width(line.text)))
        gap = 0 if line.text else gap + 1
    return _with_columns(found)


def width(text: str) -> float:
    """In full-width characters."""
    return len(text) - 0.5 * len(_HALF.findall(text)) - (1 - SPACE) * text.count(" ")


def is_wrapped(page: Sequence[Line]) -> bool:
    """Do most lines stop inside a sentence?"""
    return 2 * sum(not ends(line.text.text) for line in page) > len(page)


def _with_columns(page: list[Line]) -> list[Line]:
    if len(page) < 2 or not is_wrapped(page):
        return page
    measured, start = [], 0
    for end in [at for at, line in enumerate(page) if at and line.starts_frame] + [len(page)]:
        frame = page[start:end]
        measured += [replace(line, column=_column(frame, at)) for at, line in enumerate(frame)]
        start = end
    return measured


def _column(frame: Sequence[Line], at: int) -> float:
    """The width that most lines around a line have, if possible those that are not stretched."""
    near = frame[max(0, at - NEIGHBOURS):at + NEIGHBOURS + 1]
    widths = [line.width for line in near if not line.spaced]
    if len(widths) < NEIGHBOURS:
        widths = [line.width for line in near]
    return quantiles(widths, n=4)[2] if len(widths) > 1 else widths[0]


def blocks(page: Iterable[Line]) -> list[Block]:
    """The lines, parted where a blank line or a new frame parts them, and everywhere if they are not hard-wrapped."""
    found: list[Block] = []
    for line in page:
        if found and line.column and not line.gap and not line.starts_frame:
            found[-1].lines.append(line)
        else:
            found.append(Block([line]))
    return found


def in_order(page: list[Block]) -> list[Block]:
    """The blocks of a page that is not hard-wrapped, with torn paragraphs brought back to where they were torn off.

    A paragraph that stops inside a word goes on with the one near it that completes the word.
    """
    ordered = list(page)
    for block in page:
        at = ordered.index(block)
        near = range(max(1, at - NEIGHBOURS), min(len(ordered), at + NEIGHBOURS))
        if block.lines[-1].column or not dangles(block.text) or at + 1 == len(ordered):
            continue
        if is_torn(block.text, ordered[at + 1].text):
            continue
        rests = [ordered[other] for other in near if other not in (at, at + 1) and ends(ordered[other - 1].text)
                 and has_stop(ordered[other].text) and is_word_torn(block.text, ordered[other].text)]
        if len(rests) == 1:
            ordered.remove(rests[0])
            ordered.insert(ordered.index(block) + 1, rests[0])
    return ordered


def continues(run: Run, line: Line, apart: bool) -> bool:
    """Does a line belong to the paragraph before it?

    :param apart: a headline was printed between them.
    """
    last = run.lines[-1].text.text
    parted = bool(line.gap or line.starts_frame or not line.column)
    if is_terminal(last):
        return not (parted or apart or not run.full or line.indented)
    if is_weakly_terminal(last):
        return run.full and not apart and bool(line.column)
    if not parted:
        return True
    if run.bulleted and not line.column:
        return False
    return is_torn(run.text.text, line.text.text) or (run.full and not apart)
