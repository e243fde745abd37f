"""The SQLite file below the library: its tables, its connections, and its failures in words."""

import errno
import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import DocumentError

APPLICATION = 0x71616C62  # "qalb", so that another program's database is not taken for ours
BLOCK = 2048  # characters of a text that are stored together
PAGE = 16_384  # bytes of the file that are read together; of pages of 4,096, packed blocks leave a third empty

# A document row is live in the generations [added, removed). Its text lies in blocks, so that a passage of a yearbook
# is read as fast as one of a leaflet. Wide columns stand last: SQLite reads a row from its beginning, and looking at
# the narrow ones never touches the wide. AUTOINCREMENT: a passage id names one passage for ever, also after it is gone.
TABLES = """
CREATE TABLE state (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE files (
    path TEXT PRIMARY KEY, root TEXT NOT NULL, source TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, rules TEXT NOT NULL, texts INTEGER NOT NULL,
    problems TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX file_content ON files(sha256);
CREATE TABLE raws (row INTEGER PRIMARY KEY, original TEXT NOT NULL, text BLOB NOT NULL);
CREATE TABLE documents (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, path TEXT NOT NULL, source TEXT NOT NULL,
    raw INTEGER NOT NULL REFERENCES raws(row), added INTEGER NOT NULL, removed INTEGER,
    title TEXT NOT NULL, issuer TEXT, region TEXT, published TEXT, report_year INTEGER, number TEXT, origin TEXT,
    url TEXT, sections TEXT NOT NULL, pages TEXT NOT NULL, offsets TEXT NOT NULL);
CREATE UNIQUE INDEX document_now ON documents(id) WHERE removed IS NULL;
CREATE INDEX document_path ON documents(path) WHERE removed IS NULL;
CREATE INDEX document_id ON documents(id);
CREATE INDEX document_life ON documents(added, removed);
CREATE INDEX document_removed ON documents(removed) WHERE removed IS NOT NULL;
CREATE INDEX document_raw ON documents(raw);
CREATE TABLE texts (
    document INTEGER NOT NULL REFERENCES documents(row) ON DELETE CASCADE, start INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (document, start));
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents(row) ON DELETE CASCADE,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, page INTEGER, section TEXT NOT NULL);
CREATE INDEX passage_document ON passages(document);
CREATE TABLE corrections (
    document TEXT NOT NULL, field TEXT NOT NULL, value, PRIMARY KEY (document, field)) WITHOUT ROWID;
"""

# A document, by its id, is withdrawn in the generations [since, until): it is kept, and answers nothing.
WITHDRAWALS = """
CREATE TABLE withdrawals (
    document TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, PRIMARY KEY (document, since)) WITHOUT ROWID;
"""

# From here on texts are packed as they are written; those that lie there already stay readable as they are.
PACKING = ""

STEPS = (TABLES, WITHDRAWALS, PACKING)  # from nothing to the present format, whose number is how many they are
VERSION = len(STEPS)

_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_ERRNO_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}
_ERRNO_FULL = {errno.ENOSPC, errno.EDQUOT}


