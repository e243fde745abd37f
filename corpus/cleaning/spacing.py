"""Letter-spacing: the spaces that justified print leaves between characters, told from those that are meant."""

import re

from corpus.mapping import MappedText

_SPACES = re.compile(r"[ \t\u3000\xa0\u2002-\u200a]+")
_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff〇]+")
_SPACED_PAIR = re.compile(r"[\u3400-\u9fff〇][ \u3000]+(?=[\u3400-\u9fff〇])")
_LATIN = re.compile(r"[\x21-\x7e]")


def is_letter_spaced(line: str) -> bool:
    """Do most runs of ideographs in the line have only one?"""
    if line.count(" ") + line.count("\u3000") < 2 or len(_SPACED_PAIR.findall(line)) < 2:
        return False
    runs = [len(run) for run in _IDEOGRAPHS.findall(line)]
    return 2 * runs.count(1) > len(runs)


def close_spaces(line: MappedText) -> MappedText:
    """Without letter-spacing and without spaces beside punctuation or between ideographs and figures.

    Kept are the space between Latin words or figures, and the space by which a headline parts its phrases.
    """
    spaced = is_letter_spaced(line.text)
    spans = [gap.span() for gap in _SPACES.finditer(line.text) if not _meant(line.text, *gap.span(), spaced)]
    return line.without(spans) if spans else line


def _meant(line: str, start: int, end: int, spaced: bool) -> bool:
    if start == 0 or end == len(line):
        return False
    before, after = line[start - 1], line[end]
    if _LATIN.match(before) and _LATIN.match(after):
        return not (spaced and _is_single(line, start - 1) and _is_single(line, end))
    if not (_IDEOGRAPHS.match(before) and _IDEOGRAPHS.match(after)):
        return False
    return not spaced and not (_is_single(line, start - 1) and _is_single(line, end))


def _is_single(line: str, at: int) -> bool:
    """Does the character at ``at`` stand alone between spaces, punctuation or the line's ends?"""
    return not any(0 <= side < len(line) and line[side].isalnum() for side in (at - 1, at + 1))
