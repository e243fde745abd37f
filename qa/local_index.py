"""The index on this machine, in versions: each a list of segments, which it shares with the versions around it.

``home/index/<version>/`` holds the manifest of a version, ``home/index/segments/`` what its segments hold, and
``home/index/CURRENT`` names the version in use. New segments and the manifest are written beside what is there, synced, and then
named by one atomic replace, so that a reader sees the old whole or the new whole.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from corpus.library import Library, Snapshot
from embeddings.encoder import Encoder
from embeddings.errors import EncoderError
from embeddings.vectors import Vectors
from qa import assembling
from qa.bm25 import PostingsBM25
from qa.drafts import Drafts
from qa.errors import IndexUnavailable, ServiceError, unusable_index
from qa.filters import NO_FILTERS, Filters
from qa.index import Manifest, Ranking, check_model, missing, version_name
from qa.segment import Segment, tidied

FORMAT = 2
SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class LocalManifest(Manifest):
    """:ivar segments: by name and in order, the CRC-32 of each of their files; of those that are saved."""

    segments: dict[str, dict[str, int]] = field(default_factory=dict)


class LocalIndex:
    """An :class:`qa.index.Index`. Row i of ``passage_ids``, of ``bm25`` and of ``vectors`` is the same passage.

    :ivar passage_ids: int64 array of shape ``(passages,)``, ids in the library.
    """

    def __init__(self, segments: Sequence[Segment], manifest: LocalManifest) -> None:
        self.segments, self.manifest = tuple(segments), manifest
        self.passage_ids = np.concatenate([np.empty(0, np.int64), *(segment.passage_ids for segment in self.segments)])
        if len(self) != manifest.passages:
            raise unusable_index("index_corrupt", "索引各部分长度不一致", "The parts of the index differ in length",
                                 version=manifest.version)
        self.bm25 = PostingsBM25([segment.postings for segment in self.segments])
        self.vocabulary = self.bm25.vocabulary
        self.vectors = Vectors([segment.vectors for segment in self.segments])

    def __len__(self) -> int:
        return len(self.passage_ids)

    def rank(self, weights: Mapping[str, float], vector: np.ndarray, count: int, filters: Filters, snapshot: Snapshot) -> Ranking:
        """See :meth:`qa.index.Index.rank`."""
        rows = None
        if filters != NO_FILTERS:
            ids = snapshot.live_passage_ids(filters.document_ids or None, filters.regions, filters.years, filters.issuers)
            rows = np.flatnonzero(np.isin(self.passage_ids, ids))
        cosines, nearest = self.vectors.search(vector, count, rows)
        if not len(nearest):
            return Ranking(nearest, *[np.empty(0)] * 3, lambda terms, places: [])
        lexical = self.bm25.weighted_scores(weights)
        chosen = np.union1d(_top(lexical, count) if rows is None else rows[_top(lexical[rows], count)], nearest)
        return Ranking(self.passage_ids[chosen], lexical[chosen], self.vectors.similarity(vector, chosen), cosines,
                       lambda terms, places: self.bm25.holding(terms, chosen[places]))

    def sample(self, count: int) -> np.ndarray:
        """See :meth:`qa.index.Index.sample`."""
        return self.passage_ids[np.unique(np.linspace(0, len(self) - 1, min(len(self), count)).astype(int))]


def _top(scores: np.ndarray, count: int) -> np.ndarray:
    """Where the ``count`` best scores above 0 are, in no order."""
    places = np.flatnonzero(scores > scores.max(initial=0.0) / 2)  # mostly enough of them, and few
    if len(places) < count:
        places = np.flatnonzero(scores > 0)
    if len(places) > count:
        places = places[np.argpartition(-scores[places], count)[:count]]
    return places


def update(previous: LocalIndex | None, snapshot: Snapshot, library: str, encoder: Encoder,
           progress: Callable[[int, int], None] = lambda done, total: None, drafts: Drafts | None = None) -> LocalIndex:
    """An index of a library's snapshot, which embeds only passages that ``previous`` lacks.

    :param library: identity of the snapshot's library.
    :param drafts: where segments are kept as they are finished, so that a run that breaks off is taken up again.
    :param progress: called with passages embedded and passages to embed.
    """
    live = snapshot.live_passage_ids()
    kept = [] if previous is None else [segment.keep(np.isin(segment.passage_ids, live)) for segment in previous.segments]
    new = live[~np.isin(live, np.concatenate([np.empty(0, np.int64), *(segment.passage_ids for segment in kept)]))]
    saved = {} if previous is None else dict(previous.manifest.segments)
    if drafts is None:
        made = list(assembling.segments(new, snapshot, encoder, progress))
    else:
        made = list(map(drafts.keep, assembling.segments(new, snapshot, encoder, progress, drafts.find)))
        saved |= drafts.kept
    segments = tidied([*kept, *made])
    return LocalIndex(segments, LocalManifest(
        FORMAT, version_name(snapshot.generation), library, snapshot.generation, encoder.name, encoder.dimension,
        len(live), datetime.now(UTC).isoformat(timespec="seconds"),
        {segment.name: saved[segment.name] for segment in segments if segment.name in saved}))


def save(index: LocalIndex, home: Path) -> None:
    """Write a version and make it the current one; versions other than it and the one before are removed.

    :raises OSError: the disk is full or read-only; the current version is untouched.
    """
    root = home / "index"
    folder, pointer = root / index.manifest.version, root / "CURRENT.new"
    before = current_version(home)
    saved = dict(index.manifest.segments)
    try:
        for segment in index.segments:
            if segment.name not in saved:
                saved[segment.name] = segment.save(root / SEGMENTS, _sync)
        manifest = replace(index.manifest, segments={segment.name: saved[segment.name] for segment in index.segments})
        _write(manifest, folder)
        pointer.write_text(manifest.version, encoding="utf-8")
        _sync(pointer)
        os.replace(pointer, root / "CURRENT")
    except OSError:
        for name in saved.keys() - index.manifest.segments.keys():
            shutil.rmtree(root / SEGMENTS / name, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        pointer.unlink(missing_ok=True)
        raise
    _sync(root)
    _clear(root, {manifest.version, before}, manifest.segments.keys() | _segments_of(root, before))


def _clear(root: Path, versions: set[str | None], segments: set[str]) -> None:
    """Remove the versions and segments that are not among these."""
    for folder in [*root.iterdir(), *(root / SEGMENTS).glob("*")]:
        kept = segments if folder.parent.name == SEGMENTS else versions | {SEGMENTS}
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _segments_of(root: Path, version: str | None) -> set[str]:
    """Names of a version's segments; none where its manifest cannot be read, for then nobody reads it."""
    try:
        return set(_manifest(root / (version or "")).segments)
    except (OSError, ValueError, TypeError, KeyError, IndexUnavailable):
        return set()


