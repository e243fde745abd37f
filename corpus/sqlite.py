"""The library in a file of SQLite."""

import errno
import os
import sqlite3
from functools import cached_property
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from corpus.database import Database, make_tables, steps_from
from corpus.errors import DocumentError
from corpus.schema import FORMAT

APPLICATION = 0x71616C62  # "qalb", so that another program's database is not taken for ours
PAGE = 16_384  # bytes of the file that are read together; of pages of 4,096, packed blocks leave a third empty
BUSY_SECONDS = 30  # how long a connection waits for another

_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_ERRNO_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}
_ERRNO_FULL = {errno.ENOSPC, errno.EDQUOT}


class SQLite(Database):
    """``library.sqlite`` in a home, and ``library.lock``.

    :ivar path: of the file.
    """

    begin = "BEGIN IMMEDIATE"

    def __init__(self, home: Path) -> None:
        self.path = home / "library.sqlite"
        self.name = str(self.path)
        self.lock = FileLock(home / "library.lock", fallback_to_soft=False)

    def connect(self, create: bool = False) -> Connection:
        """See :meth:`Database.connect`."""
        with self.failures():
            if not create and not self.path.exists():
                raise self.missing()
            connection = (self._writing if create else self._reading).connect()
            try:
                if create:
                    _create(connection)
                self._check(connection)
                _update(connection, frozen=self._frozen and not create)
            except BaseException:
                connection.close()
                raise
            return connection

    def known(self, error: Exception) -> DocumentError | None:
        """See :meth:`Database.known`."""
        error = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(error, sqlite3.Error):
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
            return (self._corrupt() if code in _CORRUPT else self.read_only() if code in _READ_ONLY
                    else self.full() if code == sqlite3.SQLITE_FULL else self.locked() if code in _BUSY else None)
        if isinstance(error, OSError):
            return (self.read_only() if error.errno in _ERRNO_READ_ONLY
                    else self.full() if error.errno in _ERRNO_FULL else None)
        return None

    @cached_property
    def _reading(self) -> Engine:
        return _engine(lambda: self._open("mode=ro&immutable=1" if self._frozen else "mode=rw"))

    @cached_property
    def _writing(self) -> Engine:
        return _engine(lambda: self._open("mode=rwc"))

    @property
    def _frozen(self) -> bool:
        """Whether the file never changes. Reading takes side files, which a read-only disk refuses; there nobody else can write
        either, so a file without a log of late changes beside it may be read as immutable."""
        log = self.path.with_name(f"{self.path.name}-wal")
        return bool(os.statvfs(self.path.parent).f_flag & os.ST_RDONLY) and not (log.exists() and log.stat().st_size)

    def _open(self, mode: str) -> sqlite3.Connection:
        # Whichever thread comes to close it where its own has ended.
        connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?{mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None,
                                     check_same_thread=False)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _check(self, connection: Connection) -> None:
        if _empty(connection):
            raise self.missing()
        if _pragma(connection, "application_id") != APPLICATION:
            raise self._corrupt()
        if (version := _pragma(connection, "user_version")) > FORMAT:
            raise self.newer(version)

    def _corrupt(self) -> DocumentError:
        return DocumentError(
            "library_corrupt",
            f"文档库文件已损坏或不是文档库：{self.path}。请把它移走，再运行 python -m qa index PATH 重新建立。"
            f" The library file is damaged or is no library: {self.path}. Move it away and run python -m qa index PATH again.",
            path=self.name)


def _engine(creator) -> Engine:
    return create_engine("sqlite://", creator=creator, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)


def _create(connection: Connection) -> None:
    if not _empty(connection):
        return
    connection.execute(text(f"PRAGMA page_size = {PAGE}"))
    connection.execute(text("PRAGMA journal_mode = WAL"))
    connection.execute(text(SQLite.begin))
    if _empty(connection):  # still: another process may have been first
        make_tables(connection)
        connection.execute(text(f"PRAGMA application_id = {APPLICATION}"))
        connection.execute(text(f"PRAGMA user_version = {FORMAT}"))
    connection.execute(text("COMMIT"))


def _update(connection: Connection, frozen: bool) -> None:
    """Bring an older format up to the present one, for this connection alone where the disk is read-only."""
    if frozen:
        for step in steps_from(_pragma(connection, "user_version")):
            connection.execute(text(step.text.replace("CREATE TABLE", "CREATE TEMP TABLE")))
    elif _pragma(connection, "user_version") < FORMAT:
        connection.execute(text(SQLite.begin))
        for step in steps_from(_pragma(connection, "user_version")):  # still: another process may have been first
            connection.execute(step)
        connection.execute(text(f"PRAGMA user_version = {FORMAT}"))
        connection.execute(text("COMMIT"))


def _pragma(connection: Connection, name: str) -> int:
    return connection.execute(text(f"PRAGMA {name}")).scalar_one()


def _empty(connection: Connection) -> bool:
    return connection.execute(text("SELECT 1 FROM sqlite_schema LIMIT 1")).first() is None
