"""Passages that a search found, and what their terms add to their scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qa.bm25 import K1, B
from qa.postings import hashed

WORDLESS = 2**32 - 2  # the last dimension there is, which no term has: Milvus takes no empty vector
TERM = np.dtype([("dimension", "<u4"), ("share", "<f4")])  # of a sparse vector, as Milvus sends it


def dimension(digest: int) -> int:
    """The dimension of sparse vectors that stands for the term with a hash. Of a million terms 230 share theirs with another one,
    and a passage that holds the one then scores as if it held the other; how many passages hold each is known all the same.
    """
    return digest % WORDLESS


def shares(counts: np.ndarray, lengths: np.ndarray, average: float) -> np.ndarray:
    """What holding a term so often adds to the BM25 score of a passage of some length, per unit of IDF."""
    return counts * (K1 + 1) / (counts + _norm(lengths, average))


def counted(share: np.ndarray, lengths: np.ndarray, average: float) -> np.ndarray:
    """The counts that :func:`shares` made shares of, 32 bits of them being enough to tell one from the next."""
    return np.rint(share * _norm(lengths, average) / (K1 + 1 - share))


def _norm(lengths: np.ndarray, average: float) -> np.ndarray:
    return K1 * (1 - B + B * lengths / average)


@dataclass(frozen=True, slots=True)
class Found:
    """Passages, best first or by their ids.

    :ivar ids: int64 of shape ``(passages,)``.
    :ivar scores: inner products with what was searched.
    :ivar lengths: how many terms each has.
    :ivar terms: the sparse vector of each, an array of :data:`TERM`.
    :ivar vectors: float32 of shape ``(passages, dimension)``; None where they were not asked for.
    """

    ids: np.ndarray
    scores: np.ndarray
    lengths: np.ndarray
    terms: list[np.ndarray]
    vectors: np.ndarray | None

    @classmethod
    def of(cls, hits: Any) -> "Found":
        """What pymilvus' search returns for one vector. Vectors are taken as they were sent: pymilvus would make a number of each byte
        group and a dictionary of each passage, 35 ms for 200.
        """
        sent = {field.field_name: field.vectors for field in hits.lazy_field_data}
        span = slice(hits.start, hits.start + len(hits))
        rows = [hits.get_raw_item(i) for i in range(len(hits))]
        return cls(np.array(hits.ids, np.int64), np.array(hits.distances), np.array([row["entity"]["length"] for row in rows], float),
                   [np.frombuffer(each, TERM) for each in sent["terms"].sparse_float_vector.contents[span]] if rows else [],
                   np.array(sent["vector"].float_vector.data, np.float32).reshape(-1, sent["vector"].dim)[span] if "vector" in sent else None)

    def held(self, terms: Sequence[str]) -> np.ndarray:
        """Shares of some terms, float64 of shape ``(passages, terms)``, 0 where a passage does not hold one."""
        wanted, places = np.unique(np.array([dimension(hashed(term)) for term in terms], np.uint32), return_inverse=True)
        found = np.zeros((len(self.ids), len(wanted)))
        if found.size:
            rows = np.repeat(np.arange(len(self.ids)), list(map(len, self.terms)))
            every = np.concatenate(self.terms)
            at = np.minimum(np.searchsorted(wanted, every["dimension"]), len(wanted) - 1)
            these = wanted[at] == every["dimension"]
            found[rows[these], at[these]] = every["share"][these]
        return found[:, places]

    def exact(self, weights: Mapping[str, float], reckoned: float, average: float) -> np.ndarray:
        """BM25 scores, float64 of shape ``(passages,)``.

        :param weights: term to weight times IDF.
        :param reckoned: the mean length by which the shares were reckoned.
        :param average: the mean length that counts now.
        """
        lengths = self.lengths[:, None]
        counts = counted(self.held(tuple(weights)), lengths, reckoned)
        return shares(counts, lengths, average) @ np.fromiter(weights.values(), float, len(weights))


def both(one: Found, other: Found) -> tuple[Found, np.ndarray]:
    """The passages of either, by their ids, without vectors, and where each was in the one followed by the other, first."""
    ids, first = np.unique(np.concatenate([one.ids, other.ids]), return_index=True)
    terms = [*one.terms, *other.terms]
    return Found(ids, np.concatenate([one.scores, other.scores])[first], np.concatenate([one.lengths, other.lengths])[first],
                 [terms[i] for i in first.tolist()], None), first
