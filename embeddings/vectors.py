"""Vectors and their nearest neighbours, in FAISS."""

from pathlib import Path

import faiss
import numpy as np

from embeddings.errors import EncoderError


class Vectors:
    """Unit vectors by row, searched exactly by inner product; rows count from 0 in the order added.

    Make one with :meth:`build` or :meth:`load`.
    """

    def __init__(self, index: faiss.IndexFlatIP) -> None:
        self._index = index

    @classmethod
    def build(cls, dimension: int) -> "Vectors":
        """No vectors yet, of the given number of dimensions."""
        return cls(faiss.IndexFlatIP(dimension))

    @classmethod
    def load(cls, path: Path) -> "Vectors":
        """The vectors that :meth:`save` wrote.

        :raises EncoderError: ``vectors_corrupt`` when the file is missing, incomplete or of another kind.
        """
        try:
            index = faiss.deserialize_index(np.fromfile(path, np.uint8))
        except (OSError, RuntimeError, ValueError) as error:
            raise _corrupt(path) from error
        if not isinstance(index, faiss.IndexFlatIP):
            raise _corrupt(path)
        return cls(index)

    def save(self, path: Path) -> None:
        """Write the vectors to one file.

        :raises OSError: when the file cannot be written.
        """
        faiss.serialize_index(self._index).tofile(path)

    def __len__(self) -> int:
        return self._index.ntotal

    @property
    def dimension(self) -> int:
        return self._index.d

    def add(self, vectors: np.ndarray) -> None:
        """Append rows, float32 of shape ``(n, dimension)``."""
        self._index.add(np.ascontiguousarray(vectors, np.float32).reshape(-1, self.dimension))

    def keep(self, rows: np.ndarray) -> "Vectors":
        """The rows where a mask of shape ``(len(self),)`` is true, renumbered from 0 in the same order."""
        kept = Vectors.build(self.dimension)
        kept.add(self._matrix()[np.asarray(rows, bool)])
        return kept

    def search(self, queries: np.ndarray, k: int, rows: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The nearest rows, best first.

        :param queries: float32 of shape ``(n, dimension)``.
        :param rows: the only rows that may be found; all when None.
        :returns: scores and rows, each of shape ``(n, min(k, rows to be found))``.
        """
        queries = np.ascontiguousarray(queries, np.float32).reshape(-1, self.dimension)
        k = min(k, len(self) if rows is None else len(np.unique(rows)))
        if k <= 0:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        if rows is None:
            return self._index.search(queries, k)
        selector = faiss.IDSelectorBatch(np.asarray(rows, np.int64))
        return self._index.search(queries, k, params=faiss.SearchParameters(sel=selector))

    def similarity(self, query: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Inner products of one query, shape ``(dimension,)``, with the given rows, in their order."""
        return self._matrix()[np.asarray(rows, np.int64)] @ np.asarray(query, np.float32).reshape(-1)

    def _matrix(self) -> np.ndarray:
        """All rows without a copy; valid until the next :meth:`add`."""
        if not len(self):
            return np.empty((0, self.dimension), np.float32)
        return faiss.rev_swig_ptr(self._index.get_xb(), len(self) * self.dimension).reshape(-1, self.dimension)


def _corrupt(path: Path) -> EncoderError:
    return EncoderError(
        "vectors_corrupt",
        f"向量文件“{path.name}”缺失或已损坏：请运行 python -m qa index 重建索引。"
        f" The vectors file “{path.name}” is missing or damaged: run python -m qa index to build the index again.",
        path=str(path),
    )
