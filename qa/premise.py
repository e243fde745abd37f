"""A question that first states the figure of one time and then asks for that of another."""

import re

# A clause that states a figure with what it counts, which is more than a year or a month.
_STATED = re.compile(r"(?<![A-Za-z\d.])\d[\d.,]*(?![A-Za-z\d])\s*(?:[%％]|个?百分点|[万亿千百多余]*[^\W\d年月日号])(?:左右|以上)?")
_ASKS = re.compile(r"多少|几|什么|哪|如何|怎么|怎样|[吗呢?？]")
_TIME = re.compile(r"[“\"]?(?:(?:19|20)\d\d年?(?:\d{1,2}月)?|十[一二三四五]五)[”\"]?(?:末|底|初|期间|时期)?|去年|今年|明年|当年|当时|全年")
_CONTRAST = re.compile(r"计划|目标|原先|原本|预期|后来|已经|实际")
_LAST_CLAUSE = re.compile(r"(.*[，,；;])(.+)", re.DOTALL)


def without_premise(question: str) -> tuple[str, str]:
    """A question without the figures and the times that it states before it asks for those of another time, and the part of
    it that asks.

    Both are the whole question where it does not compare: a figure may be the condition of what is asked.
    """
    parted = _LAST_CLAUSE.fullmatch(question)
    if not parted:
        return question, question
    stated, asking = parted.groups()
    times, other = set(_TIME.findall(stated)), set(_TIME.findall(asking))
    compares = other - times and (times or _CONTRAST.search(stated))
    if not compares or _ASKS.search(stated) or not _ASKS.search(asking) or not _STATED.search(_TIME.sub("", stated)):
        return question, question
    return _STATED.sub("", _TIME.sub("", stated)) + asking, asking
