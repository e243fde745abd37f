"""The index as the service sees it, wherever it is kept."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from corpus.library import Library
from corpus.snapshot import Snapshot
from embeddings.encoder import Encoder
from qa.errors import IndexUnavailable, unusable_index
from qa.filters import Filters
from qa.settings import Settings
from qa.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version of the index was built from.

    :ivar format: of what is kept; another program version may have another.
    :ivar library: identity of the library that the passages belong to.
    :ivar generation: its generation then.
    :ivar built: when, ISO time in UTC.
    """

    format: int
    version: str
    library: str
    generation: int
    model: str
    dimension: int
    passages: int
    built: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """The passages that either of two rankings, by words and by vectors, has among its first; arrays of shape ``(passages,)``.

    :ivar passage_ids: int64, ids in the library.
    :ivar bm25, vector: BM25 scores and cosines, each of all of them.
    :ivar nearest: cosines of those that the vectors rank first, best first.
    :ivar holding: of some terms those that the passages at some places of the arrays hold, in the order given.
    """

    passage_ids: np.ndarray
    bm25: np.ndarray
    vector: np.ndarray
    nearest: np.ndarray
    holding: Callable[[Sequence[str], Sequence[int]], list[tuple[str, ...]]]


class Index(Protocol):
    """One version of the index. It never changes, and any number of threads may use it."""

    manifest: Manifest
    vocabulary: Vocabulary

    def __len__(self) -> int:
        """Passages in it."""

    def rank(self, weights: Mapping[str, float], vector: np.ndarray, count: int, filters: Filters, snapshot: Snapshot) -> Ranking:
        """The first passages by BM25 and the first by vectors.

        :param weights: term to weight.
        :param vector: float32 of shape ``(dimension,)``, of unit length.
        :param count: passages of each ranking, of those by BM25 only such as score above 0.
        :param snapshot: the library at the generation of the version.
        """

    def sample(self, count: int) -> np.ndarray:
        """int64: ids of up to so many passages from all over the index, always the same."""


class Store(Protocol):
    """Where versions of the index are kept, of which one is the current."""

    def current(self) -> str | None:
        """Name of the current version, None where nothing was ever indexed. Cheap."""

    def load(self, encoder: Encoder | None = None, previous: Index | None = None) -> Index:
        """The current version.

        :param encoder: the model that questions will be encoded with; the version must have been built with it.
        :param previous: a version loaded before, of which may be used again what both share.
        :raises IndexUnavailable: there is none (``index_missing``), it is damaged (``index_corrupt``), or it was built by
            another model or program version (``index_mismatch``).
        """

    def update(self, previous: Index | None, library: Library, encoder: Encoder,
               progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Make a version of the library as it is now the current one; only passages that ``previous`` lacks are embedded.

        :param previous: the current version where it can be built upon.
        :param progress: called with passages embedded and passages to embed.
        :raises ServiceError: it cannot be written (``index_unwritable``); the current version is untouched.
        """


def store_of(settings: Settings) -> Store:
    """The store that the settings name."""
    if settings.index_url:
        from qa.milvus.store import MilvusStore

        return MilvusStore(settings.index_url)
    from qa.local_index import LocalStore

    return LocalStore(settings.home)


def version_name(generation: int) -> str:
    """A name for a new version of the index at a generation."""
    return f"{generation:06d}-{os.urandom(4).hex()}"


def check_model(manifest: Manifest, encoder: Encoder | None) -> None:
    """:raises IndexUnavailable: the version was built by another model (``index_mismatch``)."""
    if encoder is not None and (manifest.model, manifest.dimension) != (encoder.name, encoder.dimension):
        raise unusable_index("index_mismatch", f"索引由另一个向量模型建立（{manifest.model}）",
                             f"The index was built by another embedding model ({manifest.model})",
                             found=manifest.model, expected=encoder.name)


def missing() -> IndexUnavailable:
    """Nothing was ever indexed."""
    return IndexUnavailable("index_missing", "还没有索引，请先运行 python -m qa index 路径。 "
                            "There is no index yet: run `python -m qa index PATH` first.")
