"""The terms of an index, and what each is worth."""

import operator
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TypeVar

import numpy as np

T = TypeVar("T")

# Among two or three passages most terms are in half of them and their IDF is 0 or less; all then count the same.
LEAST_IDF = 0.1
REMEMBERED = 1 << 15  # terms of which is known how many passages hold them


class Vocabulary:
    """How many passages hold each term, and the IDF that follows: rank_bm25's, with its floor of ``epsilon`` times the mean for
    terms in more than half of the passages.

    :ivar held: how many passages hold a term, 0 for an unknown one.
    :param passages: how many there are.
    :param average_idf: the mean over all terms, before the floor.
    :param k1: saturation of term frequency in BM25.
    """

    def __init__(self, held: Callable[[str], int], passages: int, average_idf: float, k1: float, epsilon: float) -> None:
        self.held = lru_cache(REMEMBERED)(held)
        self.passages, self.average_idf, self.k1, self.epsilon = passages, average_idf, k1, epsilon
        self._unknown = max(LEAST_IDF, float(np.log(max(1, passages) - 0.5) - np.log(1.5)))
        self._known = lru_cache(REMEMBERED)(self._known_idf)

    def __contains__(self, term: str) -> bool:
        return self.held(term) > 0

    def present(self, terms: Iterable[str]) -> tuple[str, ...]:
        """Those of some terms that any passage holds, in their order."""
        return tuple(filter(self.held, terms))

    def idf(self, term: str) -> float:
        """IDF of a term, 0.0 for one no passage holds."""
        if not (held := self.held(term)):
            return 0.0
        idf = float(raw_idf(held, self.passages))
        return idf if idf >= 0 else self.epsilon * self.average_idf

    def known_idf(self, terms: Iterable[str]) -> list[float]:
        """IDF of each of some terms, as :meth:`idf`, but above 0, and an unknown one counts as one that a single passage holds."""
        return list(map(self._known, terms))

    def _known_idf(self, term: str) -> float:
        return max(LEAST_IDF, self.idf(term)) if self.held(term) else self._unknown

    def highest_score(self, weights: Mapping[str, float]) -> float:
        """What BM25 with these weights of terms would approach if a passage held every term very often."""
        return (self.k1 + 1) * sum(map(operator.mul, weights.values(), self.known_idf(weights)))

    def consulted(self, work: Callable[[Callable[[str], int]], T]) -> T:
        """What some work makes of document frequencies.

        :param work: is given :attr:`held`. It may be done several times, so it must change nothing.
        """
        return work(self.held)

    def expect(self, bags: Iterable[Iterable[str]]) -> None:
        """Be told which terms will be asked for, so that they need not be fetched one by one where fetching takes long."""


def raw_idf(held: np.ndarray | int, passages: int) -> np.ndarray | float:
    """IDF of terms that so many of the passages hold, before the floor. Robertson and Zaragoza, 2009, with rank_bm25's 0.5."""
    return np.log(passages - held + 0.5) - np.log(held + 0.5)
