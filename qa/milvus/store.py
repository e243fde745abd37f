"""Versions of the index on Milvus: a row that names the current one, and the run that makes the next."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import chain, islice

import numpy as np

from corpus.library import Library
from embeddings.encoder import Encoder
from qa import assembling
from qa.assembling import Found
from qa.errors import ServiceError, unusable_index
from qa.index import check_model, missing, version_name
from qa.milvus.collections import PASSAGES, TERMS, VECTORLESS, VERSIONS, begin, begin_versions, drop_others
from qa.milvus.connection import BATCH, STRONG, Connection
from qa.milvus.index import MilvusIndex, MilvusManifest
from qa.milvus.passages import Passages
from qa.milvus.terms import Histogram, Terms
from qa.postings import Postings
from qa.segment import Segment
from qa.terms import terms

FORMAT = 1
CURRENT = 0  # id of the row that names the current version
DRIFT = 2  # times that the mean length of a passage may grow or shrink until the collections are made anew, see docs/decisions.md


class MilvusStore:
    """A :class:`qa.index.Store` on Milvus.

    Passages and terms say since which generation they are as they are, so that a version is the collections at its generation: a run
    writes beside what is read, and only when all of it is there does it replace the row that names the current version.

    :param url: address of a server, or path of a file that milvus-lite keeps.
    """

    def __init__(self, url: str) -> None:
        self._connection = Connection(url)

    def current(self) -> str | None:
        """See :meth:`qa.index.Store.current`."""
        return self._row("version")

    def load(self, encoder: Encoder | None = None, previous: MilvusIndex | None = None) -> MilvusIndex:
        """See :meth:`qa.index.Store.load`.

        :raises IndexUnavailable: besides, Milvus cannot be used (``index_unreachable``).
        """
        manifest = self._manifest()
        if manifest is None:
            raise missing()
        check_model(manifest, encoder)
        if previous is not None and previous.manifest == manifest:
            return previous
        needed = {PASSAGES: manifest.passages, TERMS: sum(manifest.histogram.values())}
        if any(self._connection.count(f"{kind}_{manifest.collections}") < least for kind, least in needed.items()):
            raise unusable_index("index_corrupt", "索引已损坏或不完整", "The index is damaged or incomplete", version=manifest.version)
        return MilvusIndex(manifest, *self._opened(manifest))

    def update(self, previous: MilvusIndex | None, library: Library, encoder: Encoder,
               progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """See :meth:`qa.index.Store.update`.

        :raises ServiceError: besides, Milvus holds the index of another library (``index_of_another_library``) or cannot be used.
        """
        replaced = self._current_of(library)
        base = None if previous is None or _drifted(previous.manifest) else previous.manifest
        snapshot = library.snapshot()
        live = snapshot.live_passage_ids()
        before = np.empty(0, np.int64) if base is None else library.snapshot(base.generation).live_passage_ids()
        made = assembling.segments(np.setdiff1d(live, before), snapshot, encoder, progress)
        if base is None:
            base, made = self._begun(library, encoder, made)
        run = _Run(base, *self._opened(base), snapshot.generation)
        for segment in made:
            run.add(segment, snapshot.iter_passages(segment.passage_ids))
        run.remove(np.setdiff1d(before, live), library)
        for kind in (PASSAGES, TERMS):
            self._connection.call("flush", f"{kind}_{base.collections}")  # or rows that are not yet indexed are searched one by one
        self._name(replace(base, version=version_name(snapshot.generation), generation=snapshot.generation, passages=len(live),
                           built=datetime.now(UTC).isoformat(timespec="seconds"), length=run.length, last=int(live.max(initial=0)),
                           histogram=run.histogram))
        drop_others(self._connection, {base.collections, replaced})

    def _current_of(self, library: Library) -> str | None:
        """The collections of the current version, which must be of this library."""
        manifest = self._values() or {}
        if manifest.get("library", library.identity) != library.identity:
            raise ServiceError(
                "index_of_another_library", "QA_INDEX_URL 处已有另一个文档库的索引。请在地址后指明另一个数据库，如 http://主机:19530/数据库 。"
                " Milvus holds the index of another library there: name another database in QA_INDEX_URL, such as"
                " http://HOST:19530/DATABASE.", library=manifest["library"])
        return manifest.get("collections")

    def _begun(self, library: Library, encoder: Encoder, made: Iterator[Segment]) -> tuple[MilvusManifest, Iterator[Segment]]:
        """An empty version in collections of its own, by the mean length of the first passages to come, and these."""
        first = list(islice(made, 1))
        mean = float(first[0].postings.lengths.mean()) if first else 0.0
        suffix = os.urandom(4).hex()
        begin(self._connection, suffix, encoder.dimension)
        return MilvusManifest(FORMAT, "", library.identity, 0, encoder.name, encoder.dimension, 0, "", suffix, 0, mean or 1.0, 0,
                              {}), chain(first, made)

    def _opened(self, manifest: MilvusManifest) -> tuple[Passages, Terms]:
        """The collections of a version."""
        return (Passages(self._connection, f"{PASSAGES}_{manifest.collections}", manifest.reckoned),
                Terms(self._connection, f"{TERMS}_{manifest.collections}"))

    def _manifest(self) -> MilvusManifest | None:
        if (values := self._values()) is None:
            return None
        if values["format"] != FORMAT:
            raise unusable_index("index_mismatch", "索引由其他版本的程序建立", "The index was built by another version of this program",
                                 found=values["format"], expected=FORMAT)
        return MilvusManifest(**values | {"histogram": {int(held): count for held, count in values["histogram"].items()}})

    def _values(self) -> dict | None:
        text = self._row("manifest")
        return None if text is None else json.loads(text)

    def _row(self, field: str) -> str | None:
        """A field of the row of the current version, None where there is no such row."""
        if not self._connection.call("has_collection", VERSIONS):
            return None
        rows = self._connection.call("query", VERSIONS, ids=[CURRENT], output_fields=[field], consistency_level=STRONG)
        return rows[0][field] if rows else None

    def _name(self, manifest: MilvusManifest) -> None:
        """Make a version the current one."""
        begin_versions(self._connection)
        row = {"id": CURRENT, "version": manifest.version, "manifest": json.dumps(asdict(manifest))}
        self._connection.write(VERSIONS, [row | VECTORLESS])


class _Run:
    """What a run adds to the collections and removes from them, from a generation on.

    :ivar length: that of :class:`MilvusManifest` when the run is over.
    """

    def __init__(self, base: MilvusManifest, passages: Passages, counts: Terms, generation: int) -> None:
        self._base, self._passages, self._counts, self._generation = base, passages, counts, generation
        self.length, self._histogram = base.length, Histogram(base.histogram)
        passages.take_back(base.generation)
        counts.take_back(base.generation)

    def add(self, segment: Segment, passages: Iterable[Found]) -> None:
        """Add the passages of a segment, given with it in its order."""
        self._passages.add(segment, passages, self._generation)
        self._count(segment.postings, 1)

    def remove(self, ids: np.ndarray, library: Library) -> None:
        """Remove passages, of which the library at the generation before knows the terms."""
        before = library.snapshot(self._base.generation) if len(ids) else None
        for start in range(0, len(ids), BATCH):
            batch = ids[start:start + BATCH].tolist()
            texts = (assembling.indexed_text(passage, known) for _, passage, known in before.iter_passages(batch))
            self._count(Postings.of(map(terms, texts)), -1)
            self._passages.remove(batch, self._generation)

    @property
    def histogram(self) -> dict[int, int]:
        """That of :class:`MilvusManifest` then."""
        return {held: count for held, count in self._histogram.items() if held and count}

    def _count(self, postings: Postings, sign: int) -> None:
        """Count the terms of passages in or out."""
        self.length += sign * int(postings.lengths.sum())
        self._histogram.update(self._counts.add(postings.terms, sign * np.diff(postings.starts), self._generation))


def _drifted(manifest: MilvusManifest) -> bool:
    """Whether the mean length is too far from the one that shares are reckoned by."""
    return not 1 / DRIFT <= manifest.average / manifest.reckoned <= DRIFT
