"""The shortest reply in a sentence: a figure, a date, a name, a list."""

import re
from collections.abc import Mapping, Sequence

from qa.question import Kind, Query
from qa.terms import fold

_NUMBER = re.compile(
    r"(?:第|约|近|超过?|逾|达|不低于|不超过|不少于|最高|至少)?"
    r"(?:[0-9０-９]+(?:[,，.．][0-9０-９]+)*|[〇零一二两三四五六七八九十百千]+)\s*(?:多|余|几|来)?\s*(?:[万亿千百]+)?(?:多|余)?\s*"
    r"(?:个百分点|%|％|‰|[\u4e00-\u9fff]{0,2}?(?:元|人|名|户|家|个|项|条|件|套|吨|里|米|亩|公顷|倍|次|年|月|日|天|小时|分钟|位|所|座|处|"
    r"辆|台|张|份|批|部|届|级|岁|度|瓦时|瓦|斤|克|种|类|起|例|册|期|环节|步|本|字|平方公里|平方米|立方米|美元|成|枚|篇|层|车次|人次)"
    r"(?:/[\u4e00-\u9fff]+)?)?")
_DATE = re.compile(
    r"(?:(?:19|20)\d\d年(?:\d{1,2}月(?:\d{1,2}日)?|底|末|初|前)?|\d{1,2}月(?:\d{1,2}日|底|初|末|中旬|上旬|下旬)?|"
    r"[二一][〇○零一二三四五六七八九]{3}年(?:[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}日)?)?|"
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|“?十[一二三四五]五”?(?:期间|末)?)(?:至|到|-|—|~|起|前|之前|以前|底)?"
    r"(?:\d{1,2}月\d{1,2}日)?(?:前|之前|起|止|之日起)?")
_PART_OF_WORD = re.compile(r"[〇零一二两三四五六七八九十百千]")  # 一般, 十分: a numeral alone counts nothing
_NAME = re.compile(r"《[^》]{2,60}》|“[^”]{2,30}”|「[^」]{2,30}」")
_CONTACT = re.compile(
    r"(?:\(?0\d{2,3}\)?[-－ ]?)?\d{7,8}(?:[-—]\d+)?|1[3-9]\d{9}|(?<!\d)1\d{4}(?!\d)|(?:https?://|www\.)[\w./-]+|"
    r"[\w.]+@[\w.]+")
_PATTERNS = {Kind.NUMBER: _NUMBER, Kind.DATE: _DATE, Kind.NAME: _NAME, Kind.CONTACT: _CONTACT}
TYPED = frozenset(_PATTERNS)  # kinds of answer that have a form of their own
_CLAUSE = re.compile(r"[^，；。;、：]*")  # the rest of one
BEYOND = 0.25  # how much words count that stand behind a figure and beyond its clause: they are of the next figure
UNIT_BONUS = 2.5  # of a figure in the unit asked for
_COUNTED = re.compile(
    r"(?:多少|几)[万亿]?个?((?<=个)(?:工作日|小时|月)|(?<!个)(?:元|名|人|户|家|项|条|件|套|吨|公里|里|平方米|平米|平|米|亩|公顷|倍|次|"
    r"年|日|天|小时|分钟|位|所|座|处|辆|台|张|份|批|部|届|级|岁|千瓦|斤|克|种|类|起|例|册|期|步|枚|篇|层|国家|县|市|省))")
# Counting words that stand for the same.
_ALIKE = tuple((re.compile(word), form) for word, form in (
    (r"^(?:天|日|工作日)$", r"[天日]"), (r"^(?:平米|平方米|平)$", r"平"), (r"^(?:人|名|位)$", r"[人名位]|群众|户"), (r"^(?:家|户|个|所)$", r"[家户个所处]"),
    (r"^(?:类|种|项|条|件)$", r"[类种项条件个]"), (r"^(?:公里|里)$", r"里"), (r"^(?:次|倍)$", r"[次倍]|翻"), (r"^(?:国家)$", r"国|个")))
# What a question's words are measured in, the more telling words first: 生产总值增长多少 asks for a percentage.
_CUES = tuple((re.compile(cue, re.IGNORECASE), re.compile(form)) for cue, form in (
    (r"百分之|几成|(?:多少|几)个百?分?点|比重|占比|比率|占[^，。]{0,8}多少|比例|增速|增长率|增幅|税率|[增涨降][长了加幅]*(?:多少|几)",
     r"[%％‰成点]|百分|分之|倍"),
    (r"多久|多长时间|期限|时限|有效期|几[天年周]|几个?(?:月|小时|工作日)|多少[天年周]", r"[天日月年周]|小时|分钟"),
    (r"多少钱|[金元]额|资金|补[贴助]|奖励|奖[金补]|罚[款多金]|费|票价|价格|工资|收入|支出|产值|总值|GDP|投资额|投[了资]?多少|"
     r"融资|贷款", r"元|免费"),
))


