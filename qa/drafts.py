"""Segments kept as soon as they are assembled, so that a run which breaks off is taken up again where it was."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from xxhash import xxh3_128_hexdigest

from embeddings.errors import EncoderError
from qa.segment import Segment

LEAST = 8192  # passages that are worth it, some seconds of work
CHECKSUMS = "checksums.json"  # written last, so that a draft which has it is whole


class Drafts:
    """Drafts in the folder of an index' segments. They become segments of the version that the run ends in; those that none
    takes up are removed with the next version.

    :ivar kept: by name the CRC-32 of each file of those that were found or kept.
    :param makers: all but the passages that a segment depends on.
    :param sync: called with each file and folder when it is written.
    """

    def __init__(self, root: Path, makers: str, sync: Callable[[Path], None]) -> None:
        self.kept: dict[str, dict[str, int]] = {}
        self._root, self._makers, self._sync = root, makers, sync

    def find(self, passage_ids: np.ndarray) -> Segment | None:
        """The segment of these passages, where an earlier run kept it whole."""
        folder = self._root / self._name(passage_ids)
        try:
            checksums = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
            found = Segment.load(folder, checksums)
        except (OSError, ValueError, EncoderError):
            return None
        self.kept[found.name] = checksums
        return found

    def keep(self, segment: Segment) -> Segment:
        """The segment, written where it is large.

        :raises OSError: it cannot be written.
        """
        name = self._name(segment.passage_ids)
        if len(segment) < LEAST or name in self.kept:
            return segment
        segment, folder = segment.named(name), self._root / name
        shutil.rmtree(folder, ignore_errors=True)
        checksums = segment.save(self._root, self._sync)
        (folder / CHECKSUMS).write_text(json.dumps(checksums), encoding="utf-8")
        for path in (folder / CHECKSUMS, folder):
            self._sync(path)
        self.kept[name] = checksums
        return segment

    def _name(self, passage_ids: np.ndarray) -> str:
        return xxh3_128_hexdigest(self._makers.encode() + b"\0" + passage_ids.tobytes())[:16]
