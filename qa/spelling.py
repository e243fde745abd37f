"""Slips of the pen: a character typed for one that sounds like it, told by the words that the reports use.

``夸境电商`` gives ``跨境电商`` where reports write the latter. A character is doubted only where the words around it fall
apart, and replaced only where another of the same sound makes a word of them that reports hold.
"""

import math
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import rjieba

from corpus.places import place_spans
from qa.asking import asking_spans
from qa.terms import fold

LEAST = 4.0  # gain in log-likelihood that a replacement must bring
LEAST_LONG = 3.0  # the same for words of four characters and more, which chance makes less often
CERTAIN = 10.0  # from here on the question is understood as corrected; below it is only searched besides
SURE = 12.0  # what a word of two characters needs where one of the two characters in question is a free word
UNKNOWN = 3.0  # given where no passage has the character typed
MOSTLY = 0.3  # share of a neighbour's passages from which a bigram counts as a name
FARTHER = 2.0  # taken off where the sound is only near (zh and z, an and ang) or a character's second reading
LONGER = 2.0  # given for each character beyond two of the word that is made: chance makes few long words
RARE = 0.04  # share of the bigram that is made which the bigram as typed may have
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
# Words of one character that everyday speech puts anywhere: reports lack the neighbours, and yet nothing is wrong.
_FREE = frozenset("的地得了着过里上下中内外前后时到来去来又也还再就才都是有为被把给让叫向往从对跟和与及或而但要想能会该没不无别"
                  "做搞打拿找花放说问看算用交办开领学这那哪它他她其各每几多少大小高一二三四五六七八九十两只可以年月日涨占奔够我你个样")
_EVERYDAY = ("v", "r", "m", "q", "d", "p", "c", "a")  # tags of words that an everyday question may say and no report does
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"), ("r", "l"))


@dataclass(frozen=True, slots=True)
class Correction:
    """A character of a question that should be another.

    :ivar start: its offset in the folded question.
    :ivar word: what the right one makes, a word of the reports or a piece of a name; :ivar typed: it as typed.
    :ivar gain: how much likelier the right one makes the question, as a logarithm, and more for a long word.
    """

    start: int
    wrong: str
    right: str
    word: str
    typed: str
    gain: float

    @property
    def certain(self) -> bool:
        return self.gain >= CERTAIN


def corrections(question: str, held: Callable[[str], int]) -> tuple[Correction, ...]:
    """What is mistyped in a question, in its order; two corrections never make or break the same word.

    :param question: folded.
    :param held: how many passages hold a term, 0 for an unknown one; see :attr:`qa.vocabulary.Vocabulary.held`.
    """
    found: list[tuple[Correction, range]] = []
    for run, offset in _runs(question):
        tokens = rjieba.cut(run, False)
        starts = _starts(tokens)
        for token, start in zip(tokens, starts):
            for at in range(start, start + len(token)):
                found.extend(_replacements(run, at, token, frozenset(starts), offset, held))
    taken: set[int] = set()
    kept = []
    for correction, span in sorted(found, key=lambda each: (-each[0].gain, each[0].start, each[0].right)):
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(correction)
    return tuple(sorted(kept, key=lambda each: each.start))


def corrected(text: str, found: tuple[Correction, ...]) -> str:
    """A text with corrections made; its folded form must have the text's length, else it is returned as it is."""
    if len(fold(text)) != len(text):
        return text
    characters = list(text)
    for each in found:
        characters[each.start] = each.right
    return "".join(characters)


def _runs(question: str) -> Iterator[tuple[str, int]]:
    """Runs of Han characters with their offsets; the words that ask and places are no part of them."""
    masked = list(question)
    spans = [*asking_spans(question), *((at, at + len(os.path.commonprefix((name, question[at:]))))
                                        for name, at in place_spans(question))]
    for start, end in spans:
        masked[start:end] = " " * (end - start)
    return ((match[0], match.start()) for match in _HAN.finditer("".join(masked)))


def _starts(tokens: list[str]) -> list[int]:
    """Offsets at which tokens start, and that at which the last one ends."""
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token))
    return starts


def _replacements(run: str, at: int, token: str, starts: frozenset[int], offset: int, held: Callable[[str], int],
                  ) -> Iterator[tuple[Correction, range]]:
    """Each replacement of one character that a run may need: it, and the offsets of the word it makes."""
    wrong, left, right = run[at], run[at - 1:at], run[at + 1:at + 2]
    typed = held(left + wrong) * bool(left), held(wrong + right) * bool(right)
    if len(token) > 1 and min(typed) > 1:
        return  # a word of the dictionary in its usual company
    before = _fit(left, wrong, right, held) - (0 if held(wrong) else UNKNOWN)
    for other, distance in _alike(wrong).items():
        if distance and len(token) > 1:
            continue
        made = held(left + other) * bool(left), held(other + right) * bool(right)
        if max(made) < 2:
            continue
        gain = _fit(left, other, right, held) - before - distance
        if gain < LEAST_LONG:
            continue
        word, start = _word_at(run[:at] + other + run[at + 1:], at)
        end = start + len(word)
        if len(word) == 1:
            start, end = at - len(left), at + 1 + len(right)
            good = len(token) == 1 and not any(typed) and gain >= LEAST and _makes_name(left, wrong, other, right, made, gain, held)
            word = left + other + right
        else:
            inner = [pair for pair, inside in zip(zip(typed, made), (start < at, end > at + 1)) if inside]
            good = {start, end} <= starts and _makes_word(wrong, word, at - start, len(token), starts, start, inner, gain, held)
            gain += LONGER * (len(word) - 2)
        if good:
            yield Correction(offset + at, wrong, other, word, run[start:end], gain), range(offset + start, offset + end)