def asked_measure(question: str) -> re.Pattern | None:
    """What a figure must carry to be the one asked for: the counting word named after 多少 or 几 (``亿元`` fits the
    元 of 多少元), else what the question's nouns are measured in; None where the question does not tell.
    """
    counted = _COUNTED.search(question)
    if counted:
        return re.compile(next((form for word, form in _ALIKE if word.search(counted[1])), re.escape(counted[1])))
    return next((form for cue, form in _CUES if cue.search(question)), None)


def lacks_figure(text: str, query: Query) -> bool:
    """Whether a question asks for a figure and a text has none, or none in what the question is measured in."""
    if query.kind is not Kind.NUMBER:
        return False
    measure = asked_measure(query.text)
    return not typed_spans(text, query.kind) or bool(measure) and not measure.search(text)


def typed_spans(sentence: str, kind: Kind) -> list[tuple[int, int]]:
    """Where a sentence holds something of a kind of answer; empty for kinds that have no form of their own."""
    pattern = _PATTERNS.get(kind)
    return [m.span() for m in pattern.finditer(sentence) if not _PART_OF_WORD.fullmatch(m[0])] if pattern else []


def highlight(sentence: str, query: Query, weights: Mapping[str, float]) -> tuple[int, int]:
    """The span of a sentence that replies most shortly: offsets ``[start, end)`` in ``sentence``.

    Of the figures, dates or names in it, the one nearest to the question's words; where the kind of answer has no form
    of its own, the clause that the question's words leave over.

    :param weights: how much each of the question's terms counts.
    """
    found = best_span(sentence, query, weights)
    return found[0] if found else _remainder(sentence, query)


def best_span(sentence: str, query: Query, weights: Mapping[str, float]) -> tuple[tuple[int, int], float] | None:
    """Of the figures, dates or names in a sentence that the question does not itself hold, the one nearest to the
    question's words, and how near; None where there is none.

    :returns: its offsets, and about 1.0 where all of ``weights`` stands right before it, :data:`UNIT_BONUS` times as
        much where it is in the unit asked for.
    """
    asked = fold(query.text)
    spans = [(s, e) for s, e in typed_spans(sentence, query.kind) if fold(sentence[s:e]) not in asked]
    return nearest(sentence, spans, weights, asked_measure(query.text) if query.kind is Kind.NUMBER else None)


def nearest(sentence: str, spans: Sequence[tuple[int, int]], weights: Mapping[str, float], measure: re.Pattern | None,
            ) -> tuple[tuple[int, int], float] | None:
    """Of spans of a sentence, the one nearest to the question's words, and how near, as :func:`best_span`; None where there is none.

    :param measure: what the question is measured in, see :func:`asked_measure`.
    """
    if not spans:
        return None
    mentions = _mentions(sentence, weights)

    def nearness(span: tuple[int, int]) -> float:
        start, end = span
        clause = _CLAUSE.search(sentence, end).end()
        near = sum(weight * _decay(at, stop, start, end, clause) for at, stop, weight in mentions)
        return near * (UNIT_BONUS if measure and measure.search(sentence[start:end]) else 1.0)

    best = max(spans, key=nearness)
    return best, nearness(best)


def _decay(at: int, stop: int, start: int, end: int, clause: int) -> float:
    """How much a mention at ``[at, stop)`` counts for a figure at ``[start, end)`` whose clause ends at ``clause``."""
    # What a figure is of stands before it more often than behind it, hence the dearer way back.
    if stop <= start:
        return 1 / (1 + (start - stop) / 8)
    if at >= end:
        return (1.0 if at < clause else BEYOND) / (1 + (at - end + 1) / 4)
    return 0.0


def _mentions(sentence: str, weights: Mapping[str, float]) -> list[tuple[int, int, float]]:
    """Where the question's terms stand in a sentence: ``(start, end, weight)``."""
    low = sentence.lower()
    if len(low) != len(sentence):  # İ becomes two characters; offsets are to be kept
        low = "".join(char.lower()[0] for char in sentence)
    found = []
    for term, weight in weights.items():
        at = low.find(term)
        while at >= 0:
            found.append((at, at + len(term), weight))
            at = low.find(term, at + 1)
    return found


def _heat(sentence: str, query: Query) -> list[bool]:
    """For each character, whether a term of the question of two characters or more covers it."""
    heat = [False] * len(sentence)
    for start, end, _ in _mentions(sentence, {term: 1.0 for term in query.weights if len(term) > 1}):
        heat[start:end] = [True] * (end - start)
    return heat


def _remainder(sentence: str, query: Query) -> tuple[int, int]:
    heat = _heat(sentence, query)
    clauses = [m.span() for m in re.finditer(r"[^，,；;。！？!?：:]+", sentence)] or [(0, len(sentence))]
    hot = [sum(heat[s:e]) for s, e in clauses]
    best = max(range(len(clauses)), key=lambda i: hot[i])
    start, end = clauses[best]
    covered = hot[best] / max(1, end - start)
    if covered > 0.6 and best + 1 < len(clauses):
        start, end = clauses[best + 1]
    while start < end and heat[start]:
        start += 1
    while end > start and heat[end - 1]:
        end -= 1
    return (start, end) if end > start else clauses[best]
