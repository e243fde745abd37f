"""The characters of a PDF page, gathered into runs."""

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from ctypes import byref
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import pypdfium2
from pypdfium2 import raw as pdfium

from corpus.readers.ruling import Ruling, ruling
from corpus.readers.runs import Page, Run

RUN_GAP = 1.0  # in character heights; a wider gap begins another run
BACKWARDS = -0.5
WORD_GAP = 0.2
PHRASE_GAP = 0.4  # between ideographs; a space of this width is meant
SAME_PLACE = 0.6  # share of a character's area; the same character printed again so near makes it bold, not double
SLANT = math.radians(5)  # characters turned by more from the right angles are a watermark
GARBLED_SHARE = 0.3  # of a page's characters that the file gives no meaning: it can only be read as an image
QUARTER = math.pi / 2
IDEOGRAPH = 0x2E80  # from here on, scripts that put no space between words
RADICALS = range(0x2F00, 0x2FE0)  # stand for the ideographs they look like
SYMBOLS = range(0xF020, 0xF100)  # where symbol fonts keep their bullets
BULLET = ord("•")
UNKNOWN = 0xFFFD
SUBSTITUTES = {0: UNKNOWN, 2: ord("-")}  # 2 is how PDFium marks a hyphen at a line's end

Box = tuple[float, float, float, float]
Printed = tuple[str, Box, float, bool]  # a character as the file has it: text, place, size, whether white space precedes it


@dataclass(frozen=True, slots=True)
class Character:
    """One character, upright: y downwards from the top of the page. :ivar spaced: whether white space precedes it."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    spaced: bool


def views(page: pypdfium2.PdfPage, number: int) -> list[Page]:
    """The text of a page, once for every direction in which it is written, the most used first.

    Watermarks (slanted text), text outside the page's crop box and characters printed twice are left out.

    :return: nothing where the page has no text, or mostly characters without a meaning.
    """
    crop = page.get_cropbox()
    turned: dict[int, list[Character]] = defaultdict(list)
    for quarter, printed in _printed(page, crop):
        turned[quarter].append(_character(printed, crop, quarter))
    everything = [character for characters in turned.values() for character in characters]
    garbled = sum(_is_garbled(character.text) for character in everything)
    if not everything or garbled > GARBLED_SHARE * len(everything):
        return []
    heights = crop[3] - crop[1], crop[2] - crop[0]
    ordered = sorted(turned.items(), key=lambda item: -len(item[1]))
    lines = {0: ruling(page, crop)}
    return [
        Page(number, heights[quarter % 2], tuple(_runs(_single(written), lines.get(quarter, Ruling()))), lines.get(quarter, Ruling()))
        for quarter, written in ordered
    ]


def placed(page: pypdfium2.PdfPage) -> tuple[Character, ...]:
    """The characters of a page where they are seen, in points from its top left corner, in the order of the file."""
    crop, turns = page.get_cropbox(), page.get_rotation() // 90
    return tuple(_single(_character(printed, crop, turns) for _, printed in _printed(page, crop)))


def _printed(page: pypdfium2.PdfPage, crop: Box) -> Iterator[tuple[int, Printed]]:
    """Each character with the number of quarter turns in which it is written, in the order of the file."""
    textpage = page.get_textpage()
    box, matrix, spaced = pdfium.FS_RECTF(), pdfium.FS_MATRIX(), False
    try:
        for at, text in _texts(textpage):
            if text.isspace():
                spaced = True
                continue
            pdfium.FPDFText_GetMatrix(textpage, at, byref(matrix))
            pdfium.FPDFText_GetLooseCharBox(textpage, at, byref(box))
            quarter = round(math.atan2(matrix.b, matrix.a) / QUARTER)
            slant = abs(math.atan2(matrix.b, matrix.a) - quarter * QUARTER)
            place = box.left, box.bottom, box.right, box.top
            if slant < SLANT and _is_inside(place, crop):
                size = abs(pdfium.FPDFText_GetFontSize(textpage, at)) * math.hypot(matrix.c, matrix.d)
                yield quarter % 4, (text, place, size, spaced)
                spaced = False
    finally:
        textpage.close()


def _character(printed: Printed, crop: Box, quarter: int) -> Character:
    text, place, size, spaced = printed
    return Character(text, *_upright(place, crop, quarter), size, spaced)


def _texts(textpage: pypdfium2.PdfTextPage) -> Iterator[tuple[int, str]]:
    """The characters and their indexes, surrogates paired, hyphens at line ends and symbol fonts' bullets made plain."""
    lead = 0
    for at in range(pdfium.FPDFText_CountChars(textpage)):
        code = pdfium.FPDFText_GetUnicode(textpage, at)
        if 0xD800 <= code < 0xDC00:
            lead = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + (lead - 0xD800 << 10) + (code - 0xDC00) if lead else UNKNOWN
        lead = 0
        text = chr(SUBSTITUTES.get(code, BULLET if code in SYMBOLS else code))
        yield at, unicodedata.normalize("NFKC", text) if code in RADICALS else text


