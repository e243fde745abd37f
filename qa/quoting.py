"""From the best window and the span found in it to what is quoted."""

import re
from dataclasses import dataclass

from corpus.passages import sentences
from qa.evidence import Evidence
from qa.neural import Finding
from qa.question import Kind
from qa.windows import Window

NEAR = 8  # characters to the edge of a clause at which a quote takes them in
SHORT_SENTENCE = 40  # characters of a sentence that is quoted whole around a figure, a date or a name
LONGEST_LIST = 320  # characters of an answer that goes on behind a colon
# Kinds of answer that are named in a clause; all others are told, in as many words as the reader found.
_NAMED = (Kind.NUMBER, Kind.DATE, Kind.PERSON, Kind.PLACE, Kind.CONTACT, Kind.NAME)
_CLAUSE = re.compile(r"[，,；;。！？!?：:\n]")
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
    start, end = _to_clauses(window.text, *found.widest, len(window.text) if kind in _NAMED else NEAR)
    if kind in _NAMED:
        start, end = _to_sentence(window.text, start, end, found)
    start, end = _trimmed(window.text, start, end)
    stop, more = _introduced(evidence, window, start, end)
    return Quote(window.document_id, window.start + start, stop, window.text[start:end] + more, (window.start + found.start, window.start + found.end))


def _to_clauses(text: str, start: int, end: int, near: int) -> tuple[int, int]:
    """A stretch with what stands between it and the edges of its clauses, where that is no more than ``near`` characters, and
    with the mark that closes it."""
    marks = [0, *(mark.end() for mark in _CLAUSE.finditer(text)), len(text)]
    first = max(mark for mark in marks if mark <= start)
    last = min(mark for mark in marks if mark >= end)
    start = first if start - first <= near else start
    end = last if last - end <= near else end
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


def _introduced(evidence: Evidence, window: Window, start: int, end: int) -> tuple[int, str]:
    """Where a quote ends in the document: if it ends in a colon, where what that introduces does; and the text it gains."""
    stop = window.start + end
    if not window.text[start:end].endswith(("：", ":")):
        return stop, ""
    last = evidence.candidates[window.last]
    passage, begin = last.before + last.text + last.after, last.start - len(last.before)
    for _, finish in sentences(passage, stop - begin):
        if begin + finish - window.start - start > LONGEST_LIST:
            break
        stop = begin + finish
    return stop, passage[window.start + end - begin:stop - begin]
