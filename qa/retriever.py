"""A query to ranked passages, by BM25 and vectors fused."""

from dataclasses import dataclass

import numpy as np

from corpus.snapshot import Snapshot
from embeddings.encoder import Encoder
from qa.filters import Filters
from qa.fusion import convex
from qa.index import Index, Ranking
from qa.question import Query

NEAREST = 10  # passages that gain by their vectors; chosen on dev questions, see docs/decisions.md


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage and how it scored; ``score`` is the fused one and orders hits.

    :ivar passage_id: in the library.
    :ivar matched: the query's terms that the passage, or what is indexed with it, holds.
    """

    passage_id: int
    score: float
    bm25: float
    vector: float
    matched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages that the two rankings handed to fusion.

    :ivar fused: the scores made of both, float64 of shape ``(passages,)``.
    :ivar asked: the terms asked for that any passage holds.
    """

    ranking: Ranking
    fused: np.ndarray
    asked: tuple[str, ...]

    def best(self, limit: int) -> list[Hit]:
        """The passages with the highest fused scores, best first."""
        # Equal scores go by cosine, then by id, so that answers repeat.
        return self._hits(np.lexsort((self.ranking.passage_ids, -self.ranking.vector, -self.fused))[:limit])

    def by_words(self, limit: int) -> list[Hit]:
        """Those that BM25 ranks highest of the ones that hold a term asked for."""
        order = np.lexsort((self.ranking.passage_ids, -self.ranking.vector, -self.ranking.bm25))
        return self._hits(order[self.ranking.bm25[order] > 0][:limit])

    def by_meaning(self, limit: int) -> list[Hit]:
        """Those that the vectors rank highest."""
        return self._hits(np.lexsort((self.ranking.passage_ids, -self.ranking.vector))[:limit])

    def _hits(self, order: np.ndarray) -> list[Hit]:
        found = self.ranking
        columns = (each[order].tolist() for each in (found.passage_ids, self.fused, found.bm25, found.vector))
        return list(map(Hit, *columns, found.holding(self.asked, order)))


def retrieve(query: Query, index: Index, encoder: Encoder, candidates: int, vector_weight: float,
             filters: Filters, snapshot: Snapshot) -> Retrieval:
    """The passages for a query with their scores.

    :param candidates: passages that each of the two rankings hands to fusion.
    :param vector_weight: share of the vectors, in [0, 1]; see :func:`qa.fusion.convex`.
    :param snapshot: the library at the generation of the index.
    """
    asked = index.vocabulary.present(query.weights)
    [vector] = encoder.encode_queries([query.text])
    found = index.rank(query.searched, vector, candidates, filters, snapshot)
    if not len(found.passage_ids):
        return Retrieval(found, np.empty(0), asked)
    # Only the nearest are credited: further down, a weak model's cosines reorder BM25's ranking at random.
    dense = np.maximum(found.vector, found.nearest[min(NEAREST, len(found.nearest) - 1)])
    return Retrieval(found, convex(found.bm25, dense, vector_weight), asked)
