"""Where one piece of text stops and another begins: is it one sentence that was torn, or two?"""

import re

import rjieba

CONTEXT = 8  # characters on either side in which a word is looked for

_TERMINAL = re.compile(r"[。！？!?…][”’」』）)》\"]*$")
_WEAK_TERMINAL = re.compile(r"(?:[；;：:]|——)$")
_CONTINUING = re.compile(r"[，、,（(《〈“‘「『【〔]$")
_CONTINUED = re.compile(r"[，。、；：！？）》〉”’」』】〕,;!?)\]}%％“‘（(《「『]")
_PARTICLES = "的了着过地得在和与及或对为是有将把被从向以由等并而也都就于至到"
_PAIRS = ("“”", "‘’", "（）", "()", "《》", "「」", "『』")


def is_terminal(text: str) -> bool:
    """Does the text end as a sentence ends?"""
    return bool(_TERMINAL.search(text))


def has_stop(text: str) -> bool:
    """Does a sentence end in the text?"""
    return bool(re.search(r"[。！？!?]", text))


def is_weakly_terminal(text: str) -> bool:
    """Does the text end as an item of a list or its introduction ends?"""
    return bool(_WEAK_TERMINAL.search(text))


def is_torn(before: str, after: str) -> bool:
    """Is the seam of a text that does not end as a sentence ends surely inside one?

    So it is at a comma, at a quotation mark or bracket, which columns push to the next line, and inside a word or number.
    """
    return bool(_CONTINUING.search(before) or _CONTINUED.match(after) or has_unclosed(before)
                or is_word_torn(before, after))


def is_word_torn(before: str, after: str) -> bool:
    """Does a word or a number begin in ``before`` and end in ``after``?"""
    if not before or not after:
        return False
    if re.search(r"[\dA-Za-z.]$", before) and re.match(r"[\dA-Za-z.%％]", after):
        return True
    tail = before[-CONTEXT:]
    at = 0
    for word in rjieba.cut(tail + after[:CONTEXT], False):
        if at < len(tail) < at + len(word):
            return True
        at += len(word)
    return False


def dangles(text: str) -> bool:
    """Does the text end in a single character that is no word by itself, so that the rest of a word is missing?"""
    tail = text[-CONTEXT:]
    return bool(re.search(r"[\u4e00-\u9fff]$", tail)) and tail[-1] not in _PARTICLES and rjieba.cut(tail, False)[-1] == tail[-1]


def has_unclosed(text: str) -> bool:
    """Is a bracket or quotation mark open at the end of the text?"""
    return any(text.count(opening) > text.count(closing) for opening, closing in _PAIRS)
