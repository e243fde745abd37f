"""The library: documents and passages in a database, and the original files in a folder.

The folder has ``originals/<first two digits>/<sha256><suffix>``, packed where that helps, and, unless the database is one of a server,
``library.sqlite`` and ``library.lock``.
Every run that changes something ends in a new generation, an integer. Readers read *at* a generation and never see
half a run; what older generations need is kept until :meth:`Library.prune`.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path

from filelock import Timeout
from sqlalchemy import Connection, Executable, Row, bindparam, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from corpus.database import database
from corpus.errors import DocumentError
from corpus.revision import Revision
from corpus.schema import documents, raws, state, withdrawals
from corpus.snapshot import Snapshot

_VALUE = select(state.c.value).where(state.c.key == bindparam("name"))


class Library:
    """A library in a folder, which need not exist before the first :meth:`write`.

    Making one touches neither disk nor network. It may be shared by threads, and used on after a fork: connections are opened when
    they are needed, one for each thread of each process.

    :param url: of the database in PostgreSQL that has all but the original files; empty for a file in the folder.
    """

    def __init__(self, home: Path | str, url: str = "") -> None:
        self.home = Path(home)
        self._database = database(self.home, url)
        self._connections = _Connections()

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
        return Snapshot(generation, self.home, self._read)

    @contextmanager
    def lock(self, wait: bool = False, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Be the only writer. May be taken again inside itself by the same thread; ends with the process at the latest.

        :param wait: wait for another writer, after one call of ``waiting``, instead of raising.
        :raises DocumentError: ``library_locked``, ``library_readonly``, ``disk_full`` or ``database_unreachable``.
        """
        lock = self._database.lock
        with self._database.failures():
            self.home.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                if not wait:
                    raise self._database.locked() from error
                waiting()
                lock.acquire(timeout=-1)
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def write(self) -> Iterator[Revision]:
        """One run of changes, under the lock. Ending well makes it the next generation, if anything changed; an
        exception undoes what was not committed.

        :raises DocumentError: ``library_locked`` and what else keeps it from being written.
        """
        with self.lock():
            connection = self._database.connect(create=True)
            try:
                revision = Revision(connection, self._database, self.home)
                yield revision
                revision.finish()
            finally:
                connection.close()  # rolls back what was not committed

    def prune(self, keep_generation: int) -> None:
        """Forget what only generations before ``keep_generation`` need, and originals that nothing needs.

        :raises ValueError: ``keep_generation`` is not finished yet.
        :raises DocumentError: as :meth:`write`.
        """
        with self.lock(), self._database.failures():
            if keep_generation > self.generation:
                raise ValueError(f"generation {keep_generation} is not finished")
            pruned = max(keep_generation, self._state("pruned"))
            connection = self._connect()
            connection.execute(text(self._database.begin))
            try:
                connection.execute(delete(documents).where(documents.c.removed <= keep_generation))
                connection.execute(delete(withdrawals).where(withdrawals.c.until <= keep_generation))
                gone = connection.execute(delete(raws).where(raws.c.row.not_in(select(documents.c.raw)))).rowcount
                connection.execute(update(state).where(state.c.key == "pruned").values(value=pruned))
                connection.execute(text("COMMIT"))
            except BaseException:
                connection.execute(text("ROLLBACK"))
                raise
            if gone:
                kept = set(connection.execute(select(raws.c.original).distinct()).scalars())
                # As strings: with a Path of each it takes a third of a second for 6,000 files.
                found = glob("originals/*/*", root_dir=self.home)
                for original in set(found) - kept:
                    (self.home / original).unlink()

    def close(self) -> None:
        """Close this thread's connection; the next use opens another. Wise before a fork."""
        connection = self._connections.by_process.pop(os.getpid(), None)
        if connection is not None:
            connection.close()

    def _state(self, name: str) -> int | str:
        return self._read(_VALUE, name=name)[0].value

    def _read(self, statement: Executable, **values: object) -> list[Row]:
        with self._database.failures():
            try:
                return self._connect().execute(statement, values).all()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                self.close()  # the server was started anew since
                return self._connect().execute(statement, values).all()

    def _connect(self) -> Connection:
        connections = self._connections.by_process
        if os.getpid() not in connections:
            connections[os.getpid()] = self._database.connect()
        return connections[os.getpid()]


class _Connections(threading.local):
    """A thread's connections by process: one must not be used, nor even closed, in the child of a fork."""

    def __init__(self) -> None:
        self.by_process: dict[int, Connection] = {}
