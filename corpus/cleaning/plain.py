"""Ordinary text: line ends made alike, paragraphs one a line, inline markup's line breaks closed."""

import re

from corpus.mapping import MappedText, concat

LONG_LINE = 200  # characters; a longer line holds several paragraphs, parted by white space

_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_INVISIBLE = re.compile(r"[\x00\ufeff\u200b\u2060]")
_STRAY_SPACE = re.compile(r"(?<=第)[ \u3000](?=[一二三四五六七八九十百\d])")
_OPENING = "（(《〈“‘「『【〔[{"
_CLOSING = "，。、；：！？）》〉”’」』】〕,;!?)]}%％"
_NOTE_MARK = re.compile(r"[^。！？!?]\[[^\[\]]{1,8}\]$")
_NUMERAL = "[一二三四五六七八九十百]"
_PARAGRAPH_GAP = re.compile(rf"""(?:(?<=[。！？；：…!?;:])|(?<=[。！？；：…!?;:][”’」』）)》]))\s+(?=[^\x00-\x2f:-\x7f])
    |[\u3000]{{2,}}|[^\S\n]{{3,}}
    |(?<!第)\s+(?={_NUMERAL}{{1,3}}、|[（(]{_NUMERAL}{{1,3}}[）)]|第{_NUMERAL}{{1,4}}[章条])""", re.VERBOSE)


def lines(text: MappedText) -> list[MappedText]:
    """The lines of a text, blank ones included, without invisible characters."""
    found, at = [], 0
    for mark in _LINE_END.finditer(text.text):
        found.append(text.slice(at, mark.start()))
        at = mark.end()
    found.append(text.slice(at, len(text)))
    return [_cut(line, _INVISIBLE) for line in found] if _INVISIBLE.search(text.text) else found


def paragraphs(text: MappedText) -> list[MappedText]:
    """The paragraphs of ordinary text, none of them blank."""
    joined: list[MappedText] = []
    blank = True
    for line in map(MappedText.strip, lines(text)):
        if line.text and not blank and _inline(joined[-1].text, line.text):
            joined[-1] = concat([joined[-1], line])
        elif line.text:
            joined.append(line)
        blank = not line.text
    return [part for line in joined for part in _parts(_cut(line, _STRAY_SPACE))]


def marked_up(text: MappedText) -> list[MappedText]:
    """The lines of text whose line structure means something (Markdown, tables), runs of blank lines cut to one."""
    kept: list[MappedText] = []
    for line in map(MappedText.strip, lines(text)):
        if line.text or (kept and kept[-1].text):
            kept.append(line)
    while kept and not kept[-1].text:
        kept.pop()
    return kept


def _cut(line: MappedText, pattern: re.Pattern) -> MappedText:
    spans = [mark.span() for mark in pattern.finditer(line.text)]
    return line.without(spans) if spans else line


def _inline(before: str, after: str) -> bool:
    """Does the break between two lines stand for inline markup, not for a paragraph's end?"""
    return before[-1] in _OPENING or after[0] in _CLOSING or after == "[" or bool(_NOTE_MARK.search(before))


def _parts(line: MappedText) -> list[MappedText]:
    if len(line) <= LONG_LINE:
        return [line]
    parts, at = [], 0
    for gap in _PARAGRAPH_GAP.finditer(line.text):
        parts.append(line.slice(at, gap.start()))
        at = gap.end()
    return [part for part in [*parts, line.slice(at, len(line))] if part.text]
