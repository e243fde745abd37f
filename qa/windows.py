"""Candidate sentences to the windows that the neural reader looks at."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from corpus.dates import is_plan, years_of
from qa.features import Candidate

LONGEST = 200  # characters of a window
TYPICAL = 130  # what an even division of a passage aims at
_CLAUSE = re.compile(r"[，,；;：:、](?!\d)")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one passage: whole sentences, or a piece of a very long one.

    :ivar context: what stands above it: headings, nearest first, title, place and year.
    :ivar text: the document's text at ``[start, end)``.
    :ivar first, last: the candidates it was made of, as rows ``[first, last]``.
    """

    document_id: str
    start: int
    end: int
    text: str
    context: str
    first: int
    last: int


def windows(candidates: Sequence[Candidate]) -> list[Window]:
    """The candidates' passages divided evenly into windows of at most 200 characters, in order.

    :param candidates: those of one passage stand next to each other, in the order of its text.
    """
    return [window for first, last in _passages(candidates) for window in _divide(candidates, first, last)]


def _passages(candidates: Sequence[Candidate]) -> Iterator[tuple[int, int]]:
    """Rows ``[first, last]`` of candidates that follow each other in one passage."""
    first = 0
    for row in range(1, len(candidates) + 1):
        if row == len(candidates) or candidates[row].rank != candidates[first].rank:
            yield first, row - 1
            first = row


def _divide(candidates: Sequence[Candidate], first: int, last: int) -> Iterator[Window]:
    total = candidates[last].end - candidates[first].start
    target = total / ceil(total / TYPICAL) if total > LONGEST else total
    begin = first
    for row in range(first, last + 1):
        length = candidates[row].end - candidates[begin].start
        if row == last or length >= target or candidates[row + 1].end - candidates[begin].start > LONGEST:
            yield from _window(candidates, begin, row)
            begin = row + 1


def _window(candidates: Sequence[Candidate], first: int, last: int) -> Iterator[Window]:
    opening, closing = candidates[first], candidates[last]
    text = opening.text if first == last else _between(opening, closing)
    context = context_of(opening)
    for start, end in _pieces(text):
        yield Window(opening.entry.id, opening.start + start, opening.start + end, text[start:end], context, first, last)


def _between(opening: Candidate, closing: Candidate) -> str:
    """The passage's text from the start of one sentence to the end of a later one."""
    return (opening.text + opening.after)[:closing.end - opening.start]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of the text, or of its pieces where it is too long: parted behind clauses where there are any."""
    begin = 0
    while len(text) - begin > LONGEST:
        target = begin + (len(text) - begin) // ceil((len(text) - begin) / LONGEST)
        stops = [mark.end() for mark in _CLAUSE.finditer(text, begin + 1, begin + LONGEST)]
        stop = min(stops, key=lambda at: abs(at - target), default=begin + LONGEST)
        yield begin, stop
        begin = stop
    yield begin, len(text)


def context_of(candidate: Candidate) -> str:
    """What the reader is told of a candidate beside its text, the more telling first, since it is cut off when long: the year
    that its part of the document is about and whether that looks ahead, the place, the nearest heading and the title."""
    known, section = candidate.entry.metadata, candidate.section
    years = years_of("", known.published, known.report_year, section)
    when = f"{years[0]}年" if len(years) == 1 else f"{known.report_year}年" if known.report_year else ""
    plan = "计划" if is_plan(candidate.text, section) else ""
    return "，".join(filter(None, (when + plan, known.region, section[-1][:20] if section else "", known.title)))
