"""Which headline belongs to which text, where the order of extraction does not say."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log

from corpus.cleaning.layout import Element, Frame, Headline

BESIDE = 0.3  # what standing next to a text counts for a headline; to share all its words with the text counts 1
RELATED = 0.25  # a headline that fits no text better than this belongs to none

_SIGNIFICANT = re.compile(r"\w+")


def matched(headlines: Sequence[Headline], frames: Sequence[Frame], page: Sequence[Element]) -> dict[Frame, Headline]:
    """The headline of each frame that has one; no headline has two frames.

    A headline fits a frame in which the pairs of characters that it is made of occur, those most that occur in few
    other frames, and one that it stands next to.
    """
    texts = [_bigrams(frame.text) for frame in frames]
    spread = Counter(pair for text in texts for pair in text)
    found: dict[Frame, Headline] = {}
    scores = sorted(((_shared(headline, text, spread, len(frames)) + BESIDE * _beside(headline, frame, page), at, to)
                     for at, headline in enumerate(headlines)
                     for to, (frame, text) in enumerate(zip(frames, texts, strict=True))),
                    key=lambda score: (-score[0], *score[1:]))
    for score, at, to in scores:
        if score >= RELATED and frames[to] not in found and headlines[at] not in found.values():
            found[frames[to]] = headlines[at]
    return found


def _bigrams(text: str) -> set[str]:
    return {run[at:at + 2] for run in _SIGNIFICANT.findall(text) for at in range(len(run) - 1)}


def _shared(headline: Headline, text: set[str], spread: Counter, frames: int) -> float:
    """Which share of the headline's pairs of characters the text has, each weighted by its rarity among the frames."""
    weights = {pair: log((frames + 1) / spread[pair]) for pair in _bigrams(headline.title.text) if spread[pair]}
    total = sum(weights.values())
    return sum(weight for pair, weight in weights.items() if pair in text) / total if total else 0.0


def _beside(headline: Headline, frame: Frame, page: Sequence[Element]) -> bool:
    """Is there nothing but other headlines between the two?"""
    at, to = sorted((page.index(headline), page.index(frame)))
    return not any(isinstance(element, Frame) for element in page[at + 1:to])
