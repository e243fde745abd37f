"""BM25 over postings: rank_bm25's scores without its loop over every document for every term."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from rank_bm25 import BM25Okapi
from scipy import sparse

# Among two or three passages most terms are in half of them and their IDF is 0 or less; all then count the same.
LEAST_IDF = 0.1


class PostingsBM25(BM25Okapi):
    """:class:`rank_bm25.BM25Okapi` whose term frequencies lie in a sparse matrix.

    Scores equal ``BM25Okapi(corpus, k1, b, epsilon).get_scores(query)``; only passages that hold a term are visited.
    Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009, with rank_bm25's floor of
    ``epsilon`` times the mean IDF for terms in more than half of the passages.

    :param counts: int32 array of shape ``(passages, terms)``, CSR: how often a term occurs in a passage.
    :param vocabulary: term to column.
    :param k1: saturation of term frequency; 0.9 with ``b`` 0.4 measured best here, see docs/decisions.md.
    """

    def __init__(self, counts: sparse.csr_array, vocabulary: dict[str, int],
                 k1: float = 0.9, b: float = 0.4, epsilon: float = 0.25) -> None:
        # Not calling BM25Okapi.__init__ on purpose: it would build a dict of counts for every passage.
        self.k1, self.b, self.epsilon = k1, b, epsilon
        self.counts, self.vocabulary = counts, vocabulary
        self.corpus_size = counts.shape[0]
        self.doc_len = np.asarray(counts.sum(axis=1), dtype=np.float64)
        self.avgdl = float(self.doc_len.mean()) if self.corpus_size else 0.0
        self._postings = counts.tocsc()
        held = np.diff(self._postings.indptr)
        self._held = memoryview(held.astype(np.int64))  # read a term at a time, at twice an array's speed
        self._calc_idf(held)
        self._unknown = max(LEAST_IDF, float(np.log(max(1, self.corpus_size) - 0.5) - np.log(1.5)))
        # A list, because it is read a term at a time, where an array is five times slower.
        self._known = np.where(held > 0, np.maximum(self.idf, LEAST_IDF), self._unknown).tolist()

    def _calc_idf(self, nd: np.ndarray) -> None:
        """IDF of every column from the number of passages that hold it; terms no passage holds get 0."""
        held = nd > 0
        idf = np.where(held, np.log(self.corpus_size - nd + 0.5) - np.log(nd + 0.5), 0.0)
        self.average_idf = float(idf[held].mean()) if held.any() else 0.0
        idf[held & (idf < 0)] = self.epsilon * self.average_idf
        self.idf = idf

    def postings(self, term: str) -> tuple[np.ndarray, np.ndarray]:
        """Rows that hold a term and how often; both empty for an unknown one."""
        column = self.vocabulary.get(term)
        if column is None:
            return np.empty(0, np.int32), np.empty(0, np.int32)
        span = slice(self._postings.indptr[column], self._postings.indptr[column + 1])
        return self._postings.indices[span], self._postings.data[span]

    def held(self, term: str) -> int:
        """How many passages hold a term."""
        column = self.vocabulary.get(term)
        return 0 if column is None else self._held[column]

    def term_idf(self, term: str) -> float:
        """IDF of a term, 0.0 for one no passage holds."""
        column = self.vocabulary.get(term)
        return 0.0 if column is None else float(self.idf[column])

    def known_idf(self, term: str) -> float:
        """As :meth:`term_idf`, but above 0, and an unknown term counts as one that a single passage holds."""
        column = self.vocabulary.get(term)
        return self._unknown if column is None else self._known[column]

    def highest_score(self, weights: dict[str, float]) -> float:
        """What :meth:`weighted_scores` would approach if a passage held every term very often."""
        return (self.k1 + 1) * sum(weight * self.known_idf(term) for term, weight in weights.items())

    def get_scores(self, query: Sequence[str]) -> np.ndarray:
        """Scores of all passages, float64 of shape ``(passages,)``. A term counts as often as the query holds it."""
        return self.weighted_scores({term: float(n) for term, n in Counter(query).items()})

    def weighted_scores(self, weights: dict[str, float]) -> np.ndarray:
        """As :meth:`get_scores`, each term's contribution multiplied by its weight."""
        scores = np.zeros(self.corpus_size)
        for term, weight in weights.items():
            rows, counts = self.postings(term)
            if not len(rows):
                continue
            norm = self.k1 * (1 - self.b + self.b * self.doc_len[rows] / self.avgdl)
            scores[rows] += weight * self.term_idf(term) * (counts * (self.k1 + 1) / (counts + norm))
        return scores


def count_terms(texts: Iterable[Sequence[str]], vocabulary: dict[str, int]) -> sparse.csr_array:
    """Term counts of texts given as terms, int32 CSR of shape ``(texts, len(vocabulary))``.

    New terms are added to ``vocabulary``.
    """
    indptr, indices, data = [0], [], []
    for text in texts:
        counts = Counter(vocabulary.setdefault(term, len(vocabulary)) for term in text)
        indices.extend(counts.keys())
        data.extend(counts.values())
        indptr.append(len(indices))
    return sparse.csr_array((np.array(data, np.int32), np.array(indices, np.int32), np.array(indptr, np.int64)),
                            shape=(len(indptr) - 1, len(vocabulary)))
