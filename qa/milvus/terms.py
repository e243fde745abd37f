"""How many passages hold each term, as rows of a collection, and what that makes of a vocabulary."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np

from qa.bm25 import EPSILON, K1
from qa.milvus.collections import VECTORLESS
from qa.milvus.connection import BATCH, STRONG, Connection
from qa.postings import hashed
from qa.vocabulary import Vocabulary, raw_idf

T = TypeVar("T")

REMEMBERED = 1 << 19  # terms whose counts a process holds, about 60 MB
Histogram = Counter  # how many terms are held by how many passages


class Terms:
    """The rows: ``held`` passages hold a term since a generation, ``before`` did so before it.

    A reader at a generation is right also while the next one is being written, and one that was broken off can be taken back.
    """

    def __init__(self, connection: Connection, collection: str) -> None:
        self._connection, self._collection = connection, collection

    def held(self, terms: Sequence[str], generation: int) -> list[int]:
        """How many passages hold each of some terms at a generation."""
        ids = [_id(hashed(term)) for term in terms]
        rows = self._rows(ids)
        return [0 if i not in rows else rows[i]["held" if rows[i]["since"] <= generation else "before"] for i in ids]

    def add(self, hashes: np.ndarray, counts: np.ndarray, generation: int) -> Histogram:
        """Have so many more passages hold terms from a generation on, which is being written.

        :param hashes: uint64, each once.
        :param counts: int64 of the same shape, below 0 for fewer.
        :returns: by how much the histogram changes.
        """
        change = Histogram()
        for start in range(0, len(hashes), BATCH):
            ids = hashes[start:start + BATCH].astype(np.int64).tolist()
            rows, written = self._rows(ids, consistency_level=STRONG), []
            for i, count in zip(ids, counts[start:start + BATCH].tolist()):
                row = rows.get(i, {"held": 0, "before": 0, "since": generation})
                before = row["before"] if row["since"] == generation else row["held"]
                written.append({"id": i, "held": row["held"] + count, "before": before, "since": generation} | VECTORLESS)
                change[rounded(row["held"])] -= 1
                change[rounded(row["held"] + count)] += 1
            self._connection.write(self._collection, written)
        return change

    def take_back(self, generation: int) -> None:
        """Undo what was added since a generation, and forget terms that are held no more."""
        for rows in self._connection.remaining(self._collection, f"since > {generation}", ["before"]):
            self._connection.write(self._collection, [
                {"id": row["id"], "held": row["before"], "before": row["before"], "since": generation} | VECTORLESS for row in rows])
        self._connection.call("delete", self._collection, filter=f"held == 0 and since <= {generation}")

    def _rows(self, ids: Sequence[int], **options: object) -> dict[int, dict]:
        found = {}
        for start in range(0, len(ids), BATCH):
            rows = self._connection.call("query", self._collection, ids=ids[start:start + BATCH], output_fields=["held", "before", "since"],
                                         **options)
            found |= {row["id"]: row for row in rows}
        return found


class RemoteVocabulary(Vocabulary):
    """A vocabulary whose counts are fetched many at a time and remembered.

    :param fetch: from terms to how many passages hold each.
    :param histogram: of the terms' counts.
    """

    def __init__(self, fetch: Callable[[Sequence[str]], list[int]], passages: int, histogram: Mapping[int, int]) -> None:
        super().__init__(lambda term: self._fetched([term])[term], passages, average_idf(histogram, passages), K1, EPSILON)
        self._fetch, self._counts = fetch, dict[str, int]()

    def present(self, terms: Iterable[str]) -> tuple[str, ...]:
        """See :meth:`qa.vocabulary.Vocabulary.present`."""
        counts = self._fetched(terms := tuple(terms))
        return tuple(term for term in terms if counts[term])

    def known_idf(self, terms: Iterable[str]) -> list[float]:
        """See :meth:`qa.vocabulary.Vocabulary.known_idf`."""
        self._fetched(terms := tuple(terms))
        return super().known_idf(terms)

    def consulted(self, work: Callable[[Callable[[str], int]], T]) -> T:
        """See :meth:`qa.vocabulary.Vocabulary.consulted`; unknown counts are taken for 0 until it is known which are looked up."""
        counts = self._counts
        while True:
            wanted: set[str] = set()

            def held(term: str, counts: Mapping[str, int] = counts, wanted: set[str] = wanted) -> int:
                if term not in counts:
                    wanted.add(term)
                return counts.get(term, 0)

            made = work(held)
            if not wanted:
                return made
            counts = self._fetched(wanted)

    def expect(self, bags: Iterable[Iterable[str]]) -> None:
        """See :meth:`qa.vocabulary.Vocabulary.expect`."""
        self._fetched(chain.from_iterable(bags))

    def _fetched(self, terms: Iterable[str]) -> Mapping[str, int]:
        """Counts of some terms and of others."""
        if len(self._counts) > REMEMBERED:
            self._counts = {}
        counts = self._counts
        if missing := [term for term in dict.fromkeys(terms) if term not in counts]:
            counts.update(zip(missing, self._fetch(missing)))
        return counts


def rounded(held: int) -> int:
    """A count as histograms have it: exact below 256, else its first eight bits with the middle of the rest, 0.4% off at most."""
    rest = max(0, held.bit_length() - 8)
    return (held >> rest << rest) + (1 << rest >> 1)


def average_idf(histogram: Mapping[int, int], passages: int) -> float:
    """The mean of :func:`qa.vocabulary.raw_idf` over terms of which so many passages hold so many."""
    counts = {held: terms for held, terms in histogram.items() if held and terms}
    if not counts:
        return 0.0
    return float(np.average(raw_idf(np.array(list(counts)), passages), weights=list(counts.values())))


def _id(digest: int) -> int:
    """A hash as Milvus has it, signed."""
    return digest - (digest >> 63 << 64)
