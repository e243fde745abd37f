"""Other wordings of what a question says: official ones for everyday ones, full ones for short ones, Chinese for English.

The wordings are in ``data/lexicon``: lines of a wording, a tab, and what else to search for, parted by ``|``.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import rjieba

from qa.terms import fold

# Weights of the lists, measured in docs/decisions.md.
WEIGHTS = {"abbreviations": 0.3, "everyday_official": 0.3, "english": 1.0, "pinyin": 1.0}
MOST = 2  # other wordings searched for one
LONGEST_PHRASE = 6  # words of an English wording
_CODE = re.compile(r"\b(?=[a-z]*\d)(?=\d*[a-z])[a-z\d.-]*[a-z\d]\b")
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[a-z]")
_LATIN = re.compile(r"[a-z0-9][a-z0-9&.'/-]*")


@dataclass(slots=True)
class _Lexicon:
    """:ivar others: wording to the other wordings; :ivar starts: first two characters to Chinese wordings, longest first."""

    others: dict[str, tuple[str, ...]] = field(default_factory=dict)
    starts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@cache
def _lexicon(name: str) -> _Lexicon:
    lexicon = _Lexicon()
    for line in (files("qa") / "data" / "lexicon" / f"{name}.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            wording, others = line.split("\t")[:2]
            lexicon.others[fold(wording)] = tuple(map(fold, others.split("|")))
    for wording in sorted(lexicon.others, key=len, reverse=True):
        lexicon.starts[wording[:2]].append(wording)
    return lexicon


def wordings(text: str) -> Iterator[tuple[str, float]]:
    """Other wordings for what a folded text says, each with the weight that its terms should have in a search."""
    for name, weight in WEIGHTS.items():
        find = _english if name in ("english", "pinyin") else _chinese
        for found in find(_lexicon(name), text):
            yield from ((other, weight) for other in _lexicon(name).others[found][:MOST])


def in_chinese(text: str) -> Iterator[str]:
    """For each English wording or place in pinyin that a folded text holds, the Chinese one most used, in the text's order;
    codes such as ``5g`` stay."""
    codes = {code: (code,) for code in _CODE.findall(text)}
    known = _Lexicon({**codes, **_lexicon("pinyin").others, **_lexicon("english").others})
    yield from (known.others[found][0] for found in _english(known, text))


def spelled_out(text: str) -> str:
    """A folded Chinese text with its Latin abbreviations as official texts write them: 生产总值 for ``gdp``. They write
    those with a figure, such as ``5g``, like anyone."""
    lexicon = _lexicon("everyday_official")
    for found in list(_chinese(lexicon, text)):
        if _LETTER.search(found) and not _DIGIT.search(found) and lexicon.others[found][0] not in text:
            text = text.replace(found, lexicon.others[found][0])
    return text


def _chinese(lexicon: _Lexicon, text: str) -> Iterator[str]:
    """The wordings that a text holds, the longest ones first; one of a single character counts only as a word, and so does
    one of Latin letters: ``erp`` is not in ``enterprise``."""
    offset = 0
    while offset < len(text) - 1:
        found = next((w for w in lexicon.starts.get(text[offset:offset + 2], ()) if text.startswith(w, offset)
                      and not (_cuts(text, offset) or _cuts(text, offset + len(w)))), "")
        if found:
            yield found
        offset += len(found) or 1
    yield from (word for word in rjieba.cut(text) if len(word) == 1 and word in lexicon.others)


def _cuts(text: str, at: int) -> bool:
    """Does an offset part a word of Latin letters?"""
    return 0 < at < len(text) and _LETTER.match(text[at - 1]) is not None and _LETTER.match(text[at]) is not None


def _english(lexicon: _Lexicon, text: str) -> Iterator[str]:
    """The wordings that a text holds as whole words, the longest ones first, in the plural too."""
    words = [match[0].removesuffix("'s").strip(".'-/") for match in _LATIN.finditer(text)]
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
            phrase = " ".join(words[at:at + length])
            if known := next((form for form in (phrase, phrase.removesuffix("s"), f"{phrase}s") if form in lexicon.others), ""):
                yield known
                break
        at += length
