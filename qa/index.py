"""BM25, vectors and the list of passages as one versioned whole on disk.

``home/index/<version>/`` holds a version, ``home/index/CURRENT`` names the one in use. A version is written beside
the others, synced, and named by one atomic replace, so that a reader sees the old whole or the new whole.
"""

import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
from scipy import sparse

from corpus.dates import years_of
from corpus.document import Metadata, Passage
from corpus.library import Snapshot
from embeddings.encoder import Encoder
from embeddings.errors import EncoderError
from embeddings.vectors import Vectors
from qa.bm25 import PostingsBM25, count_terms
from qa.errors import IndexUnavailable, unusable_index
from qa.terms import terms

FORMAT = 1
BATCH = 512


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version was built from; :func:`load` refuses what does not fit.

    :ivar library: identity of the library that the rows belong to.
    :ivar generation: its generation then.
    :ivar built: when, ISO time in UTC.
    :ivar checksums: CRC-32 of each file.
    """

    format: int
    version: str
    library: str
    generation: int
    model: str
    dimension: int
    passages: int
    built: str
    checksums: dict[str, int]


class Index:
    """Row i of ``passage_ids``, of ``bm25`` and of ``vectors`` is the same passage.

    :ivar passage_ids: int64 array of shape ``(passages,)``, ids in the library.
    """

    def __init__(self, passage_ids: np.ndarray, bm25: PostingsBM25, vectors: Vectors, manifest: Manifest) -> None:
        if not len(passage_ids) == bm25.corpus_size == len(vectors) == manifest.passages:
            raise unusable_index("index_corrupt", "索引各部分长度不一致", "The parts of the index differ in length",
                                 version=manifest.version)
        self.passage_ids, self.bm25, self.vectors, self.manifest = passage_ids, bm25, vectors, manifest

    def __len__(self) -> int:
        return len(self.passage_ids)


def indexed_text(passage: Passage, metadata: Metadata) -> str:
    """What is indexed of a passage: title, place, years and headings, which are no part of its quotable text, then it.

    The years are the one reported on and those that the passage speaks of: a plan of another.
    """
    years = {metadata.report_year, *years_of(passage.text, metadata.published, metadata.report_year, passage.section)} - {None}
    named = " ".join((metadata.title, metadata.region or "", *(f"{year}年" for year in sorted(years))))
    return "\n".join((named, " ".join(passage.section), passage.text))


def update(previous: Index | None, snapshot: Snapshot, library: str, encoder: Encoder,
           progress: Callable[[int, int], None] = lambda done, total: None) -> Index:
    """An index of a library's snapshot, which embeds only passages that ``previous`` lacks.

    :param library: identity of the snapshot's library.
    :param progress: called with passages embedded and passages to embed.
    """
    live = snapshot.live_passage_ids()
    if previous is None:
        ids, counts, vocabulary = np.empty(0, np.int64), None, {}
        vectors = Vectors.build(encoder.dimension)
    else:
        keep = np.isin(previous.passage_ids, live)
        ids, vocabulary = previous.passage_ids[keep], dict(previous.bm25.vocabulary)
        counts, vectors = previous.bm25.counts[keep], previous.vectors.keep(keep)
    new = np.setdiff1d(live, ids)
    rows = [counts] if counts is not None else []
    done = 0
    for batch in _batches(snapshot.iter_passages(new), BATCH):
        texts = [indexed_text(passage, metadata) for _, passage, metadata in batch]
        rows.append(count_terms(map(terms, texts), vocabulary))
        vectors.add(encoder.encode_passages(texts))
        done += len(batch)
        progress(done, len(new))
    counts, vocabulary = _stack(rows, vocabulary)
    manifest = Manifest(FORMAT, _prefix(snapshot.generation) + os.urandom(4).hex(), library, snapshot.generation,
                        encoder.name, encoder.dimension, len(live), datetime.now(UTC).isoformat(timespec="seconds"), {})
    return Index(np.concatenate([ids, new]), PostingsBM25(counts, vocabulary), vectors, manifest)


def _prefix(generation: int) -> str:
    """How the names of a generation's versions begin."""
    return f"{generation:06d}-"


def _batches(items: Iterable, size: int) -> Iterable[list]:
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch


