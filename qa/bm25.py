"""BM25 over postings: rank_bm25's scores without its loop over every document for every term."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import compress, pairwise

import numpy as np
from rank_bm25 import BM25Okapi

from qa.frequencies import Frequencies
from qa.postings import Postings, hashed
from qa.scanning import add_scores, held
from qa.vocabulary import Vocabulary, raw_idf

K1, B, EPSILON = 0.9, 0.4, 0.25  # measured best here, see docs/decisions.md


class PostingsBM25(BM25Okapi):
    """:class:`rank_bm25.BM25Okapi` over postings.

    Scores equal ``BM25Okapi(corpus, k1, b, epsilon).get_scores(query)``; only passages that hold a term are visited.
    Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009, with rank_bm25's floor of
    ``epsilon`` times the mean IDF for terms in more than half of the passages.

    :param parts: postings of all passages; the rows of each go on where those of the one before end.
    :ivar vocabulary: their terms.
    """

    def __init__(self, parts: Sequence[Postings], k1: float = K1, b: float = B, epsilon: float = EPSILON) -> None:
        # Not calling BM25Okapi.__init__ on purpose: it would build a dict of counts for every passage.
        self.k1, self.b, self.epsilon = k1, b, epsilon
        self.parts = tuple(parts)
        self.bounds = tuple(np.cumsum([0, *map(len, self.parts)]).tolist())
        self.corpus_size = self.bounds[-1]
        self.avgdl = sum(int(part.lengths.sum()) for part in self.parts) / self.corpus_size if self.corpus_size else 0.0
        self._norms = [k1 * (1 - b + b * part.lengths / self.avgdl) if self.avgdl else np.ones(len(part)) for part in self.parts]
        frequencies = Frequencies(self.parts)
        idf = raw_idf(frequencies.held, self.corpus_size)
        self.average_idf = float(idf.mean()) if len(idf) else 0.0
        self.vocabulary = Vocabulary(lambda term: frequencies.of(hashed(term)), self.corpus_size, self.average_idf, k1, epsilon)

    def holding(self, terms: Sequence[str], rows: np.ndarray) -> list[tuple[str, ...]]:
        """Of each row the terms that it holds, in the order given.

        :param rows: int64 array.
        """
        hashes, holders = _hashes(terms), np.searchsorted(self.bounds, rows, "right") - 1
        found = np.zeros((len(rows), len(terms)), bool)
        for number in np.unique(holders).tolist():
            part, mine = self.parts[number], holders == number
            found[mine] = held(part.rows, part.starts, part.find(hashes), rows[mine] - self.bounds[number])
        return [tuple(compress(terms, row)) for row in found.tolist()]

    def get_scores(self, query: Sequence[str]) -> np.ndarray:
        """Scores of all passages, float64 of shape ``(passages,)``. A term counts as often as the query holds it."""
        return self.weighted_scores({term: float(n) for term, n in Counter(query).items()})

    def weighted_scores(self, weights: Mapping[str, float]) -> np.ndarray:
        """As :meth:`get_scores`, each term's contribution multiplied by its weight."""
        scores = np.zeros(self.corpus_size)
        hashes = _hashes(weights)
        factors = np.array([weight * self.vocabulary.idf(term) * (self.k1 + 1) for term, weight in weights.items()])
        for part, norms, bounds in zip(self.parts, self._norms, pairwise(self.bounds)):
            places = part.find(hashes)
            known = places >= 0
            add_scores(scores[slice(*bounds)], part.rows, part.counts, part.starts, places[known], factors[known], norms)
        return scores


def _hashes(terms: Collection[str]) -> np.ndarray:
    return np.fromiter(map(hashed, terms), np.uint64, len(terms))

