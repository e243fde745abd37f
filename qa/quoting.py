"""From the best window and the span found in it to what is quoted."""

import re
from dataclasses import dataclass

from corpus.passages import sentences
from qa.evidence import Evidence
from qa.neural import Finding
from qa.question import Kind

NEAR = 20  # characters to the edge of a clause at which a quote takes them in
SHORT_SENTENCE = 40  # characters of a sentence that is quoted whole around a figure, a date or a name
LONGEST_LIST = 320  # characters of an answer that goes on behind a colon
# Kinds of answer that are named in a clause; all others are told, in as many words as the reader found.
_NAMED = (Kind.NUMBER, Kind.DATE, Kind.PERSON, Kind.PLACE, Kind.CONTACT, Kind.NAME)
_CLAUSE = re.compile(r"[，,；;。！？!?：:\n]")
_ITEM = re.compile(r"\s*(?:\d{1,2}[.、．)）](?!\d)|[（(]?[一二三四五六七八九十]{1,2}[)）、]|[一二三四五六七八九十]是|第[一二三四五六七八九十][步条])")
_ITEM_TEXT = re.compile(r"\s*[^；;。！？\n]*[；;。！？]?")
# What states a figure that then ends the reply: 全市生产总值完成
_STATING = re.compile(r".{3,}(?:为|是|达到?|完成|实现|突破)(?=(?:[约近超]过?)?\d[^，,。；;]*$)", re.DOTALL)
_CLOSING = "。；！？;!?”’）)"


@dataclass(frozen=True, slots=True)
class Quote:
    """A slice of a document; offsets ``[start, end)`` in it.

    :ivar text: the document's text there.
    :ivar highlight: the shortest reply, as offsets in the document, or None.
    """

    document_id: str
    start: int
    end: int
    text: str
    highlight: tuple[int, int] | None


def quote(kind: Kind, evidence: Evidence, chosen: int) -> Quote:
    """The quote from the chosen window: what the answer surely lies in, drawn out to clauses.

    :param chosen: row of the window in ``evidence.windows``.
    """
    window, found = evidence.windows[chosen], evidence.findings[chosen]
    start, end = _to_clauses(window.text, *found.widest)
    if kind in _NAMED:
        start, end = _to_sentence(window.text, start, end, found)
    start, end = _trimmed(window.text, start, end)
    last = evidence.candidates[window.last]
    passage, begin = last.before + last.text + last.after, last.start - len(last.before)
    first = window.start + start - begin
    stop = _continued(passage, first, window.start + end - begin, kind not in _NAMED)
    reply = _figure(window.text, found.start, found.end) if kind is Kind.NUMBER else found.start
    return Quote(window.document_id, begin + first, begin + stop, passage[first:stop], (window.start + reply, window.start + found.end))


def _figure(text: str, start: int, end: int) -> int:
    """Where in a span the figure begins, if the span is one clause that states it."""
    stated = _STATING.match(text, start, end)
    return stated.end() if stated else start


def _to_clauses(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch with what stands between it and the edges of its clauses, where that is near, and with the mark that closes it."""
    marks = [0, *(mark.end() for mark in _CLAUSE.finditer(text)), len(text)]
    first = max(mark for mark in marks if mark <= start)
    last = min(mark for mark in marks if mark >= end)
    start = first if start - first <= NEAR else start
    end = last if last - end <= NEAR else end
    while end < len(text) and text[end] in _CLOSING and text[end - 1] not in "。！？":
        end += 1
    return start, end


def _to_sentence(text: str, start: int, end: int, found: Finding) -> tuple[int, int]:
    """The sentence around the span as well, where it is short."""
    around = [(s, e) for s, e in sentences(text) if s < found.end and e > found.start]
    if around and around[-1][1] - around[0][0] <= SHORT_SENTENCE:
        return min(start, around[0][0]), max(end, around[-1][1])
    return start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _continued(passage: str, start: int, end: int, told: bool) -> int:
    """Where a quote ends in its passage: if it ends in a colon, where what that introduces does, and if it ends amid a list,
    where that does.

    :param told: whether the question asks for what may be a list.
    """
    if passage[start:end].endswith(("：", ":")):
        for _, finish in sentences(passage, end):
            if finish - start > LONGEST_LIST:
                break
            end = finish
        return end
    while told and (following := _next_item(passage, start, end)) and following - start <= LONGEST_LIST:
        end = following
    return end


def _next_item(passage: str, start: int, end: int) -> int:
    """Where the list item ends that follows a quote; 0 where none does."""
    rest = _ITEM_TEXT.match(passage, end)
    if not rest[0].strip():
        return 0
    listed = passage[end - 1] in "；;" or _ITEM.match(rest[0]) and any(
        _ITEM.match(passage[at:end]) for at in (start, *(mark.end() for mark in _CLAUSE.finditer(passage, start, end))))
    return rest.end() if listed else 0