def _write(manifest: LocalManifest, folder: Path) -> None:
    """A version's manifest, synced, with the folder of the segments that it names."""
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    for path in (folder / "manifest.json", folder, *(folder.parent.glob(SEGMENTS))):
        _sync(path)


def _manifest(folder: Path) -> LocalManifest:
    """:raises OSError, ValueError, TypeError, KeyError: there is none, or it is damaged.
    :raises IndexUnavailable: it is another program version's (``index_mismatch``).
    """
    values = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if values["format"] != FORMAT:
        raise unusable_index("index_mismatch", "索引由其他版本的程序建立", "The index was built by another version of this program",
                             found=values["format"], expected=FORMAT)
    return LocalManifest(**values)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def current_version(home: Path) -> str | None:
    """Name of the version in use, None where nothing was ever indexed; of a damaged pointer what can be read."""
    try:
        return (home / "index" / "CURRENT").read_text(encoding="utf-8", errors="replace").strip() or None
    except FileNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class LocalStore:
    """A :class:`qa.index.Store` in a folder."""

    home: Path

    def current(self) -> str | None:
        """See :meth:`qa.index.Store.current`."""
        return current_version(self.home)

    def load(self, encoder: Encoder | None = None, previous: LocalIndex | None = None) -> LocalIndex:
        """See :meth:`qa.index.Store.load`."""
        return load(self.home, encoder, previous)

    def update(self, previous: LocalIndex | None, library: Library, encoder: Encoder,
               progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """See :meth:`qa.index.Store.update`."""
        drafts = Drafts(self.home / "index" / SEGMENTS, f"{FORMAT} {library.identity} {encoder.name}", _sync)
        try:
            save(update(previous, library.snapshot(), library.identity, encoder, progress, drafts), self.home)
        except OSError as error:
            raise ServiceError("index_unwritable", f"无法写入索引（{error.strerror}），原有索引不受影响；请检查磁盘空间和权限后"
                               f"再次运行 python -m qa index。 The index cannot be written ({error.strerror}), the one before "
                               "is untouched: check disk space and permissions and run `python -m qa index` again.",
                               path=str(self.home)) from error


def load(home: Path, encoder: Encoder | None = None, previous: LocalIndex | None = None) -> LocalIndex:
    """The current version.

    :param encoder: the model that questions will be encoded with; the version must have been built with it.
    :param previous: a version loaded before, whose segments are not read again.
    :raises IndexUnavailable: there is none (``index_missing``), it is damaged (``index_corrupt``), or it was built by
        another model or program version (``index_mismatch``).
    """
    version = current_version(home)
    if version is None:
        raise missing()
    root = home / "index"
    try:
        manifest = _manifest(root / version)
        check_model(manifest, encoder)
        if manifest.version != version or not version.startswith(f"{manifest.generation:06d}-"):
            raise ValueError(f"manifest of {manifest.version}, generation {manifest.generation}")
        known = {} if previous is None else {segment.name: segment for segment in previous.segments}
        return LocalIndex([known.get(name) or Segment.load(root / SEGMENTS / name, checksums)
                      for name, checksums in manifest.segments.items()], manifest)
    except (OSError, ValueError, TypeError, KeyError, EncoderError) as error:
        raise unusable_index("index_corrupt", "索引已损坏或不完整", "The index is damaged or incomplete",
                             version=version, reason=repr(error)) from error
