"""Which headline belongs to which text, where the order of extraction does not say."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log

from corpus.cleaning.layout import Element, Frame, Headline

BESIDE = 1.0  # what standing next to a text, on the side usual on the page, counts; to share all its words counts 1
BEYOND = 0.1  # what standing next to it on the other side counts
RELATED = 0.25  # a headline that fits no text better than this belongs to none

_SIGNIFICANT = re.compile(r"\w+")


def matched(headlines: Sequence[Headline], frames: Sequence[Frame], page: Sequence[Element]) -> dict[Frame, Headline]:
    """The headline of each frame that has one; no headline has two frames.

    A headline fits a frame in which the pairs of characters that it is made of occur, those most that occur in few
    other frames, and one that it stands next to. Whether headlines stand before their frames or behind them on this
    page is told by the words that they share with those on either side.
    """
    texts = [_bigrams(frame.text) for frame in frames]
    spread = Counter(pair for text in texts for pair in text)
    shared = [[_shared(headline, text, spread, len(frames)) for text in texts] for headline in headlines]
    sides = [[_side(headline, frame, page) for frame in frames] for headline in headlines]
    cells = [(at, to) for at in range(len(headlines)) for to in range(len(frames))]
    usual = 1 if sum(shared[at][to] * sides[at][to] for at, to in cells) >= 0 else -1
    beside = BESIDE if len(headlines) > 1 else BEYOND  # one headline does not show a habit
    fit = {(at, to): shared[at][to] + {usual: beside, -usual: BEYOND, 0: 0.0}[sides[at][to]] for at, to in cells}
    found: dict[Frame, Headline] = {}
    for at, to in sorted(cells, key=lambda cell: -fit[cell]):
        if fit[at, to] >= RELATED and frames[to] not in found and headlines[at] not in found.values():
            found[frames[to]] = headlines[at]
    return found


def _bigrams(text: str) -> set[str]:
    return {run[at:at + 2] for run in _SIGNIFICANT.findall(text) for at in range(len(run) - 1)}


def _shared(headline: Headline, text: set[str], spread: Counter, frames: int) -> float:
    """Which share of the headline's pairs of characters the text has, each weighted by its rarity among the frames."""
    weights = {pair: log((frames + 1) / spread[pair]) for pair in _bigrams(headline.title.text) if spread[pair]}
    total = sum(weights.values())
    return sum(weight for pair, weight in weights.items() if pair in text) / total if total else 0.0


def _side(headline: Headline, frame: Frame, page: Sequence[Element]) -> int:
    """1 where the headline stands right before the frame, -1 right behind it, 0 where other frames are between them."""
    at, to = page.index(headline), page.index(frame)
    between = page[min(at, to) + 1:max(at, to)]
    return 0 if any(isinstance(element, Frame) for element in between) else (1 if at < to else -1)
