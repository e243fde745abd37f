"""BM25 over postings: rank_bm25's scores without its loop over every document for every term."""

import operator
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from rank_bm25 import BM25Okapi

from qa.frequencies import Frequencies
from qa.postings import Postings, hashed

# Among two or three passages most terms are in half of them and their IDF is 0 or less; all then count the same.
LEAST_IDF = 0.1
REMEMBERED = 1 << 15  # terms of which is known how many passages hold them


class PostingsBM25(BM25Okapi):
    """:class:`rank_bm25.BM25Okapi` over postings, in which terms are looked up.

    Scores equal ``BM25Okapi(corpus, k1, b, epsilon).get_scores(query)``; only passages that hold a term are visited.
    Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009, with rank_bm25's floor of
    ``epsilon`` times the mean IDF for terms in more than half of the passages.

    :param parts: postings of all passages; the rows of each go on where those of the one before end.
    :param k1: saturation of term frequency; 0.9 with ``b`` 0.4 measured best here, see docs/decisions.md.
    """

    def __init__(self, parts: Sequence[Postings], k1: float = 0.9, b: float = 0.4, epsilon: float = 0.25) -> None:
        # Not calling BM25Okapi.__init__ on purpose: it would build a dict of counts for every passage.
        self.k1, self.b, self.epsilon = k1, b, epsilon
        self.parts = tuple(parts)
        self.bounds = tuple(np.cumsum([0, *map(len, self.parts)]).tolist())
        self.corpus_size = self.bounds[-1]
        self.avgdl = sum(int(part.lengths.sum()) for part in self.parts) / self.corpus_size if self.corpus_size else 0.0
        self._norms = [k1 * (1 - b + b * part.lengths / self.avgdl) if self.avgdl else np.ones(len(part)) for part in self.parts]
        self._frequencies = Frequencies(self.parts)
        idf = self._idf(self._frequencies.held)
        self.average_idf = float(idf.mean()) if len(idf) else 0.0
        self._unknown = max(LEAST_IDF, float(np.log(max(1, self.corpus_size) - 0.5) - np.log(1.5)))
        self.held = lru_cache(REMEMBERED)(self._held)
        self._known = lru_cache(REMEMBERED)(self._known_idf)

    def _idf(self, held: np.ndarray | int) -> np.ndarray | float:
        """IDF of terms that so many passages hold, before the floor."""
        return np.log(self.corpus_size - held + 0.5) - np.log(held + 0.5)

    def __contains__(self, term: str) -> bool:
        return self.held(term) > 0

    def _held(self, term: str) -> int:
        """How many passages hold a term."""
        return self._frequencies.of(hashed(term))

    def term_idf(self, term: str) -> float:
        """IDF of a term, 0.0 for one no passage holds."""
        if not (held := self.held(term)):
            return 0.0
        idf = float(self._idf(held))
        return idf if idf >= 0 else self.epsilon * self.average_idf

    def known_idf(self, terms: Iterable[str]) -> list[float]:
        """IDF of each of some terms, as :meth:`term_idf`, but above 0, and an unknown one counts as one that a single passage holds."""
        return list(map(self._known, terms))

    def _known_idf(self, term: str) -> float:
        return max(LEAST_IDF, self.term_idf(term)) if self.held(term) else self._unknown

    def holding(self, terms: Sequence[str], rows: Iterable[int]) -> list[tuple[str, ...]]:
        """Of each row the terms that it holds, in the order given."""
        hashes = _hashes(terms)
        places = [part.find(hashes).tolist() for part in self.parts]
        found = []
        for row in rows:
            number = int(np.searchsorted(self.bounds, row, "right")) - 1
            part, local = self.parts[number], row - self.bounds[number]
            found.append(tuple(term for term, place in zip(terms, places[number]) if part.holds(place, local)))
        return found

    def highest_score(self, weights: dict[str, float]) -> float:
        """What :meth:`weighted_scores` would approach if a passage held every term very often."""
        return (self.k1 + 1) * sum(map(operator.mul, weights.values(), self.known_idf(weights)))

    def get_scores(self, query: Sequence[str]) -> np.ndarray:
        """Scores of all passages, float64 of shape ``(passages,)``. A term counts as often as the query holds it."""
        return self.weighted_scores({term: float(n) for term, n in Counter(query).items()})

    def weighted_scores(self, weights: dict[str, float]) -> np.ndarray:
        """As :meth:`get_scores`, each term's contribution multiplied by its weight."""
        scores = np.zeros(self.corpus_size)
        hashes = _hashes(weights)
        factors = [weight * self.term_idf(term) * (self.k1 + 1) for term, weight in weights.items()]
        for part, norms, bounds in zip(self.parts, self._norms, pairwise(self.bounds)):
            within = scores[slice(*bounds)]
            for place, factor in zip(part.find(hashes).tolist(), factors):
                if place >= 0:
                    _add(within, part, slice(part.starts[place], part.starts[place + 1]), norms, factor)
        return scores


def _hashes(terms: Collection[str]) -> np.ndarray:
    return np.fromiter(map(hashed, terms), np.uint64, len(terms))


def _add(scores: np.ndarray, part: Postings, span: slice, norms: np.ndarray, factor: float) -> None:
    """Add what the postings of a span contribute."""
    rows, counts = part.rows[span].astype(np.intp), part.counts[span]
    shares = norms[rows]
    shares += counts
    np.divide(counts, shares, out=shares)
    shares *= factor
    np.add.at(scores, rows, shares)
