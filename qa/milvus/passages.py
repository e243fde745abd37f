"""Passages as rows of a collection."""

import json
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from corpus.document import Metadata, Passage
from qa.filters import NO_FILTERS, Filters
from qa.milvus.connection import Connection
from qa.milvus.found import WORDLESS, Found, shares
from qa.segment import Segment

LIVE = 2**62  # of a passage that no generation has removed
WRITTEN = 500  # passages that are written at a time, some 2 MB


class Passages:
    """The rows. A passage is in the generations ``[added, removed)``.

    :param average: terms in a passage by which shares are reckoned.
    """

    def __init__(self, connection: Connection, collection: str, average: float) -> None:
        self._connection, self._collection, self._average = connection, collection, average

    def add(self, segment: Segment, passages: Iterable[tuple[int, Passage, Metadata]], generation: int) -> None:
        """Write the passages of a segment, which are in from a generation on.

        :param passages: they, with the metadata of their documents, in the segment's order.
        """
        starts, hashes, counts = segment.postings.by_passage()
        lengths = segment.postings.lengths.astype(np.int64)
        weights = shares(counts, np.repeat(lengths, np.diff(starts)), self._average)
        dimensions = hashes % np.uint64(WORDLESS)
        vectors = segment.vectors.codes * segment.vectors.scales[:, None]
        rows = []
        for at, (i, passage, known) in enumerate(passages):
            span = slice(*starts[at:at + 2])
            terms = dict(zip(dimensions[span].tolist(), weights[span].tolist()))
            rows.append({"id": i, "vector": vectors[at], "terms": terms or {WORDLESS: 1.0}, "length": int(lengths[at]),
                         "added": generation, "removed": LIVE} | _scalars(passage, known))
            if len(rows) == WRITTEN or at + 1 == len(segment):
                self._connection.write(self._collection, rows)
                rows = []

    def remove(self, ids: Sequence[int], generation: int) -> None:
        """Have passages be out from a generation on."""
        self._connection.write(self._collection, [{"id": i, "removed": generation} for i in ids], partial=True)

    def take_back(self, generation: int) -> None:
        """Undo what was added and removed since a generation, and delete what is out at it."""
        self._connection.call("delete", self._collection, filter=f"added > {generation} or removed <= {generation}")
        for rows in self._connection.remaining(self._collection, f"removed > {generation} and removed < {LIVE}", []):
            self._connection.write(self._collection, [{"id": row["id"], "removed": LIVE} for row in rows], partial=True)

    def ids(self, generation: int, first: int, beyond: int, count: int) -> Iterator[int]:
        """Up to so many ids ``[first, beyond)`` of passages that are in at a generation."""
        where = f"id >= {first} and id < {beyond} and {within(generation)}"
        return (row["id"] for row in self._connection.call("query", self._collection, where, ["id"], limit=count))

    def search(self, field: str, vector: object, count: int, where: str) -> Found:
        """The passages with the highest inner products, best first.

        :param field: ``terms``, with a mapping from dimension to weight, or ``vector``, with float32 of shape ``(dimension,)``.
        """
        wanted = ["length", "terms", *(["vector"] if field == "terms" else [])]
        [hits] = self._connection.call("search", self._collection, [vector], anns_field=field, limit=count, filter=where,
                                       output_fields=wanted)
        return Found.of(hits)


def within(generation: int, filters: Filters = NO_FILTERS) -> str:
    """The condition that a passage is in at a generation and passes filters."""
    wanted = {"document": filters.document_ids, "region": filters.regions, "year": filters.years, "issuer": filters.issuers}
    # What cannot be printed is in no metadata, and Milvus' expressions have no way to write all of it.
    chosen = [f"{field} in {json.dumps([value for value in values if str(value).isprintable()], ensure_ascii=False)}"
              for field, values in wanted.items() if values]
    return " and ".join((f"added <= {generation} and removed > {generation}", *chosen))


def _scalars(passage: Passage, known: Metadata) -> dict[str, str | int | None]:
    published = int(known.published[:4]) if known.published else None
    return {"document": passage.document_id, "region": known.region, "issuer": known.issuer, "year": known.report_year or published}
