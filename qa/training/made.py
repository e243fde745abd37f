"""Groups made by rule from documents: a stretch of a window is taken for the answer, and what stands around it is asked."""

import re
from collections.abc import Iterator

import numpy as np
import rjieba

from embeddings.training.pairs import Wordings
from qa.training.groups import Group, Groups, bigrams, hardest
from qa.training.sources import Source

WINDOWS = 5  # of a question
SAMPLED = 60  # windows of its own document that wrong ones are chosen among, and of others
UNANSWERED = 0.1  # share of groups that lack their window
OTHER_YEAR = 0.08  # share of groups that ask of a year that their windows do not speak of
LONGEST_ANSWER = 190
_FIGURE = re.compile(r"(?:[约近超逾达]|超过|不低于|不超过|不少于|最高|第)?\d[\d.,]*(?:[万亿千百]*)(?:个百分点|%|％|[\u4e00-\u9fff]{0,3}?(?:元|人|名|户|家|个|项|条|件|套|吨|里|米|亩|公顷|倍|次|"
                     r"年|日|月|天|小时|分钟|位|所|座|处|辆|台|张|份|批|岁|度|瓦时|瓦|种|类|例|期))(?:以[上下内])?")
_DATE = re.compile(r"(?:(?:19|20)\d\d年(?:\d{1,2}月(?:\d{1,2}日)?|底|末|初|前)?|\d{1,2}月\d{1,2}日)(?:前|起|之前)?")
_NAME = re.compile(r"《[^》]{2,50}》|“[^”]{2,20}”")
_LIST = re.compile(r"[^，。；：、\s]{2,16}(?:、[^，。；：、\s]{2,20}){1,8}(?=[，。；：\s]|$)")
_SENTENCE = re.compile(r"[^。！？；\n]{8,190}[。！？；]?")
_CLAUSE = re.compile(r"[^，,：:]+")
_HEADING = re.compile(r"^(?:第[一二三四五六七八九十百零千\d]+[条章节款]|[（(][一二三四五六七八九十\d]+[）)]|[一二三四五六七八九十]+、|\d+[.、．])\s*")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")
_MARKS = re.compile(r"[\W_]+")
_ASK = {
    "number": ("多少", "多少", "是多少", "有多少", "几", "达到多少", "多少钱", "最多多少"),
    "date": ("什么时候", "哪一年", "何时", "哪天", "什么时间", "从什么时候起"),
    "name": ("什么", "叫什么", "哪个", "什么名字", "哪份文件"),
    "list": ("哪些", "有哪些", "包括哪些", "哪几个", "分别是什么", "什么"),
    "person": ("谁", "哪位"), "place": ("哪里", "哪个地方", "哪个城市", "哪个县"), "organisation": ("哪个部门", "哪个单位", "谁", "哪家"),
    "clause": ("什么", "是什么", "怎么", "如何", "什么要求", "怎样", "什么条件", ""),
    "rest": ("有什么支持", "怎么办", "有什么规定", "是怎么规定的", "有什么政策", "怎么做", "有什么要求", "采取了哪些措施", "做了什么",
             "有什么优惠", "怎么处理", "应当如何", "有哪些要求", "有什么安排", "有什么补助"),
    "body": ("是什么", "有哪些", "有什么", "如何", "有哪些措施", "包括什么", "怎么规定", "内容是什么", "有哪些要求", "具体有哪些"),
}
_TAGS = {"nr": "person", "ns": "place", "nt": "organisation"}


