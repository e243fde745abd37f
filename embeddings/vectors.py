"""Vectors and their nearest neighbours, in FAISS."""

from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path

import faiss
import numpy as np

from embeddings.arrays import read_array
from embeddings.compiled import compiled
from embeddings.errors import EncoderError

# One thread each: questions are asked side by side, and OpenMP's threads, while they wait for each other, take a hundred times as long
# on a machine that does other work.
faiss.omp_set_num_threads(1)

MANY = 8192  # vectors of a block from which on they are searched by sketches
SAMPLE = 16_384  # vectors that sketches are fitted to, at most
SKETCHED = 4  # dimensions that a half byte of a sketch stands for
SHORTLIST = 700  # vectors of a block that are looked at whole, at least: 0.99 of the ten nearest are among them, see docs/decisions.md
CHUNK = 8192  # vectors that are made whole at a time


class Block:
    """Unit vectors by row, a byte a dimension and a factor each; never changed.

    Where there are many, a sketch of each (product quantization, Jégou et al., 2011, by FAISS's fast scan, André et al., 2015)
    tells which are worth looking at whole.

    :ivar codes: int8 of shape ``(n, dimension)``.
    :ivar scales: float32 of shape ``(n,)``; row i is ``scales[i] * codes[i]``.
    """

    def __init__(self, codes: np.ndarray, scales: np.ndarray) -> None:
        self.codes, self.scales = codes, scales

    @classmethod
    def of(cls, matrix: np.ndarray) -> "Block":
        """The rows of a float32 matrix of shape ``(n, dimension)``."""
        scales = (np.abs(matrix).max(axis=1, initial=0) / 127).astype(np.float32)
        return cls(np.rint(matrix / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8), scales)

    @classmethod
    def joined(cls, parts: Sequence["Block"]) -> "Block":
        """The rows of several below each other."""
        return cls(np.concatenate([part.codes for part in parts]), np.concatenate([part.scales for part in parts]))

    def keep(self, rows: np.ndarray) -> "Block":
        """The rows where a mask of shape ``(len(self),)`` is true, renumbered from 0 in the same order."""
        return Block(self.codes[rows], self.scales[rows])

    @classmethod
    def load(cls, folder: Path) -> "Block":
        """What :meth:`save` wrote.

        :raises EncoderError: ``vectors_corrupt`` when a file is missing, incomplete or of another kind.
        """
        try:
            block = cls(read_array(folder / "codes.npy"), read_array(folder / "scales.npy"))
            if len(block) >= MANY:
                block.nearby = faiss.deserialize_index(np.fromfile(folder / "sketches.faiss", np.uint8))
        except (OSError, RuntimeError, ValueError) as error:
            raise _corrupt(folder) from error
        if not len(block.codes) == len(block.scales) == block.nearby.ntotal:
            raise _corrupt(folder)
        return block

    def save(self, folder: Path) -> None:
        """Write the vectors into a folder.

        :raises OSError: when it cannot be written.
        """
        np.save(folder / "codes.npy", self.codes)
        np.save(folder / "scales.npy", self.scales)
        if len(self) >= MANY:
            faiss.serialize_index(self.nearby).tofile(folder / "sketches.faiss")

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def dimension(self) -> int:
        return self.codes.shape[1]

    def similarity(self, query: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Inner products of a query, float32 of shape ``(dimension,)``, with the given rows, in their order."""
        return _products(self.codes, self.scales, query, rows)

    def shortlist(self, query: np.ndarray, count: int) -> np.ndarray:
        """Rows among which the nearest are, ``count`` of them where there are that many."""
        if not len(self):
            return np.empty(0, np.int64)
        _, [rows] = self.nearby.search(query[None], min(count, len(self)))
        return rows[rows >= 0]

    @cached_property
    def nearby(self) -> faiss.Index:
        """What is searched first: where they are few, the vectors themselves; else sketches of them."""
        if len(self) < MANY:
            index = faiss.IndexFlatIP(self.dimension)
        else:
            parts = next(parts for parts in (self.dimension // SKETCHED, self.dimension // 2, self.dimension) if not self.dimension % parts)
            index = faiss.IndexPQFastScan(self.dimension, parts, 4, faiss.METRIC_INNER_PRODUCT)
            index.train(self._whole(np.linspace(0, len(self) - 1, min(len(self), SAMPLE)).astype(np.int64)))
        for rows in _chunks(np.arange(len(self))):
            index.add(self._whole(rows))
        return index

    def _whole(self, rows: np.ndarray) -> np.ndarray:
        return self.codes[rows] * self.scales[rows, None]


class Vectors:
    """Blocks of vectors; the rows of each go on where those of the one before end."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = tuple(blocks)
        self.bounds = np.cumsum([0, *map(len, self.blocks)])

    def __len__(self) -> int:
        return int(self.bounds[-1])

    def search(self, query: np.ndarray, k: int, rows: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The nearest rows, best first.

        :param query: float32 of shape ``(dimension,)``.
        :param rows: the only rows that may be found, ascending; all when None.
        :returns: scores and rows, each of shape ``(min(k, rows to be found),)``.
        """
        found = self._shortlist(query, k) if rows is None else self._among(query, k, rows)
        scores = self.similarity(query, found)
        best = np.lexsort((found, -scores))[:k]
        return scores[best], found[best]

    def similarity(self, query: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Inner products of a query, float32 of shape ``(dimension,)``, with the given rows, in their order."""
        rows = np.asarray(rows, np.int64)
        scores = np.empty(len(rows), np.float32)
        holders = np.searchsorted(self.bounds, rows, "right") - 1
        for number in np.unique(holders):
            mine = holders == number
            scores[mine] = self.blocks[number].similarity(query, rows[mine] - self.bounds[number])
        return scores

    def _shortlist(self, query: np.ndarray, k: int) -> np.ndarray:
        """Rows among which the nearest are."""
        return np.concatenate([np.empty(0, np.int64), *(
            block.shortlist(query, max(k, SHORTLIST)) + begin for block, begin in zip(self.blocks, self.bounds))])

    def _among(self, query: np.ndarray, k: int, rows: np.ndarray) -> np.ndarray:
        """The same among certain rows: those of them in a longer list, or all where they are few or that list has too few."""
        if len(rows) > CHUNK:
            longer = max(k, SHORTLIST) * len(self) // len(rows)
            found = np.intersect1d(self._shortlist(query, longer), rows, assume_unique=True)
            if len(found) >= k:
                return found
        return rows


@partial(compiled, fastmath={"reassoc", "contract"})  # so that several dimensions are added at a time
def _products(codes: np.ndarray, scales: np.ndarray, query: np.ndarray, rows: np.ndarray) -> np.ndarray:
    found = np.empty(len(rows), np.float32)
    for i in range(len(rows)):
        row, total = rows[i], np.float32(0)
        for j in range(codes.shape[1]):
            total += codes[row, j] * query[j]
        found[i] = scales[row] * total
    return found


def _chunks(rows: np.ndarray) -> Iterable[np.ndarray]:
    return (rows[begin:begin + CHUNK] for begin in range(0, len(rows), CHUNK))


def _corrupt(folder: Path) -> EncoderError:
    return EncoderError(
        "vectors_corrupt",
        f"“{folder.name}”中的向量文件缺失或已损坏：请运行 python -m qa index 重建索引。"
        f" The vectors in “{folder.name}” are missing or damaged: run python -m qa index to build the index again.",
        path=str(folder),
    )