def _makes_name(left: str, wrong: str, other: str, right: str, made: tuple[int, int], gain: float,
                held: Callable[[str], int]) -> bool:
    """Whether a replacement that makes no word of the dictionary makes a name: that of which little else is known."""
    share = max(pairs / (held(beside) + 1) for pairs, beside in zip(made, (left, right)))
    if min(made) > 0 and share >= MOSTLY:
        return True
    if not held(wrong) and wrong not in _FREE and not rjieba.tag(wrong)[0][1].startswith(_EVERYDAY):
        return True
    return gain >= CERTAIN and min(made) > 0 and not {left, wrong, other, right} & _FREE


def _makes_word(wrong: str, word: str, at: int, size: int, starts: frozenset[int], start: int,
                inner: list[tuple[int, int]], gain: float, held: Callable[[str], int]) -> bool:
    """Whether a word that a replacement makes is likelier meant than what was typed.

    :param at: offset of the replacement in the word.
    :param size: length of the word that was typed where the replaced character is.
    :param inner: for each bigram in the word that has it: passages that hold it as typed, and as made.
    """
    if held(word) < 2 or gain < (LEAST if len(word) < 4 else LEAST_LONG) or size > 1 and len(word) < max(3, size):
        return False
    if len(word) < 4 and all(before > RARE * after for before, after in inner):
        return False
    if len(word) == 2:
        rest = word[1 - at]
        return rest not in _FREE and (gain >= SURE or wrong not in _FREE and word[at] not in _FREE)
    # 国家给 is no 国家级: a free word must leave another character without a word, as in 中央才政.
    edges = sorted(each for each in starts if start <= each <= start + len(word))
    return wrong not in _FREE or sum(b - a == 1 for a, b in zip(edges, edges[1:])) > (size == 1)


def _word_at(text: str, at: int) -> tuple[str, int]:
    """The word of a text that holds an offset, and where it starts."""
    start = 0
    for token in rjieba.cut(text, False):
        if at < start + len(token):
            return token, start
        start += len(token)
    raise IndexError(at)


def _fit(left: str, character: str, right: str, held: Callable[[str], int]) -> float:
    """How well a character goes with its neighbours: their association in passages, as a logarithm."""
    own = held(character) + 5
    return sum(math.log((held(pair) + 0.05) / math.sqrt((held(other) + 5) * own))
               for other, pair in ((left, left + character), (right, character + right)) if other)


@cache
def _alike(character: str) -> dict[str, float]:
    """Characters that sound like one, with what is taken off for each that sounds less alike."""
    found: dict[str, float] = {}
    for place, syllable in enumerate(_readings().get(character, ())):
        for near, distance in ((syllable, 0.0), *((other, FARTHER) for other in _near(syllable))):
            for other, second in _sounding().get(near, ()):
                cost = distance + FARTHER * (place + second) / 2
                found[other] = min(cost, found.get(other, cost))
    found.pop(character, None)
    return found


def _near(syllable: str) -> set[str]:
    """Syllables that many speakers do not tell from one."""
    found = {syllable}
    for one, other in _INITIALS:
        for long, short in ((one, other), (other, one)):
            if syllable.startswith(long) and not (short.startswith(long) and syllable.startswith(short)):
                found.add(short + syllable[len(long):])
    for each in tuple(found):
        if each.endswith(("an", "en", "in")):
            found.add(f"{each}g")
        elif each.endswith(("ang", "eng", "ing")):
            found.add(each[:-1])
        if each[:2] in ("lv", "nv"):
            found.add(each.replace("v", "u"))
        elif each[:2] in ("lu", "nu"):
            found.add(each.replace("u", "v"))
    return found - {syllable}


@cache
def _sounding() -> dict[str, list[tuple[str, int]]]:
    """Syllable to the characters so read, each with 0 where that is its first reading and 1 where its second."""
    sounding: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for character, syllables in _readings().items():
        for place, syllable in enumerate(syllables):
            sounding[syllable].append((character, place))
    return dict(sounding)


@cache
def _readings() -> dict[str, tuple[str, ...]]:
    """The first two readings, without tones, of each character of GB 2312; further ones are rare and mislead."""
    # Only single characters are looked up; the table of phrases would cost 0.15 s and 44 MB.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.constants import PINYIN_DICT

    readings = {}
    for code in range(0x4e00, 0x9fff):
        if code in PINYIN_DICT and chr(code).encode("gb2312", "ignore"):
            toneless = (_toneless(each) for each in PINYIN_DICT[code].split(","))
            readings[chr(code)] = tuple(dict.fromkeys(toneless))[:2]
    return readings


def _toneless(syllable: str) -> str:
    """``lǜ`` gives ``lv``, ``háng`` gives ``hang``."""
    parts = unicodedata.normalize("NFD", syllable).replace("u\N{COMBINING DIAERESIS}", "v")
    return "".join(each for each in parts if each.isascii())
