"""The automatic numbers of Word paragraphs, which stand in no paragraph's text."""

import re

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph

DIGITS = "〇一二三四五六七八九"
PLACES = ((1000, "千"), (100, "百"), (10, "十"))
ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
CHINESE = ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographTraditional", "taiwaneseCounting",
           "taiwaneseCountingThousand", "koreanCounting")
DIGITAL = ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital", "koreanDigital2")


class Numbering:
    """Counts the numbered paragraphs of one document; ask for the labels in the order of the text."""

    def __init__(self, document: Document) -> None:
        self._lists: dict[str, str] = {}
        self._levels: dict[tuple[str, int], tuple[str, str, int]] = {}
        self._restarts: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()
        for relation in document.part.rels.values():
            if relation.reltype.endswith("/numbering") and not relation.is_external:
                self._load(relation.target_part.element)

    def label(self, paragraph: Paragraph) -> str:
        """The number that stands before a paragraph, such as ``（二）``; empty where it has none or a bullet."""
        number, level = _reference(paragraph)
        abstract = self._lists.get(number or "")
        if abstract is None or (abstract, level) not in self._levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        self._begin(number, abstract, counts)
        counts[level] = counts.get(level, self._levels[abstract, level][2] - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        style, pattern, _ = self._levels[abstract, level]
        return "" if style in ("bullet", "none") else re.sub(r"%(\d)", lambda at: self._count(abstract, int(at[1]) - 1), pattern)

    def _begin(self, number: str, abstract: str, counts: dict[int, int]) -> None:
        """Restart the levels for which a list, on its first use, says with which number it begins."""
        if number in self._begun:
            return
        self._begun.add(number)
        for (owner, level), start in self._restarts.items():
            if owner == number:
                counts[level] = start - 1

    def _count(self, abstract: str, level: int) -> str:
        style, _, start = self._levels.get((abstract, level), ("decimal", "", 1))
        return formatted(self._counts[abstract].get(level, start), style)

    def _load(self, element: BaseOxmlElement) -> None:
        for abstract in element.iterchildren(qn("w:abstractNum")):
            for level in abstract.iterchildren(qn("w:lvl")):
                at = abstract.get(qn("w:abstractNumId")), int(level.get(qn("w:ilvl")))
                self._levels[at] = (_value(level, "numFmt", "decimal"), _value(level, "lvlText", ""), int(_value(level, "start", "1")))
        for number in element.iterchildren(qn("w:num")):
            name = number.get(qn("w:numId"))
            self._lists[name] = _value(number, "abstractNumId", "")
            for override in number.iterchildren(qn("w:lvlOverride")):
                if start := _value(override, "startOverride", ""):
                    self._restarts[name, int(override.get(qn("w:ilvl")))] = int(start)


def formatted(number: int, style: str) -> str:
    """A number in one of Word's number formats; formats without a Chinese use are written in digits.

    >>> formatted(12, "chineseCounting")
    '十二'
    """
    if style in CHINESE:
        return chinese(number)
    if style in DIGITAL:
        return "".join(DIGITS[int(digit)] for digit in str(number))
    if style in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if style == "upperLetter" else letter
    if style in ("lowerRoman", "upperRoman"):
        return roman(number).upper() if style == "upperRoman" else roman(number)
    if style.startswith("decimalEnclosedCircle") and 1 <= number <= 20:
        return chr(ord("①") + number - 1)
    return f"{number:02}" if style == "decimalZero" else str(number)


def chinese(number: int) -> str:
    """A number from 0 to 9999 as it is counted in headings: 十二, 一百零三."""
    if not 0 < number < 10000:
        return DIGITS[0] if number == 0 else str(number)
    text, gap = "", False
    for size, place in (*PLACES, (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + place
        gap = not digit
    return text[1:] if text.startswith("一十") else text


def roman(number: int) -> str:
    """A number in small Roman letters."""
    text = ""
    for size, letters in ROMAN:
        times, number = divmod(number, size)
        text += letters * times
    return text


def _value(element: BaseOxmlElement, name: str, default: str) -> str:
    child = element.find(qn(f"w:{name}"))
    return default if child is None else child.get(qn("w:val"), default)


def _reference(paragraph: Paragraph) -> tuple[str | None, int]:
    """The list a paragraph belongs to and its level in it, by itself or by its style; ``0`` takes it out of a list."""
    properties, style, level = paragraph._p.pPr, paragraph.style, None
    while True:
        reference = properties.find(qn("w:numPr")) if properties is not None else None
        if reference is not None:
            level = int(_value(reference, "ilvl", "0")) if level is None else level
            if number := _value(reference, "numId", ""):
                return number, level
        if style is None:
            return None, 0
        properties, style = style.element.pPr, style.base_style
