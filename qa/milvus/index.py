"""One version of an index on Milvus: the collections it lies in, as they are at its generation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from corpus.snapshot import Snapshot
from qa.filters import Filters
from qa.index import Manifest, Ranking
from qa.milvus.found import Found, both, dimension
from qa.milvus.passages import Passages, within
from qa.milvus.terms import RemoteVocabulary, Terms
from qa.postings import hashed

WINDOWS = 20  # stretches of ids that a sample is taken from


@dataclass(frozen=True, slots=True)
class MilvusManifest(Manifest):
    """:ivar collections: what the names of its collections end in.
    :ivar length: terms in all passages.
    :ivar reckoned: the mean length of a passage by which the shares in its collection are reckoned.
    :ivar last: the highest id of a passage.
    :ivar histogram: how many terms are held by so many passages, see :func:`qa.milvus.terms.rounded`.
    """

    collections: str
    length: int
    reckoned: float
    last: int
    histogram: dict[int, int]

    @property
    def average(self) -> float:
        """The mean length of a passage."""
        return self.length / self.passages if self.length else 1.0


class MilvusIndex:
    """An :class:`qa.index.Index`. Document frequencies, scores and cosines are those of the local index; which passages are scored
    goes by shares that were reckoned with the mean length that passages had when the collection was begun.
    """

    def __init__(self, manifest: MilvusManifest, passages: Passages, terms: Terms) -> None:
        self.manifest, self._passages = manifest, passages
        self.vocabulary = RemoteVocabulary(lambda wanted: terms.held(wanted, manifest.generation), manifest.passages, manifest.histogram)

    def __len__(self) -> int:
        return self.manifest.passages

    def rank(self, weights: Mapping[str, float], vector: np.ndarray, count: int, filters: Filters, snapshot: Snapshot) -> Ranking:
        """See :meth:`qa.index.Index.rank`."""
        where = within(self.manifest.generation, filters)
        worth = {term: weights[term] * self.vocabulary.idf(term) for term in self.vocabulary.present(weights)}
        asked = {dimension(hashed(term)): value for term, value in worth.items() if value > 0}
        near = self._passages.search("vector", vector, count, where)
        if not asked:
            return self._ranking(near, near.scores, near, worth)
        worded = self._passages.search("terms", asked, count, where)
        found, first = both(near, worded)
        cosines = np.concatenate([near.scores, worded.vectors @ vector if len(worded.ids) else worded.scores])
        return self._ranking(found, cosines[first], near, worth)

    def _ranking(self, found: Found, cosines: np.ndarray, near: Found, worth: Mapping[str, float]) -> Ranking:
        def holding(terms: Sequence[str], places: Sequence[int]) -> list[tuple[str, ...]]:
            return [tuple(compress(terms, row)) for row in found.held(terms)[places] > 0]

        return Ranking(found.ids, found.exact(worth, self.manifest.reckoned, self.manifest.average), cosines, near.scores, holding)

    def sample(self, count: int) -> np.ndarray:
        """See :meth:`qa.index.Index.sample`."""
        bounds = np.linspace(0, self.manifest.last + 1, WINDOWS + 1).astype(int).tolist()
        each = -(-count // WINDOWS)
        return np.fromiter((i for first, beyond in zip(bounds, bounds[1:])
                            for i in self._passages.ids(self.manifest.generation, first, beyond, each)), np.int64)
