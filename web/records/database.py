"""The database of the records. Each noun's file defines its own table on :data:`schema`."""

import json
import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from weakref import WeakSet

from sqlalchemy import Engine, MetaData, String, create_engine, event
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeDecorator

schema = MetaData()
BUSY_SECONDS = 30  # how long a writer waits for another
KEPT_OPEN = 8  # connections; where the last one is closed, SQLite writes all that is in the log into the file and syncs it
_engines: WeakSet[Engine] = WeakSet()


def _close_unused() -> None:
    for engine in tuple(_engines):
        engine.dispose()


os.register_at_fork(before=_close_unused)


class Moment(TypeDecorator):
    """A point in time, aware and in UTC, kept as ISO 8601 text so that it sorts and reads the same everywhere."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat(timespec="milliseconds")

    def process_result_value(self, value: str | None, dialect: object) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def connect(home: Path) -> Engine:
    """The records of a home, whose file and tables are made where they are missing.

    The engine may be used in any thread, and after a fork, before which connections that nobody uses are closed: SQLite's do not
    live on in another process. Failures do not tell what was to be kept, which may be a question.

    :raises OSError: the folder cannot be written.
    """
    home.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{home.absolute() / 'records.sqlite'}", hide_parameters=True, pool_size=KEPT_OPEN, max_overflow=-1,
                           connect_args={"timeout": BUSY_SECONDS}, json_serializer=partial(json.dumps, ensure_ascii=False))
    _engines.add(engine)

    @event.listens_for(engine, "connect")
    def set_up(connection, _) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    with engine.begin() as connection:
        for table in schema.sorted_tables:  # not create_all, which looks first and fails where another process makes one meanwhile
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
    return engine