def _stack(rows: list[sparse.csr_array], vocabulary: dict[str, int]) -> tuple[sparse.csr_array, dict[str, int]]:
    """Rows below each other, without the columns of terms that no passage holds any more."""
    for part in rows:
        part.resize(part.shape[0], len(vocabulary))
    stacked = sparse.csr_array(sparse.vstack(rows)) if rows else sparse.csr_array((0, len(vocabulary)), dtype=np.int32)
    used = np.bincount(stacked.indices, minlength=len(vocabulary)) > 0
    column = np.cumsum(used) - 1
    kept = {term: int(column[i]) for term, i in vocabulary.items() if used[i]}
    compact = sparse.csr_array((stacked.data, column[stacked.indices].astype(np.int32), stacked.indptr.astype(np.int64)),
                               shape=(stacked.shape[0], len(kept)))
    return compact, kept


def save(index: Index, home: Path) -> None:
    """Write a version and make it the current one; versions other than it and the one before are removed.

    :raises OSError: the disk is full or read-only; the current version is untouched.
    """
    root = home / "index"
    folder, pointer = root / index.manifest.version, root / "CURRENT.new"
    before = current_version(home)
    try:
        _write(index, folder)
        pointer.write_text(index.manifest.version, encoding="utf-8")
        _sync(pointer)
        os.replace(pointer, root / "CURRENT")
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        pointer.unlink(missing_ok=True)
        raise
    _sync(root)
    for old in root.iterdir():
        if old.is_dir() and old.name not in (index.manifest.version, before):
            shutil.rmtree(old, ignore_errors=True)


def _write(index: Index, folder: Path) -> None:
    """A version's files, synced, the manifest with their checksums last."""
    folder.mkdir(parents=True)
    counts = index.bm25.counts
    for name, array in (("ids", index.passage_ids), ("indptr", counts.indptr), ("indices", counts.indices),
                        ("counts", counts.data)):
        np.save(folder / f"{name}.npy", array)
    (folder / "vocabulary.txt").write_text("\n".join(index.bm25.vocabulary), encoding="utf-8")
    index.vectors.save(folder / "vectors.faiss")
    checksums = {path.name: zlib.crc32(path.read_bytes()) for path in sorted(folder.iterdir())}
    manifest = asdict(index.manifest) | {"checksums": checksums}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for path in [*folder.iterdir(), folder]:
        _sync(path)


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


def load(home: Path, encoder: Encoder | None = None) -> Index:
    """The current version.

    :param encoder: the model that questions will be encoded with; the version must have been built with it.
    :raises IndexUnavailable: there is none (``index_missing``), it is damaged (``index_corrupt``), or it was built by
        another model or program version (``index_mismatch``).
    """
    version = current_version(home)
    if version is None:
        raise IndexUnavailable("index_missing", "还没有索引，请先运行 python -m qa index 路径。 "
                               "There is no index yet: run `python -m qa index PATH` first.", home=str(home))
    folder = home / "index" / version
    try:
        manifest = Manifest(**json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
        _check(manifest, encoder)
        if manifest.version != version or not version.startswith(_prefix(manifest.generation)):
            raise ValueError(f"manifest of {manifest.version}, generation {manifest.generation}")
        for name, checksum in manifest.checksums.items():
            if zlib.crc32((folder / name).read_bytes()) != checksum:
                raise ValueError(f"checksum of {name}")
        return _read(folder, manifest)
    except (OSError, ValueError, TypeError, EncoderError) as error:
        raise unusable_index("index_corrupt", "索引已损坏或不完整", "The index is damaged or incomplete",
                             version=version, reason=repr(error)) from error


def _check(manifest: Manifest, encoder: Encoder | None) -> None:
    if manifest.format != FORMAT:
        raise unusable_index("index_mismatch", "索引由其他版本的程序建立", "The index was built by another version of this program",
                             found=manifest.format, expected=FORMAT)
    if encoder is not None and (manifest.model, manifest.dimension) != (encoder.name, encoder.dimension):
        raise unusable_index("index_mismatch", f"索引由另一个向量模型建立（{manifest.model}）",
                             f"The index was built by another embedding model ({manifest.model})",
                             found=manifest.model, expected=encoder.name)


def _read(folder: Path, manifest: Manifest) -> Index:
    text = (folder / "vocabulary.txt").read_text(encoding="utf-8")
    vocabulary = {term: column for column, term in enumerate(text.split("\n"))} if text else {}
    arrays = [np.load(folder / f"{name}.npy") for name in ("counts", "indices", "indptr", "ids")]
    counts = sparse.csr_array(tuple(arrays[:3]), shape=(len(arrays[3]), len(vocabulary)))
    return Index(arrays[3], PostingsBM25(counts, vocabulary), Vectors.load(folder / "vectors.faiss"), manifest)
