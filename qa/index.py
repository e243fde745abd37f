"""Versions of the index on disk: each a list of segments, which it shares with the versions around it.

``home/index/<version>/`` holds the manifest of a version, ``home/index/segments/`` what its segments hold, and
``home/index/CURRENT`` names the version in use. New segments and the manifest are written beside what is there, synced, and then
named by one atomic replace, so that a reader sees the old whole or the new whole.
"""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from corpus.library import Snapshot
from embeddings.encoder import Encoder
from embeddings.errors import EncoderError
from embeddings.vectors import Vectors
from qa.assembling import assemble
from qa.bm25 import PostingsBM25
from qa.errors import IndexUnavailable, unusable_index
from qa.postings import LARGEST
from qa.segment import Segment, tidied

FORMAT = 2
SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version was built from; :func:`load` refuses what does not fit.

    :ivar library: identity of the library that the rows belong to.
    :ivar generation: its generation then.
    :ivar built: when, ISO time in UTC.
    :ivar segments: by name and in order, the CRC-32 of each of their files; of those that are saved.
    """

    format: int
    version: str
    library: str
    generation: int
    model: str
    dimension: int
    passages: int
    built: str
    segments: dict[str, dict[str, int]] = field(default_factory=dict)


class Index:
    """Row i of ``passage_ids``, of ``bm25`` and of ``vectors`` is the same passage.

    :ivar passage_ids: int64 array of shape ``(passages,)``, ids in the library.
    """

    def __init__(self, segments: Sequence[Segment], manifest: Manifest) -> None:
        self.segments, self.manifest = tuple(segments), manifest
        self.passage_ids = np.concatenate([np.empty(0, np.int64), *(segment.passage_ids for segment in self.segments)])
        if len(self) != manifest.passages:
            raise unusable_index("index_corrupt", "索引各部分长度不一致", "The parts of the index differ in length",
                                 version=manifest.version)
        self.bm25 = PostingsBM25([segment.postings for segment in self.segments])
        self.vectors = Vectors([segment.vectors for segment in self.segments])

    def __len__(self) -> int:
        return len(self.passage_ids)


def update(previous: Index | None, snapshot: Snapshot, library: str, encoder: Encoder,
           progress: Callable[[int, int], None] = lambda done, total: None) -> Index:
    """An index of a library's snapshot, which embeds only passages that ``previous`` lacks.

    :param library: identity of the snapshot's library.
    :param progress: called with passages embedded and passages to embed.
    """
    live = snapshot.live_passage_ids()
    segments = [] if previous is None else [segment.keep(np.isin(segment.passage_ids, live)) for segment in previous.segments]
    new = np.setdiff1d(live, np.concatenate([np.empty(0, np.int64), *(segment.passage_ids for segment in segments)]))
    for done in range(0, len(new), LARGEST):
        ids = new[done:done + LARGEST]
        segments.append(assemble(ids, snapshot.iter_passages(ids), encoder, lambda count, before=done: progress(before + count, len(new))))
    segments = tidied(segments)
    saved = {} if previous is None else previous.manifest.segments
    return Index(segments, Manifest(
        FORMAT, _prefix(snapshot.generation) + os.urandom(4).hex(), library, snapshot.generation, encoder.name, encoder.dimension,
        len(live), datetime.now(UTC).isoformat(timespec="seconds"),
        {segment.name: saved[segment.name] for segment in segments if segment.name in saved}))


def _prefix(generation: int) -> str:
    """How the names of a generation's versions begin."""
    return f"{generation:06d}-"


def save(index: Index, home: Path) -> None:
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


def _write(manifest: Manifest, folder: Path) -> None:
    """A version's manifest, synced, with the folder of the segments that it names."""
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    for path in (folder / "manifest.json", folder, *(folder.parent.glob(SEGMENTS))):
        _sync(path)


def _manifest(folder: Path) -> Manifest:
    """:raises OSError, ValueError, TypeError, KeyError: there is none, or it is damaged.
    :raises IndexUnavailable: it is another program version's (``index_mismatch``).
    """
    values = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if values["format"] != FORMAT:
        raise unusable_index("index_mismatch", "索引由其他版本的程序建立", "The index was built by another version of this program",
                             found=values["format"], expected=FORMAT)
    return Manifest(**values)


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


def load(home: Path, encoder: Encoder | None = None, previous: Index | None = None) -> Index:
    """The current version.

    :param encoder: the model that questions will be encoded with; the version must have been built with it.
    :param previous: a version loaded before, whose segments are not read again.
    :raises IndexUnavailable: there is none (``index_missing``), it is damaged (``index_corrupt``), or it was built by
        another model or program version (``index_mismatch``).
    """
    version = current_version(home)
    if version is None:
        raise IndexUnavailable("index_missing", "还没有索引，请先运行 python -m qa index 路径。 "
                               "There is no index yet: run `python -m qa index PATH` first.", home=str(home))
    root = home / "index"
    try:
        manifest = _manifest(root / version)
        _check_model(manifest, encoder)
        if manifest.version != version or not version.startswith(_prefix(manifest.generation)):
            raise ValueError(f"manifest of {manifest.version}, generation {manifest.generation}")
        known = {} if previous is None else {segment.name: segment for segment in previous.segments}
        return Index([known.get(name) or Segment.load(root / SEGMENTS / name, checksums)
                      for name, checksums in manifest.segments.items()], manifest)
    except (OSError, ValueError, TypeError, KeyError, EncoderError) as error:
        raise unusable_index("index_corrupt", "索引已损坏或不完整", "The index is damaged or incomplete",
                             version=version, reason=repr(error)) from error


def _check_model(manifest: Manifest, encoder: Encoder | None) -> None:
    if encoder is not None and (manifest.model, manifest.dimension) != (encoder.name, encoder.dimension):
        raise unusable_index("index_mismatch", f"索引由另一个向量模型建立（{manifest.model}）",
                             f"The index was built by another embedding model ({manifest.model})",
                             found=manifest.model, expected=encoder.name)
