"""Which passages hold a term and how often, as arrays that are mapped into memory and shared by all processes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path

import numpy as np
from scipy import sparse
from xxhash import xxh3_64_intdigest

from embeddings.arrays import read_array

LARGEST = 65_536  # passages, so that a row fits two bytes and the scores of all of them a core's own cache


def hashed(term: str) -> int:
    """The 64 bits that stand for a term. That any two of a million terms share theirs happens once in 37 million times."""
    return xxh3_64_intdigest(term.encode())


class Postings:
    """The postings of up to :data:`LARGEST` passages; never changed.

    :ivar terms: uint64 of shape ``(terms,)``, the hashes of the terms, ascending.
    :ivar starts: int64 of shape ``(terms + 1,)``; those of term i are ``[starts[i], starts[i + 1])`` of the next two.
    :ivar rows: uint16 of shape ``(postings,)``, passages, ascending within a term.
    :ivar counts: how often they hold it, as uint8 where that is enough, else uint32.
    :ivar lengths: int32 of shape ``(passages,)``, terms in each passage.
    """

    ARRAYS = ("terms", "starts", "rows", "counts", "lengths")

    def __init__(self, terms: np.ndarray, starts: np.ndarray, rows: np.ndarray, counts: np.ndarray, lengths: np.ndarray) -> None:
        self.terms, self.starts, self.rows, self.counts, self.lengths = terms, starts, rows, counts, lengths

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]]) -> "Postings":
        """The postings of texts, given as their terms."""
        numbers: defaultdict[str, int] = defaultdict(count().__next__)
        columns, lengths = [], []
        for text in texts:
            columns.extend(map(numbers.__getitem__, text))
            lengths.append(len(text))
        hashes = np.fromiter(map(hashed, numbers), np.uint64, len(numbers))
        terms, places = np.unique(hashes, return_inverse=True)
        return cls._sorted(terms, places[np.array(columns, np.int64)], np.repeat(np.arange(len(lengths)), lengths),
                           np.ones(len(columns), np.uint32), np.array(lengths, np.int32))

    @classmethod
    def joined(cls, parts: Sequence["Postings"]) -> "Postings":
        """Those of several below each other."""
        terms, places = np.unique(np.concatenate([part.terms for part in parts]), return_inverse=True)
        held = np.concatenate([np.diff(part.starts) for part in parts])
        begins = np.cumsum([0, *(len(part) for part in parts)])
        rows = np.concatenate([part.rows.astype(np.int64) + begin for part, begin in zip(parts, begins)])
        return cls._sorted(terms, np.repeat(places, held), rows, np.concatenate([part.counts for part in parts]),
                           np.concatenate([part.lengths for part in parts]))

    @classmethod
    def _sorted(cls, terms: np.ndarray, columns: np.ndarray, rows: np.ndarray, counts: np.ndarray, lengths: np.ndarray) -> "Postings":
        """Of postings with their terms' places in any order, and rows that ascend for each term; those of the same term and row are one."""
        by_term = sparse.coo_array((counts, (rows, columns)), shape=(len(lengths), len(terms))).tocsc()
        counts = by_term.data.astype(np.uint8 if by_term.data.max(initial=0) < 256 else np.uint32)
        return cls(terms, by_term.indptr.astype(np.int64), by_term.indices.astype(np.uint16), counts, lengths)

    def keep(self, rows: np.ndarray) -> "Postings":
        """The passages where a mask of shape ``(len(self),)`` is true, renumbered from 0 in the same order."""
        kept = rows[self.rows]
        columns = np.repeat(np.arange(len(self.terms)), np.diff(self.starts))[kept]
        used, places = np.unique(columns, return_inverse=True)
        return self._sorted(self.terms[used], places, (np.cumsum(rows) - 1)[self.rows[kept]], self.counts[kept], self.lengths[rows])

    @classmethod
    def load(cls, folder: Path) -> "Postings":
        """What :meth:`save` wrote.

        :raises OSError, ValueError: a file is missing or damaged.
        """
        return cls(*(read_array(folder / f"{name}.npy") for name in cls.ARRAYS))

    def save(self, folder: Path) -> None:
        """Write the arrays into a folder, a file each.

        :raises OSError: they cannot be written.
        """
        for name in self.ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    def __len__(self) -> int:
        return len(self.lengths)

    def find(self, hashes: np.ndarray) -> np.ndarray:
        """int64 of the shape of ``hashes``: which of the terms each is, -1 where it is none."""
        if not len(self.terms):
            return np.full(len(hashes), -1)
        places = np.minimum(np.searchsorted(self.terms, hashes), len(self.terms) - 1)
        return np.where(self.terms[places] == hashes, places, -1)

    def by_passage(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same the other way round: those of passage i are ``[starts[i], starts[i + 1])`` of the next two.

        :returns: starts, int64 of shape ``(passages + 1,)``, and of each posting the hash of its term, uint64, and the count.
        """
        shape = len(self), len(self.terms)
        rows = sparse.csc_array((self.counts, self.rows, self.starts), shape=shape).tocsr()
        return rows.indptr.astype(np.int64), self.terms[rows.indices], rows.data