def connect(path: Path, create: bool = False) -> sqlite3.Connection:
    """Open the library's database in autocommit mode.

    :param create: make the file and its tables where there are none.
    :raises DocumentError: ``library_missing``, ``library_newer``, ``library_corrupt``, or as :func:`failures`.
    """
    with failures(path):
        if not create and not path.exists():
            raise _missing(path)
        address = _address(path, create)
        connection = sqlite3.connect(address, uri=True, timeout=30, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            if create:
                _create(connection)
            _check(connection, path)
            _update(connection, frozen="immutable" in address)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def failures(path: Path) -> Iterator[None]:
    """Say in words what SQLite or the file system refused.

    :raises DocumentError: ``library_corrupt``, ``library_readonly``, ``library_locked`` or ``disk_full``. Other
        errors pass through.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
        known = (_corrupt(path) if code in _CORRUPT else _read_only(path) if code in _READ_ONLY
                 else _full(path) if code == sqlite3.SQLITE_FULL else locked(path) if code in _BUSY else None)
        if known is None:
            raise
        raise known from error
    except OSError as error:
        known = (_read_only(path) if error.errno in _ERRNO_READ_ONLY
                 else _full(path) if error.errno in _ERRNO_FULL else None)
        if known is None:
            raise
        raise known from error


def _address(path: Path, create: bool) -> str:
    """SQLite's name for the file. Reading takes side files, which a read-only disk refuses; there nobody else can
    write either, so a file without a log of late changes beside it may be read as immutable."""
    if create:
        return f"{path.absolute().as_uri()}?mode=rwc"
    log = path.with_name(f"{path.name}-wal")
    frozen = os.statvfs(path.parent).f_flag & os.ST_RDONLY and not (log.exists() and log.stat().st_size)
    return f"{path.absolute().as_uri()}?" + ("mode=ro&immutable=1" if frozen else "mode=rw")


def _create(connection: sqlite3.Connection) -> None:
    if not _empty(connection):
        return
    connection.execute(f"PRAGMA page_size = {PAGE}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    if _empty(connection):  # still: another process may have been first
        _step(connection, TABLES)
        connection.executemany("INSERT INTO state VALUES (?, ?)",
                               [("generation", 0), ("pruned", 0), ("identity", uuid.uuid4().hex)])
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute("PRAGMA user_version = 1")
    connection.execute("COMMIT")


def _update(connection: sqlite3.Connection, frozen: bool) -> None:
    """Bring an older format up to the present one, for this connection alone where the disk is read-only."""
    if frozen:
        for step in STEPS[_version(connection):]:
            _step(connection, step.replace("CREATE TABLE", "CREATE TEMP TABLE"))
    elif _version(connection) < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        for step in STEPS[_version(connection):]:  # still: another process may have been first
            _step(connection, step)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")


def _step(connection: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        connection.execute(statement)


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if _empty(connection):
        raise _missing(path)
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise _corrupt(path)
    if (version := _version(connection)) > VERSION:
        raise DocumentError(
            "library_newer",
            f"文档库由更新版本的程序建立（格式 {version}，本程序支持 {VERSION}）。请升级程序。"
            f" The library was made by a newer version of this program (format {version}, this one knows {VERSION})."
            " Upgrade the program.", path=str(path), version=version, supported=VERSION)


def locked(path: Path) -> DocumentError:
    """Another process is writing the library."""
    return DocumentError(
        "library_locked",
        "另一个进程正在更新文档库，请等它完成后再试。"
        " Another process is updating the library; try again when it has finished.", path=str(path))


def _missing(path: Path) -> DocumentError:
    return DocumentError(
        "library_missing",
        f"还没有文档库（{path}）。请先运行 python -m qa index PATH 建立。"
        f" There is no library yet ({path}). Run python -m qa index PATH first.", path=str(path))


def _corrupt(path: Path) -> DocumentError:
    return DocumentError(
        "library_corrupt",
        f"文档库文件已损坏或不是文档库：{path}。请把它移走，再运行 python -m qa index PATH 重新建立。"
        f" The library file is damaged or is no library: {path}. Move it away and run python -m qa index PATH again.",
        path=str(path))


def _read_only(path: Path) -> DocumentError:
    return DocumentError(
        "library_readonly",
        f"无法写入或打开文档库：{path}。请检查该文件夹的权限，或用 QA_HOME 指定一个可写的文件夹。"
        f" The library cannot be written or opened: {path}. Check the folder's permissions, or name a writable folder"
        " with QA_HOME.", path=str(path))


def _full(path: Path) -> DocumentError:
    return DocumentError(
        "disk_full",
        f"磁盘空间不足，无法写入文档库：{path}。请清理空间后重新运行，已完成的部分会保留。"
        f" The disk is full, so the library cannot be written: {path}. Free some space and run again; what was"
        " finished is kept.", path=str(path))


