"""What the reading made of a report: the text as extracted beside the repaired one, passage by passage, in parts."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from corpus.document import Document, Passage

PART = 6000  # characters of repaired text that are shown together
GAP = 120  # characters left out by the repair that are still shown between two pieces

HEADING, PASSAGE, REST = "heading", "passage", "rest"


@dataclass(frozen=True, slots=True)
class Row:
    """A heading, a passage, or text that belongs to neither and is never quoted.

    :ivar kind: :data:`HEADING`, :data:`PASSAGE` or :data:`REST`.
    :ivar number: of the passage, from 1; the level of a heading; 0 for the rest.
    :ivar start, end: offsets in the document.
    :ivar repeated: what of its text stands in the passage before, too.
    :ivar text: what follows of it.
    :ivar raw: the pieces of extracted text that it was made of, in the order in which they are read.
    :ivar page: the page on which it begins, or None.
    """

    kind: str
    number: int
    start: int
    end: int
    repeated: str
    text: str
    raw: tuple[str, ...]
    page: int | None


def lay_out(document: Document, raw: str, passages: Sequence[Passage]) -> list[list[Row]]:
    """All of a document in parts of some pages each; at least one part.

    :param raw: the text as extracted.
    :param passages: all passages, in order.
    """
    parts: list[list[Row]] = [[]]
    held = 0
    for row in _rows(document, raw, passages):
        if held > PART:
            parts.append([])
            held = 0
        parts[-1].append(row)
        held += row.end - row.start
    return parts


def _rows(document: Document, raw: str, passages: Sequence[Passage]) -> Iterator[Row]:
    spans = [(section.start, section.body, HEADING, section.level) for section in document.sections]
    spans += [(passage.start, passage.end, PASSAGE, number) for number, passage in enumerate(passages, 1)]
    at = 0
    for start, end, kind, number in sorted(spans):
        if document.text[at:start].strip():
            yield _row(document, raw, REST, 0, at, start, at)
        yield _row(document, raw, kind, number, start, end, at)
        at = max(at, end)
    if document.text[at:].strip():
        yield _row(document, raw, REST, 0, at, len(document.text), at)


def _row(document: Document, raw: str, kind: str, number: int, start: int, end: int, seen: int) -> Row:
    """:param seen: where the text begins that no row before this one holds."""
    fresh = min(max(start, seen), end)
    return Row(kind, number, start, end, document.text[start:fresh], document.text[fresh:end],
               tuple(raw[a:b] for a, b in _pieces(document, start, end)), document.page(start))


def _pieces(document: Document, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The ``[start, end)`` of the raw text that a span was made of. Pieces that follow each other closely are one, with what
    lies between them."""
    low = high = None
    for a, b in _steps(document, start, end):
        if high is not None and low <= a <= high + GAP:
            high = max(high, b)
            continue
        if high is not None:
            yield low, high
        low, high = a, b
    if high is not None:
        yield low, high


def _steps(document: Document, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The same in the smallest pieces. Characters that the repair put in have none of their own."""
    offsets = document.offsets
    first = max(0, bisect_right(offsets, start, key=itemgetter(0)) - 1)
    last = bisect_left(offsets, end, key=itemgetter(0))
    for at in range(first, last):
        own, origin = offsets[at]
        a = max(start, own)
        b = min(end, offsets[at + 1][0]) if at + 1 < last else end
        stop = origin + b - own
        if at + 1 < len(offsets) and origin <= offsets[at + 1][1] < stop:
            stop = offsets[at + 1][1]
        if (begin := origin + a - own) < stop:
            yield begin, stop
