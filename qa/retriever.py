"""A query to ranked passages, by BM25 and vectors fused."""

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


def retrieve(query: Query, index: Index, encoder: Encoder, limit: int, candidates: int, vector_weight: float,
             rows: np.ndarray | None = None) -> list[Hit]:
    """The best passages for a query, best first.

    :param limit: most hits returned.
    :param candidates: passages that each of the two rankings hands to fusion.
    :param vector_weight: share of the vectors, in [0, 1]; see :func:`qa.fusion.convex`.
    :param rows: int64 array of the rows that may answer; None allows all.
    """
    if not len(index) or rows is not None and not len(rows):
        return []
    lexical = index.bm25.weighted_scores(query.searched)
    allowed = np.arange(len(index)) if rows is None else rows
    vector = encoder.encode_queries([query.text])
    cosines, nearest = index.vectors.search(vector, min(candidates, len(allowed)), rows)
    chosen = np.union1d(_top(lexical[allowed], allowed, candidates), nearest[0][nearest[0] >= 0])
    dense = index.vectors.similarity(vector[0], chosen)
    # Only the nearest are credited: further down, a weak model's cosines reorder BM25's ranking at random.
    fused = convex(lexical[chosen], np.maximum(dense, cosines[0][min(NEAREST, cosines.shape[1] - 1)]), vector_weight)
    # Equal scores go by cosine, then by row, so that answers repeat.
    order = np.lexsort((chosen, -dense, -fused))[:limit]
    vocabulary = index.bm25.vocabulary
    asked = {vocabulary[term]: term for term in query.weights if term in vocabulary}
    return [Hit(row, float(fused[i]), float(lexical[row]), float(dense[i]), _matched(asked, index.bm25.counts, row))
            for i, row in zip(order, chosen[order].tolist())]


def _matched(asked: dict[int, str], counts: sparse.csr_array, row: int) -> tuple[str, ...]:
    """The asked terms, given by their columns, that a row of counts holds, in the order asked."""
    held = asked.keys() & counts.indices[counts.indptr[row]:counts.indptr[row + 1]].tolist()
    return tuple(asked[column] for column in asked if column in held)


def _top(scores: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """The rows of the ``count`` best scores above 0, in no order."""
    if len(scores) > count:
        best = np.argpartition(-scores, count)[:count]
        rows, scores = rows[best], scores[best]
    return rows[scores > 0]