class Maker:
    """Makes groups. All random choices come from ``rng``."""

    def __init__(self, sources: list[Source], wordings: Wordings, groups: Groups, rng: np.random.Generator) -> None:
        self._sources, self._wordings, self._groups, self._rng = sources, wordings, groups, rng
        self._kinds: dict[str, list[Source]] = {}
        for source in sources:
            self._kinds.setdefault(source.kind, []).append(source)
        self._bags: dict[str, frozenset[str]] = {}

    def make(self, source: Source, at: int) -> None:
        """Add a group that asks for something in one window of a source, where it offers anything."""
        heading, context, text = source.windows[at]
        made = self._body(source, at) if heading and self._chance(0.25) else None
        made = made or self._asked(text)
        if made is None:
            return
        question, start, end = made
        question = self._placed(source, heading, question)
        if len(question) < 6:
            return
        wrong = self._wrong(question, source, text[start:end], text)
        rows = [(context, text), *wrong]
        if years := [] if not self._chance(OTHER_YEAR / 0.4) else _YEAR.findall(question):
            other = str(int(years[0]) + int(self._rng.choice([-3, -2, -1, 1, 2, 3])))
            if not any(other in part for row in rows for part in row):
                self._add(question.replace(years[0], other), rows, ())
                return
        if self._chance(UNANSWERED):
            self._add(question, wrong, ())
        else:
            self._add(question, rows, ((0, start, end),))

    def _add(self, question: str, rows: list[tuple[str, str]], right: tuple) -> None:
        if rows:
            self._groups.groups.append(Group(question, tuple(self._groups.row(*row) for row in rows), right))

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share

    def _pick(self, items):
        return items[int(self._rng.integers(len(items)))]

    def _asked(self, text: str) -> tuple[str, int, int] | None:
        """A question for a stretch of a text, and its offsets."""
        sentences = [match for match in _SENTENCE.finditer(text) if len(_MARKS.sub("", match[0])) >= 8]
        if not sentences:
            return None
        sentence = self._pick(sentences)
        offered = list(_stretches(sentence[0]))
        if not offered:
            return None
        kinds = sorted({kind for kind, _, _ in offered})
        kind = self._pick(kinds)
        _, start, end = self._pick([each for each in offered if each[0] == kind])
        question = self._question(sentence[0], kind, start, end)
        return (question, sentence.start() + start, sentence.start() + end) if question else None

    def _question(self, sentence: str, kind: str, start: int, end: int) -> str:
        """The clauses around a stretch, thinned out, in other words here and there, with the words that ask in its place."""
        clauses = [match.span() for match in _CLAUSE.finditer(sentence)]
        inside = [i for i, (s, e) in enumerate(clauses) if s < end and e > start]
        first = max(0, inside[0] - int(self._rng.integers(0, 3)))
        last = min(len(clauses) - 1, inside[-1] + int(self._rng.random() < 0.25))
        before = _HEADING.sub("", sentence[clauses[first][0]:start])[-50:]
        behind = sentence[end:max(end, clauses[last][1])][:24]
        if len(_MARKS.sub("", before + behind)) < 4:
            return ""
        keep = self._pick((0.5, 0.7, 0.85, 1.0))
        before, behind = self._thinned(before, keep), self._thinned(behind, keep)
        ask = self._pick(_ASK[kind])
        question = before + ask + behind if self._chance(0.6) else before + behind + ask
        question = self._wordings.vary(question, _Chooser(self._rng)) if self._chance(0.5) else question
        return self._misspelt(question)

    def _thinned(self, text: str, keep: float) -> str:
        return "".join(word for word in rjieba.cut(_MARKS.sub("" if self._chance(0.5) else "，", text))
                       if _YEAR.match(word) or word.isdigit() or self._rng.random() < keep)

    def _misspelt(self, question: str) -> str:
        if not self._chance(0.05) or len(question) < 8:
            return question
        at = int(self._rng.integers(len(question) - 1))
        return question[:at] + self._pick("的是在了有和地市以及实") + question[at + 1:]

    def _body(self, source: Source, at: int) -> tuple[str, int, int] | None:
        """A question for all that stands in a window, from its heading."""
        heading, _, text = source.windows[at]
        asked = _MARKS.sub("", _HEADING.sub("", heading))[:40]
        if len(asked) < 4 or len(text) > LONGEST_ANSWER or at and source.windows[at - 1][0] == heading:
            return None
        stripped = len(text) - len(_HEADING.sub("", text))
        return self._thinned(asked, 0.85) + self._pick(_ASK["body"]), stripped, len(text.rstrip())

    def _placed(self, source: Source, heading: str, question: str) -> str:
        """A question with a piece of the title, or of the heading, in front of it, as people often ask."""
        title = rjieba.cut(_MARKS.sub("", source.title))
        chance = self._rng.random()
        if chance < 0.1:
            return "".join(title)[:36] + question
        if chance < 0.4:
            return "".join(title[:int(self._rng.integers(1, 4))]) + question
        if chance < 0.5 and heading:
            return self._thinned(_HEADING.sub("", heading)[:20], 0.8) + question
        return question

    def _wrong(self, question: str, source: Source, answer: str, right: str) -> list[tuple[str, str]]:
        """Windows that share words with a question and do not hold its answer: of its document, and of others of the kind."""
        others = [self._pick(self._kinds[source.kind]) for _ in range(2)]
        pool = [each for of in (source, *others) for each in self._sample(of)]
        held = [(row, self._bag(text)) for row, (_, _, text) in enumerate(pool) if answer not in text and text != right]
        return [pool[row][1:] for row in hardest(bigrams(question), held, WINDOWS - 1)]

    def _sample(self, source: Source) -> list[tuple[str, str, str]]:
        if len(source.windows) <= SAMPLED:
            return source.windows
        return [source.windows[i] for i in self._rng.integers(0, len(source.windows), SAMPLED)]

    def _bag(self, text: str) -> frozenset[str]:
        bag = self._bags.get(text)
        if bag is None:
            bag = self._bags[text] = bigrams(text)
        return bag


class _Chooser:
    """What :class:`Wordings` needs of ``random.Random``."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def random(self) -> float:
        return float(self._rng.random())

    def choice(self, items: list):
        return items[int(self._rng.integers(len(items)))]


def _stretches(sentence: str) -> Iterator[tuple[str, int, int]]:
    """What can be asked for in a sentence: kind of answer and offsets."""
    for kind, pattern in (("number", _FIGURE), ("date", _DATE), ("name", _NAME), ("list", _LIST)):
        yield from ((kind, *match.span()) for match in pattern.finditer(sentence))
    at = 0
    for word, tag in rjieba.tag(sentence):
        if tag in _TAGS and len(word) > 1:
            yield _TAGS[tag], at, at + len(word)
        at += len(word)
    clauses = [match.span() for match in _CLAUSE.finditer(sentence)]
    end = len(sentence.rstrip("。！？；"))
    yield from (("clause", s, min(e, end)) for s, e in clauses[1:] if min(e, end) - s >= 4)
    if len(clauses) > 1 and 6 <= clauses[0][1] <= 44 and end - clauses[1][0] >= 8:
        yield "rest", clauses[1][0], end
