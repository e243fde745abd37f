"""From a place in a document to the boxes of its characters on a page.

Readers keep the characters of a page and change their order, so a text is found again by reading it off the page: from
clean offsets to raw ones, and from the raw text, which has the lines in reading order, to the page's characters.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from corpus.document import Document
from corpus.readers.characters import Box, Character
from corpus.readers.runs import overlap

CONTEXT = 60  # characters read before and after what is looked for; a short quote may stand on a page twice
LONGEST = 3000  # characters looked for
SKIP = 1.0  # cost of a character that is not on the page
JUMP = 1.2  # cost of going on elsewhere on the page, and up to one more for the way there
FOUND = 0.3  # share of the characters; where fewer are found, the page does not show the text. A table's row repeats names
GAP = 1.5  # in character heights; what stands closer on a line is boxed together

_UNREAD = -1


def boxes(document: Document, raw: str, start: int, end: int, number: int, page: Sequence[Character]) -> tuple[Box, ...]:
    """Where on a page ``document.text[start:end]`` stands, a box for each line or column of it.

    :param raw: the text that the document's raw offsets point into.
    :param number: of the page.
    :param page: its characters in the order of the file.
    :return: ``(x0, top, x1, bottom)`` in the page's own coordinates; empty where the text is not found on it.
    """
    wanted = _raw_offsets(document, raw, start, min(end, start + LONGEST), number)
    found: dict[int, int] = {}
    for first, last in _stretches(wanted):
        offsets = [at for at in range(max(0, first - CONTEXT), min(len(raw), last + 1 + CONTEXT)) if not raw[at].isspace()]
        places = read_off("".join(raw[at] for at in offsets), page)
        found |= {at: place for at, place in zip(offsets, places, strict=True) if place is not None}
    shown = [page[found[at]] for at in wanted if at in found]
    return tuple(_boxed(shown)) if shown and len(shown) >= FOUND * len(wanted) else ()


def read_off(text: str, page: Sequence[Character]) -> list[int | None]:
    """Where each character of a text stands on a page: the cheapest way to read the one off the other.

    To go on with the page's next character costs nothing, to jump costs :data:`JUMP` and more the further it is, to leave
    a character of the text unread costs :data:`SKIP`.

    :return: for each character its index in ``page``, or None.
    """
    if not page:
        return [None] * len(text)
    letters = np.array([each.text for each in page])
    middles = _middles(page)
    ends, costs = np.array([len(page)]), np.zeros(1)  # of each way so far: where it has come to (at first nowhere), its cost
    steps = []
    for letter in text:
        places = np.flatnonzero(letters == letter)
        reaching = costs[:, None] + _moves(ends, places, middles)
        ways = np.concatenate([reaching.argmin(axis=0), np.arange(len(ends))])  # those that read it, those that leave it
        read = np.concatenate([places, np.full(len(ends), _UNREAD)])
        ends, costs = np.concatenate([places, ends]), np.concatenate([reaching.min(axis=0), costs + SKIP])
        kept = costs <= costs.min() + JUMP + 1  # a jump from the best way is cheaper than the others
        ends, costs = ends[kept], costs[kept]
        steps.append((ways[kept], read[kept]))
    return _traced(steps, int(costs.argmin()))


def _middles(page: Sequence[Character]) -> np.ndarray:
    """The middle of each character, and one for nowhere; the page's diagonal is the unit."""
    middles = np.array([((each.x0 + each.x1) / 2, (each.top + each.bottom) / 2) for each in page])
    return np.vstack([middles, [np.nan, np.nan]]) / max(float(np.linalg.norm(np.ptp(middles, axis=0))), 1.0)


def _moves(ends: np.ndarray, places: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """The costs of going from each of the ends to each of the places."""
    ways = np.nan_to_num(np.linalg.norm(middles[ends][:, None] - middles[places][None], axis=2))
    return np.where(places[None] == ends[:, None] + 1, 0, JUMP + ways)


def _traced(steps: Sequence[tuple[np.ndarray, np.ndarray]], way: int) -> list[int | None]:
    """What was read on a way, from the first character."""
    found: list[int | None] = []
    for ways, read in reversed(steps):
        found.append(int(read[way]) if read[way] != _UNREAD else None)
        way = ways[way]
    return found[::-1]


def _raw_offsets(document: Document, raw: str, start: int, end: int, number: int) -> list[int]:
    """The raw offsets of the visible characters in ``[start, end)`` that stand on a page, those put in by repair left out."""
    clean = [at for at in range(start, min(end, len(document.text))) if document.page(at) == number]
    pairs = ((document.text[at], document.raw_offset(at)) for at in clean if not document.text[at].isspace())
    return [at for text, at in pairs if raw[at:at + 1] == text]


def _stretches(offsets: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of the offsets that stand near one another."""
    ordered = sorted(offsets)
    edges = [at for at, (one, other) in enumerate(pairwise(ordered), 1) if other - one > 2 * CONTEXT]
    for first, last in zip([0, *edges], [*edges, len(ordered)], strict=True):
        if last > first:
            yield ordered[first], ordered[last - 1]


def _boxed(shown: Sequence[Character]) -> Iterator[Box]:
    """One box for the characters that follow one another on a line, or under one another."""
    breaks = [0, *(at for at, (one, other) in enumerate(pairwise(shown), 1) if not _together(one, other)), len(shown)]
    for first, last in pairwise(breaks):
        line = shown[first:last]
        yield min(c.x0 for c in line), min(c.top for c in line), max(c.x1 for c in line), max(c.bottom for c in line)


def _together(one: Character, other: Character) -> bool:
    height = one.bottom - one.top
    level = overlap(one.top, one.bottom, other.top, other.bottom) > height / 2
    return level and -height < other.x0 - one.x1 < GAP * height
