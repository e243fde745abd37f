"""A query to ranked passages, by BM25 and vectors fused."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.encoder import Encoder
from qa.bm25 import PostingsBM25
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
    :ivar asked: the terms asked for that any passage holds.
    :ivar terms: what knows which passages those are.
    """

    rows: np.ndarray
    bm25: np.ndarray
    vector: np.ndarray
    fused: np.ndarray
    asked: tuple[str, ...]
    terms: PostingsBM25

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
        rows = self.rows[order].tolist()
        return [Hit(row, float(self.fused[i]), float(self.bm25[i]), float(self.vector[i]), matched)
                for i, row, matched in zip(order, rows, self.terms.holding(self.asked, rows))]


def retrieve(query: Query, index: Index, encoder: Encoder, candidates: int, vector_weight: float,
             rows: np.ndarray | None = None) -> Retrieval:
    """The passages for a query with their scores.

    :param candidates: passages that each of the two rankings hands to fusion.
    :param vector_weight: share of the vectors, in [0, 1]; see :func:`qa.fusion.convex`.
    :param rows: int64 array of the rows that may answer; None allows all.
    """
    asked = tuple(term for term in query.weights if term in index.bm25)
    [vector] = encoder.encode_queries([query.text])
    cosines, nearest = index.vectors.search(vector, candidates, rows)
    if not len(nearest):
        return Retrieval(nearest, *[np.empty(0)] * 3, asked, index.bm25)
    lexical = index.bm25.weighted_scores(query.searched)
    chosen = np.union1d(_top(lexical, candidates) if rows is None else rows[_top(lexical[rows], candidates)], nearest)
    dense = index.vectors.similarity(vector, chosen)
    # Only the nearest are credited: further down, a weak model's cosines reorder BM25's ranking at random.
    fused = convex(lexical[chosen], np.maximum(dense, cosines[min(NEAREST, len(cosines) - 1)]), vector_weight)
    return Retrieval(chosen, lexical[chosen], dense, fused, asked, index.bm25)


def _top(scores: np.ndarray, count: int) -> np.ndarray:
    """Where the ``count`` best scores above 0 are, in no order."""
    places = np.flatnonzero(scores > scores.max(initial=0.0) / 2)  # mostly enough of them, and few
    if len(places) < count:
        places = np.flatnonzero(scores > 0)
    if len(places) > count:
        places = places[np.argpartition(-scores[places], count)[:count]]
    return places
