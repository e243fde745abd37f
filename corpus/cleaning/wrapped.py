"""Hard-wrapped ordinary text, as from PDF or mail: its paragraphs, one a line."""

import re
from collections.abc import Sequence
from statistics import quantiles

from corpus.cleaning.columns import INDENT, INDENTATION, SLACK, ends, joined, width
from corpus.cleaning.plain import lines
from corpus.cleaning.seams import is_torn
from corpus.cleaning.spacing import close_spaces, is_letter_spaced
from corpus.mapping import MappedText

FEWEST_LINES = 4  # fewer that stop inside a sentence may do so by chance
NARROWEST, WIDEST = 12, 70  # characters of a column
REGULAR = 0.7  # share of the lines that stop inside a sentence which reach the column's end
LONGER = 0.05  # share of the lines that may be wider than the column
SAMPLE = 50  # seams looked at closely
TORN = 0.25  # share of them that lie at a comma or inside a word; between the lines of a list none does

_STARTS = re.compile(r"""\#{1,6}\s|[-*•●■◆]\s|\||第[一二三四五六七八九十百零\d]+[编章节条]|[一二三四五六七八九十]{1,3}、
    |[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[.、．]\D|[①-⑳]""", re.VERBOSE)
_LABEL = re.compile(r"[^：；。]{1,20}：")
_PAGE_NUMBER = re.compile(r"[-—–·]\s*\d{1,4}\s*[-—–·]|第\s*\d{1,4}\s*页(?:\s*[共/]\s*\d{1,4}\s*页)?")


def unwrapped(text: MappedText) -> list[MappedText]:
    """The paragraphs of hard-wrapped text; empty where the text is not hard-wrapped.

    Lines that hold nothing but a page number are left out.
    """
    raw = [line for line in lines(text) if not _PAGE_NUMBER.fullmatch(line.text.strip())]
    column = _column([line.text.strip() for line in raw])
    if not column:
        return []
    paragraphs: list[list[MappedText]] = []
    gap = True
    for indented, line in ((line.text[:1] in INDENTATION, line.strip()) for line in raw):
        if not line.text:
            gap = True
            continue
        if is_letter_spaced(line.text):
            line = close_spaces(line)
        if paragraphs and _goes_on(paragraphs[-1], line.text, gap or indented, column):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
        gap = False
    return [joined(paragraph) for paragraph in paragraphs]


def _column(texts: Sequence[str]) -> float:
    """The width to which the text is wrapped, 0.0 where it is not.

    Wrapped text has many lines that stop inside a sentence although the next line follows closely. Nearly all of these
    are equally wide, hardly any line is wider, and many of them stop inside a word.
    """
    seams = [(before, after) for before, after in zip(texts, texts[1:], strict=False)
             if before and after and not ends(before) and not _are_apart(before, after)]
    if len(seams) < FEWEST_LINES or 4 * len(seams) < sum(map(bool, texts)):
        return 0.0
    broken = [width(before) for before, _ in seams]
    column = quantiles(broken, n=10)[7]
    regular = sum(abs(found - column) <= SLACK + INDENT for found in broken) >= REGULAR * len(broken)
    longer = sum(width(text) > column + SLACK for text in texts) > LONGER * len(texts)
    if not NARROWEST <= column <= WIDEST or not regular or longer:
        return 0.0
    sample = seams[:SAMPLE]
    return column if sum(is_torn(*seam) for seam in sample) >= TORN * len(sample) else 0.0


def _are_apart(before: str, after: str) -> bool:
    """Is one of the lines a heading, or are both rows of a table, which begin with the same column's name?"""
    label = _LABEL.match(before)
    return (before.startswith("#") or after.startswith("#") or "\t" in before or "\t" in after
            or (label is not None and after.startswith(label[0])))


def _goes_on(paragraph: Sequence[MappedText], line: str, parted: bool, column: float) -> bool:
    last = paragraph[-1].text
    if _are_apart(paragraph[0].text, line) or _STARTS.match(line):
        return False
    full = width(last) >= column - SLACK - (INDENT if len(paragraph) == 1 else 0)
    if ends(last):
        return full and not parted and width(line) > column - INDENT + SLACK / 2
    return full or last[-1] in "，、,"
