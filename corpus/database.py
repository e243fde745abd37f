"""Where the library's tables lie: in a file of SQLite, or in PostgreSQL."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, TextClause, insert, text
from sqlalchemy.exc import DBAPIError

from corpus.errors import DocumentError
from corpus.schema import FORMAT, STEPS, schema, state


class WriterLock(Protocol):
    """What one writer holds at a time. It may be taken again by the same thread, and ends with the process at the latest."""

    def acquire(self, timeout: float) -> object:
        """Take it.

        :param timeout: 0 not to wait, negative to wait for as long as it takes.
        :raises filelock.Timeout: another holds it.
        """

    def release(self) -> None:
        """Undo one :meth:`acquire`."""


class Database(ABC):
    """A library's database. Making one touches neither disk nor network; it may be shared by threads, and used on after a fork.

    Its connections commit each statement, but for those between :attr:`begin` and ``COMMIT``.

    :ivar name: the file, or the address without a password, for messages.
    :ivar lock: see :class:`WriterLock`.
    :cvar begin: the statement that begins a transaction that writes.
    """

    begin: str
    name: str
    lock: WriterLock

    @abstractmethod
    def connect(self, create: bool = False) -> Connection:
        """A new connection, for one thread of one process.

        :param create: make the tables where there are none.
        :raises DocumentError: ``library_missing``, ``library_newer``, ``library_corrupt``, or as :meth:`failures`.
        """

    @abstractmethod
    def known(self, error: Exception) -> DocumentError | None:
        """An error in words, None for one that is none of the database's."""

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Say in words what the database or the file system refused.

        :raises DocumentError: ``library_corrupt``, ``library_readonly``, ``library_locked``, ``disk_full``, ``database_unreachable`` or
            ``database_refused``. Other errors pass through.
        """
        try:
            yield
        except (DBAPIError, OSError) as error:
            known = self.known(error)
            if known is None:
                raise
            raise known from error

    def locked(self) -> DocumentError:
        """Another process is writing the library."""
        return DocumentError(
            "library_locked",
            "另一个进程正在更新文档库，请等它完成后再试。"
            " Another process is updating the library; try again when it has finished.", path=self.name)

    def missing(self) -> DocumentError:
        """There is no library here."""
        return DocumentError(
            "library_missing",
            f"还没有文档库（{self.name}）。请先运行 python -m qa index PATH 建立。"
            f" There is no library yet ({self.name}). Run python -m qa index PATH first.", path=self.name)

    def newer(self, version: int) -> DocumentError:
        """The library has a format that this program does not know."""
        return DocumentError(
            "library_newer",
            f"文档库由更新版本的程序建立（格式 {version}，本程序支持 {FORMAT}）。请升级程序。"
            f" The library was made by a newer version of this program (format {version}, this one knows {FORMAT})."
            " Upgrade the program.", path=self.name, version=version, supported=FORMAT)

    def read_only(self) -> DocumentError:
        """The library must not be written."""
        return DocumentError(
            "library_readonly",
            f"无法写入或打开文档库：{self.name}。请检查它的权限，或用 QA_HOME 指定一个可写的文件夹。"
            f" The library cannot be written or opened: {self.name}. Check its permissions, or name a writable folder"
            " with QA_HOME.", path=self.name)

    def full(self) -> DocumentError:
        """The disk is full."""
        return DocumentError(
            "disk_full",
            f"磁盘空间不足，无法写入文档库：{self.name}。请清理空间后重新运行，已完成的部分会保留。"
            f" The disk is full, so the library cannot be written: {self.name}. Free some space and run again; what was"
            " finished is kept.", path=self.name)


def make_tables(connection: Connection) -> None:
    """Make all tables, of a library with nothing in it."""
    schema.create_all(connection, checkfirst=False)
    connection.execute(insert(state), [{"key": "generation", "value": 0}, {"key": "pruned", "value": 0},
                                       {"key": "identity", "value": uuid.uuid4().hex}])


def steps_from(version: int) -> list[TextClause]:
    """The statements that bring a library of that format up to :data:`FORMAT`."""
    return [text(step) for step in STEPS[version - 1:] if step]


def database(home: Path, url: str = "") -> Database:
    """The database of a home.

    :param url: of PostgreSQL; empty for ``library.sqlite`` in the home.
    """
    if url:
        from corpus.postgresql import PostgreSQL

        return PostgreSQL(url)
    from corpus.sqlite import SQLite

    return SQLite(home)
