"""A segment: some of the passages of an index, with all that finds them."""

import os
import shutil
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from embeddings.arrays import read_array
from embeddings.vectors import Block
from qa.postings import LARGEST, Postings

RATIO = 4  # that a segment is larger than the next, at least
CHUNK = 1 << 20  # bytes


@dataclass(frozen=True, eq=False)
class Segment:
    """Row i of all three is the same passage. A segment is never changed; versions of the index share it.

    :ivar name: of its folder.
    :ivar passage_ids: int64 array of shape ``(passages,)``, ids in the library.
    """

    name: str
    passage_ids: np.ndarray
    postings: Postings
    vectors: Block

    @classmethod
    def new(cls, passage_ids: np.ndarray, postings: Postings, vectors: Block) -> "Segment":
        """A segment under a name of its own."""
        return cls(os.urandom(8).hex(), passage_ids, postings, vectors)

    @classmethod
    def joined(cls, parts: Sequence["Segment"]) -> "Segment":
        """The passages of several, below each other."""
        return cls.new(np.concatenate([part.passage_ids for part in parts]), Postings.joined([part.postings for part in parts]),
                       Block.joined([part.vectors for part in parts]))

    def keep(self, rows: np.ndarray) -> "Segment":
        """The passages where a mask of shape ``(len(self),)`` is true; itself where that is all."""
        if rows.all():
            return self
        return Segment.new(self.passage_ids[rows], self.postings.keep(rows), self.vectors.keep(rows))

    @classmethod
    def load(cls, folder: Path, checksums: dict[str, int]) -> "Segment":
        """What :meth:`save` wrote.

        :raises OSError, ValueError: a file is missing, or is not the one that was written.
        :raises EncoderError: as :meth:`Block.load`.
        """
        for name, checksum in checksums.items():
            if _checksum(folder / name) != checksum:
                raise ValueError(f"checksum of {folder.name}/{name}")
        found = cls(folder.name, read_array(folder / "ids.npy"), Postings.load(folder), Block.load(folder))
        if not len(found) == len(found.postings) == len(found.vectors):
            raise ValueError(f"parts of {folder.name} differ in length")
        return found

    def save(self, root: Path, sync: Callable[[Path], None]) -> dict[str, int]:
        """Write the segment into a folder of its own; nothing of it stays where that fails.

        :param sync: called with each file and the folder when it is written.
        :returns: the CRC-32 of each file.
        :raises OSError: it cannot be written.
        """
        folder = root / self.name
        try:
            folder.mkdir(parents=True)
            np.save(folder / "ids.npy", self.passage_ids)
            self.postings.save(folder)
            self.vectors.save(folder)
            for path in [*folder.iterdir(), folder]:
                sync(path)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return {path.name: _checksum(path) for path in sorted(folder.iterdir())}

    def named(self, name: str) -> "Segment":
        """The same under another name."""
        return replace(self, name=name)

    def __len__(self) -> int:
        return len(self.passage_ids)


def tidied(segments: Sequence[Segment]) -> list[Segment]:
    """The same passages in few segments, each several times as large as the next: neighbours of like size become one.

    A passage is copied a few times in its life, and one added report does not touch the large segments (O'Neil et al., The
    log-structured merge-tree, 1996).
    """
    made = [segment for segment in segments if len(segment)]
    while (place := _like(list(map(len, made)))) is not None:
        made[place:place + 2] = [Segment.joined(made[place:place + 2])]
    return made


def _like(sizes: Sequence[int]) -> int | None:
    """The last place whose segment should become one with the next."""
    return next((i for i in reversed(range(len(sizes) - 1))
                 if sizes[i] + sizes[i + 1] <= LARGEST and sizes[i] < RATIO * sizes[i + 1]), None)


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return checksum
