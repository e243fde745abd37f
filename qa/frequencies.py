"""How many passages hold each term of an index."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from qa.postings import Postings

FEW = 4  # terms that share the beginning of their hashes, on average


class Frequencies:
    """Document frequencies of the terms of several postings together.

    Hashes are spread evenly, so that where one stands among them is told by how it begins.

    :ivar held: int64 of shape ``(terms,)``, how many passages hold each of the terms.
    """

    def __init__(self, parts: Sequence[Postings]) -> None:
        terms, places = np.unique(np.concatenate([np.empty(0, np.uint64), *(part.terms for part in parts)]), return_inverse=True)
        counts = np.concatenate([np.empty(0, np.int64), *(np.diff(part.starts) for part in parts)])
        self.held = np.bincount(places, counts, len(terms)).astype(np.int64)
        bits = max(1, (len(terms) // FEW).bit_length())
        self._shift = 64 - bits
        beginnings = np.arange(1 << bits, dtype=np.uint64) << np.uint64(self._shift)
        # Read one at a time, where a memoryview is a tenth of the time of an array.
        self._terms, self._counts = memoryview(terms), memoryview(self.held)
        self._bounds = memoryview(np.append(np.searchsorted(terms, beginnings), len(terms)))

    def of(self, digest: int) -> int:
        """How many passages hold the term with a hash, 0 where none does."""
        beginning = digest >> self._shift
        stop = self._bounds[beginning + 1]
        place = bisect_left(self._terms, digest, self._bounds[beginning], stop)
        return self._counts[place] if place < stop and self._terms[place] == digest else 0
