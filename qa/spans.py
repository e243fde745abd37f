"""The shortest reply in a sentence: a figure, a date, a name, a list."""

import re

from qa.question import Kind, Query
from qa.terms import fold

_DIGITS = r"[0-9０-９〇零一二两三四五六七八九十百千万亿]"
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
_CONTACT = re.compile(r"(?:\(?0\d{2,3}\)?[-－ ]?)?\d{7,8}(?:[-—]\d+)?|1[3-9]\d{9}|(?<!\d)1\d{4}(?!\d)|(?:https?://|www\.)[\w./-]+|[\w.]+@[\w.]+")
_PATTERNS = {Kind.NUMBER: _NUMBER, Kind.DATE: _DATE, Kind.NAME: _NAME, Kind.CONTACT: _CONTACT}
_UNIT = re.compile(r"(?:多少|几)\s*([\u4e00-\u9fff%]{1,4})")
_CLAUSE = re.compile(r"[^，；。;、：]*")  # the rest of one
BEYOND = 0.25  # how much words count that stand behind a figure and beyond its clause: they are of the next figure
_NOT_UNIT = re.compile(r"[的了吗呢是在]|钱$")


def asked_unit(question: str) -> str:
    """The counting word asked for (``亿元`` in ``多少亿元``), empty where none is named."""
    found = _UNIT.search(question)
    if not found:
        return ""
    unit = _NOT_UNIT.split(found[1])[0]
    return "元" if found[1].startswith("钱") else unit


def typed_spans(sentence: str, kind: Kind) -> list[tuple[int, int]]:
    """Where a sentence holds something of a kind of answer; empty for kinds that have no form of their own."""
    pattern = _PATTERNS.get(kind)
    return [m.span() for m in pattern.finditer(sentence) if not _PART_OF_WORD.fullmatch(m[0])] if pattern else []


def fits_unit(text: str, unit: str) -> bool:
    """Does a figure carry the unit asked for, or one that holds it (``亿元`` for ``元``)?"""
    return bool(unit) and (unit[:1] in text or unit in text)


def highlight(sentence: str, query: Query) -> tuple[int, int]:
    """The span of a sentence that replies most shortly: offsets ``[start, end)`` in ``sentence``.

    Of the figures, dates or names in it, the one nearest to the question's words that the question does not itself
    hold; where the kind of answer has no form, the clause that the question's words leave over.
    """
    spans = [(s, e) for s, e in typed_spans(sentence, query.kind) if fold(sentence[s:e]) not in fold(query.text)]
    if not spans:
        return _remainder(sentence, query)
    heat = _heat(sentence, query)
    unit = asked_unit(query.text)

    def score(span: tuple[int, int]) -> float:
        start, end = span
        clause = _CLAUSE.search(sentence, end).end()
        near = sum(h * (1.0 if i < clause else BEYOND) / (1 + _distance(i, start, end))
                   for i, h in enumerate(heat) if h and not start <= i < end)
        return near * (2.5 if fits_unit(sentence[start:end], unit) else 1.0)

    return max(spans, key=score)


def _distance(at: int, start: int, end: int) -> float:
    # What a figure is of stands before it more often than behind it, hence the dearer way back.
    return (start - at) / 4 if at < start else (at - end + 1) / 2


def _heat(sentence: str, query: Query) -> list[float]:
    """For each character, the weight of the longest of the question's terms that covers it."""
    heat = [0.0] * len(sentence)
    low = "".join(char.lower()[0] for char in sentence)  # keeps offsets, unlike lower(): İ becomes two characters
    for term in query.weights:
        if len(term) < 2:
            continue
        at = low.find(term)
        while at >= 0:
            for i in range(at, at + len(term)):
                heat[i] = max(heat[i], 1.0)
            at = low.find(term, at + 1)
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
