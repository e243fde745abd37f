"""What the reader decides on: candidate sentences with their features, and windows with what the neural reader found there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qa.features import Candidate, Idf, features, term_weights
from qa.matcher import Matcher
from qa.neural import Finding, WindowReader
from qa.question import Query
from qa.windows import Window, windows

# Windows that the neural reader looks at, and how much worse than the best one's the best sentence of each may score. Windows
# further behind made no answer on the dev sets better on the whole, and each costs 10 ms.
LOOKED_AT = 6
BEHIND = 3.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of a question before an answer is chosen.

    :ivar weights: share of the question's meaning that each of its terms carries.
    :ivar matrix: features of the candidates, float32 of shape ``(candidates, len(NAMES))``.
    :ivar logits: the candidates' scores under the sentence model.
    :ivar saturation: the best passage's BM25 score over the highest that the question could reach, in [0, 1].
    :ivar windows: the windows with the best sentences, best first, and what was found in each.
    """

    candidates: list[Candidate]
    weights: dict[str, float]
    matrix: np.ndarray
    logits: np.ndarray
    saturation: float
    windows: list[Window]
    findings: list[Finding]

    @property
    def promise(self) -> np.ndarray:
        """The score of the best sentence in each window, float64 of shape ``(windows,)``."""
        return np.array([self.logits[window.first:window.last + 1].max() for window in self.windows])


def gather(query: Query, candidates: list[Candidate], idf: Idf, matcher: Matcher, saturation: float,
           sentence: np.ndarray, reader: WindowReader) -> Evidence:
    """Weigh the candidate sentences and have the windows that hold the best of them looked at.

    :param idf: above 0 for unknown terms too.
    :param saturation: as in :class:`Evidence`.
    :param sentence: weight of each feature.
    """
    weights = term_weights(query, idf)
    matrix = features(query, candidates, weights, idf, matcher)
    logits = matrix @ sentence
    chosen = shortlist(windows(candidates), logits)
    return Evidence(candidates, weights, matrix, logits, saturation, chosen, reader.read(query.stated, chosen))


def shortlist(found: Sequence[Window], logits: np.ndarray) -> list[Window]:
    """The windows that hold the best sentences, best first."""
    promise = np.array([logits[window.first:window.last + 1].max() for window in found])
    order = np.argsort(-promise, kind="stable")[:LOOKED_AT]
    return [found[i] for i in order if promise[i] >= promise[order[0]] - BEHIND]
