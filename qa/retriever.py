"""A query to ranked passages, by BM25 and vectors fused."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from embeddings.encoder import Encoder
from qa.fusion import convex
from qa.index import Index
from qa.question import Query

NEAREST = 10  # passages that gain by their vectors; chosen on dev questions, see docs/decisions.md


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of the index and how it scored; ``score`` is the fused one and orders hits.

    :ivar matched: the query's terms that the passage, or what is indexed with it, holds.
    """

    row: int
    score: float
    bm25: float
    vector: float
    matched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages that the two rankings handed to fusion; arrays of shape ``(passages,)``, by row.

    :ivar rows: int64, rows of the index.
    :ivar bm25, vector: BM25 scores, and cosines to the question.
    :ivar fused: the scores made of both.
    :ivar asked: the terms asked for, by their columns in ``counts``.
    :ivar counts: how often each passage of the index holds each term.
    """

    rows: np.ndarray
    bm25: np.ndarray
    vector: np.ndarray
    fused: np.ndarray
    asked: dict[int, str]
    counts: sparse.csr_array

    def best(self, limit: int) -> list[Hit]:
        """The passages with the highest fused scores, best first."""
        # Equal scores go by cosine, then by row, so that answers repeat.
        return self._hits(np.lexsort((self.rows, -self.vector, -self.fused))[:limit])

    def by_words(self, limit: int) -> list[Hit]:
        """Those that BM25 ranks highest of the ones that hold a term asked for."""
        order = np.lexsort((self.rows, -self.vector, -self.bm25))
        return self._hits(order[self.bm25[order] > 0][:limit])

    def by_meaning(self, limit: int) -> list[Hit]:
        """Those that the vectors rank highest."""
        return self._hits(np.lexsort((self.rows, -self.vector))[:limit])

    def _hits(self, order: Sequence[int]) -> list[Hit]:
        return [Hit(row, float(self.fused[i]), float(self.bm25[i]), float(self.vector[i]), self._matched(row))
                for i, row in zip(order, self.rows[order].tolist())]

    def _matched(self, row: int) -> tuple[str, ...]:
        """The asked terms that a row of counts holds, in the order asked."""
        counts = self.counts
        held = self.asked.keys() & counts.indices[counts.indptr[row]:counts.indptr[row + 1]].tolist()
        return tuple(self.asked[column] for column in self.asked if column in held)


def retrieve(query: Query, index: Index, encoder: Encoder, candidates: int, vector_weight: float,
             rows: np.ndarray | None = None) -> Retrieval:
    """The passages for a query with their scores.

    :param candidates: passages that each of the two rankings hands to fusion.
    :param vector_weight: share of the vectors, in [0, 1]; see :func:`qa.fusion.convex`.
    :param rows: int64 array of the rows that may answer; None allows all.
    """
    vocabulary = index.bm25.vocabulary
    asked = {vocabulary[term]: term for term in query.weights if term in vocabulary}
    allowed = np.arange(len(index)) if rows is None else rows
    if not len(allowed):
        nothing = np.empty(0)
        return Retrieval(nothing.astype(np.int64), nothing, nothing, nothing, asked, index.bm25.counts)
    lexical = index.bm25.weighted_scores(query.searched)
    vector = encoder.encode_queries([query.text])
    cosines, nearest = index.vectors.search(vector, min(candidates, len(allowed)), rows)
    chosen = np.union1d(_top(lexical[allowed], allowed, candidates), nearest[0][nearest[0] >= 0])
    dense = index.vectors.similarity(vector[0], chosen)
    # Only the nearest are credited: further down, a weak model's cosines reorder BM25's ranking at random.
    fused = convex(lexical[chosen], np.maximum(dense, cosines[0][min(NEAREST, cosines.shape[1] - 1)]), vector_weight)
    return Retrieval(chosen, lexical[chosen], dense, fused, asked, index.bm25.counts)


def _top(scores: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """The rows of the ``count`` best scores above 0, in no order."""
    if len(scores) > count:
        best = np.argpartition(-scores, count)[:count]
        rows, scores = rows[best], scores[best]
    return rows[scores > 0]