def _is_inside(place: Box, crop: Box) -> bool:
    x, y = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
    return crop[0] <= x <= crop[2] and crop[1] <= y <= crop[3]


def _upright(place: Box, crop: Box, quarter: int) -> Box:
    """A box in the frame in which its text runs to the right: ``(x0, top, x1, bottom)``, y downwards."""
    left, right = place[0] - crop[0], place[2] - crop[0]
    under, over = place[1] - crop[1], place[3] - crop[1]
    width, height = crop[2] - crop[0], crop[3] - crop[1]
    return (
        (left, height - over, right, height - under),
        (under, left, over, right),
        (width - right, under, width - left, over),
        (height - over, width - right, height - under, width - left),
    )[quarter]


def _is_garbled(character: str) -> bool:
    return ord(character) == UNKNOWN or unicodedata.category(character) in ("Co", "Cn", "Cc")


def _single(characters: Iterable[Character]) -> Iterator[Character]:
    """The characters without those that were printed again in their place, to make them bold or give them a shadow."""
    printed: dict[str, list[Character]] = defaultdict(list)
    for character in characters:
        again = any(
            abs(character.x0 - other.x0) < SAME_PLACE * character.size / 2
            and abs(character.top - other.top) < SAME_PLACE * character.size / 2 for other in printed[character.text]
        )
        if not again:
            printed[character.text].append(character)
            yield character


def _runs(characters: Iterable[Character], lines: Ruling) -> Iterator[Run]:
    group: list[Character] = []
    for character in characters:
        if group and not _follows(group[-1], character, lines):
            yield _run(group)
            group = []
        group.append(character)
    if group:
        yield _run(group)


def _follows(before: Character, character: Character, lines: Ruling) -> bool:
    size = max(before.size, character.size)
    shared = min(before.bottom, character.bottom) - max(before.top, character.top)
    level = shared > 0.5 * min(before.bottom - before.top, character.bottom - character.top)
    gap = character.x0 - before.x1
    if not level or not BACKWARDS * size < gap < RUN_GAP * size:
        return False
    return gap < WORD_GAP * size or not lines.parts(before.x1, character.x0, (before.top + before.bottom) / 2)


def _run(group: list[Character]) -> Run:
    gaps = [character.x0 - before.x1 for before, character in pairwise(group)]
    usual = median(gaps) if gaps else 0.0
    text = group[0].text
    for (before, character), gap in zip(pairwise(group), gaps, strict=True):
        words = ord(before.text) < IDEOGRAPH or ord(character.text) < IDEOGRAPH
        wide = gap > PHRASE_GAP * character.size and gap > 2 * usual  # else the line was spread to fill its column
        text += (" " if character.spaced and (words or wide) else "") + character.text
    return Run(min(c.x0 for c in group), min(c.top for c in group), max(c.x1 for c in group), max(c.bottom for c in group),
               median(c.size for c in group), text)
