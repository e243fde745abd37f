"""The library: documents and passages in SQLite, and the original files beside it.

It lives in a folder: ``library.sqlite``, ``originals/<first two digits>/<sha256><suffix>``, packed where that helps, and ``library.lock``.
Every run that changes something ends in a new generation, an integer. Readers read *at* a generation and never see
half a run; what older generations need is kept until :meth:`Library.prune`.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.database import connect, failures, locked
from corpus.errors import DocumentError
from corpus.revision import Revision
from corpus.snapshot import Snapshot


class Library:
    """A library in a folder, which need not exist before the first :meth:`write`.

    Making one touches no disk. It may be shared by threads, and used on after a fork: connections are opened when
    they are needed, one for each thread of each process.
    """

    def __init__(self, home: Path | str) -> None:
        self.home = Path(home)
        self.path = self.home / "library.sqlite"
        self._connections = _Connections()
        self._lock = FileLock(self.home / "library.lock", fallback_to_soft=False)

    @property
    def generation(self) -> int:
        """The last finished generation, 0 before the first.

        :raises DocumentError: ``library_missing`` and what else keeps it from being read.
        """
        return self._state("generation")

    @property
    def identity(self) -> str:
        """Random hex that tells this library from any other."""
        return self._state("identity")

    def snapshot(self, generation: int | None = None) -> Snapshot:
        """The library at a generation, by default the last finished one.

        :raises DocumentError: ``generation_gone`` for one that was pruned or is not there yet, such as when the
            index belongs to another library; or the library cannot be read.
        """
        last = self.generation
        generation = last if generation is None else generation
        if not self._state("pruned") <= generation <= last:
            raise DocumentError(
                "generation_gone",
                f"文档库里没有第 {generation} 版（现为第 {last} 版），索引与文档库不匹配。"
                "请运行 python -m qa index PATH 重新建立索引。"
                f" The library does not hold generation {generation} (it is at {last}): index and library do not belong"
                " together. Run python -m qa index PATH again.", generation=generation, last=last)
        return Snapshot(generation, self.home, self.path, self._connect)

    @contextmanager
    def lock(self, wait: bool = False, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Be the only writer. May be taken again inside itself by the same thread; ends with the process at the latest.

        :param wait: wait for another writer, after one call of ``waiting``, instead of raising.
        :raises DocumentError: ``library_locked``, ``library_readonly`` or ``disk_full``.
        """
        with failures(self.path):
            self.home.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire(timeout=0)
            except Timeout as error:
                if not wait:
                    raise locked(self.path) from error
                waiting()
                self._lock.acquire(timeout=-1)
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def write(self) -> Iterator[Revision]:
        """One run of changes, under the lock. Ending well makes it the next generation, if anything changed; an
        exception undoes what was not committed.

        :raises DocumentError: ``library_locked`` and what else keeps it from being written.
        """
        with self.lock():
            connection = connect(self.path, create=True)
            try:
                revision = Revision(connection, self.home, self.path)
                yield revision
                revision.finish()
            finally:
                connection.close()  # rolls back what was not committed

    def prune(self, keep_generation: int) -> None:
        """Forget what only generations before ``keep_generation`` need, and originals that nothing needs.

        :raises ValueError: ``keep_generation`` is not finished yet.
        :raises DocumentError: as :meth:`write`.
        """
        with self.lock(), failures(self.path):
            if keep_generation > self.generation:
                raise ValueError(f"generation {keep_generation} is not finished")
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.execute("DELETE FROM documents WHERE removed <= ?", (keep_generation,))
                connection.execute("DELETE FROM withdrawals WHERE until <= ?", (keep_generation,))
                gone = connection.execute("DELETE FROM raws WHERE row NOT IN (SELECT raw FROM documents)").rowcount
                connection.execute("UPDATE state SET value = max(value, ?) WHERE key = 'pruned'", (keep_generation,))
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            if gone:
                kept = {row[0] for row in connection.execute("SELECT DISTINCT original FROM raws")}
                # As strings: with a Path of each it takes a third of a second for 6,000 files.
                found = glob("originals/*/*", root_dir=self.home)
                for original in set(found) - kept:
                    (self.home / original).unlink()

    def close(self) -> None:
        """Close this thread's connection; the next use opens another. Wise before a fork."""
        connection = self._connections.by_process.pop(os.getpid(), None)
        if connection is not None:
            connection.close()

    def _state(self, key: str) -> int | str:
        with failures(self.path):
            return self._connect().execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()[0]

    def _connect(self) -> sqlite3.Connection:
        connections = self._connections.by_process
        if os.getpid() not in connections:
            connections[os.getpid()] = connect(self.path)
        return connections[os.getpid()]


class _Connections(threading.local):
    """A thread's connections by process: one must not be used, nor even closed, in the child of a fork."""

    def __init__(self) -> None:
        self.by_process: dict[int, sqlite3.Connection] = {}
