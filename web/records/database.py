"""The database of the records. Each noun's file defines its own table on :data:`schema`."""

import json
import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from weakref import WeakSet

from sqlalchemy import Connection, Engine, MetaData, String, create_engine, event, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeDecorator

from corpus import postgresql
from corpus.errors import DocumentError

schema = MetaData()
upsert = insert  # its ON CONFLICT is SQLite's too, and compiled for either
BUSY_SECONDS = 30  # how long a writer waits for another
MAKER = 0x71617265  # number of the advisory lock under which tables are made
KEPT_OPEN = 8  # connections; where the last one is closed, SQLite writes all that is in the log into the file and syncs it
_engines: WeakSet[Engine] = WeakSet()


def _close_unused() -> None:
    for engine in tuple(_engines):
        engine.dispose()


os.register_at_fork(before=_close_unused)


class Moment(TypeDecorator):
    """A point in time, aware and in UTC, kept as ISO 8601 text so that it sorts and reads the same everywhere."""

    impl = String(32).with_variant(String(32, collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat(timespec="milliseconds")

    def process_result_value(self, value: str | None, dialect: object) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def connect(home: Path, url: str = "") -> Engine:
    """The records of a home, whose tables are made where they are missing.

    The engine may be used in any thread, and after a fork, before which connections that nobody uses are closed: SQLite's do not
    live on in another process. Failures do not tell what was to be kept, which may be a question.

    :param url: of the database in PostgreSQL that has them; empty for ``records.sqlite`` in the home.
    :raises OSError: the folder cannot be written.
    :raises DocumentError: ``database_unreachable`` or ``database_refused``, now or whenever the engine is used.
    """
    home.mkdir(parents=True, exist_ok=True)
    options = {"pool_size": KEPT_OPEN, "max_overflow": -1, "json_serializer": partial(json.dumps, ensure_ascii=False)}
    engine = _server(url, options) if url else _file(home, options)
    _engines.add(engine)
    with engine.begin() as connection:
        _make_tables(connection)
    return engine


def _server(url: str, options: dict) -> Engine:
    engine = postgresql.engine(url, pool_pre_ping=True, **options)

    @event.listens_for(engine, "handle_error")
    def in_words(context: ExceptionContext) -> DocumentError | None:
        return None if context.is_pre_ping else postgresql.trouble(postgresql.address(url), context.sqlalchemy_exception)

    return engine


def _file(home: Path, options: dict) -> Engine:
    engine = create_engine(f"sqlite:///{home.absolute() / 'records.sqlite'}", hide_parameters=True, connect_args={"timeout": BUSY_SECONDS},
                           **options)

    @event.listens_for(engine, "connect")
    def set_up(connection, _) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    return engine


def _make_tables(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(MAKER)))  # IF NOT EXISTS fails where another makes it meanwhile
    for table in schema.sorted_tables:  # not create_all, which looks first and fails where another process makes one meanwhile
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
