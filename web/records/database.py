"""The database of the records. Each noun's file defines its own table on :data:`schema`."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, MetaData, NullPool, String, create_engine, event
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeDecorator

schema = MetaData()
BUSY_SECONDS = 30  # how long a writer waits for another


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

    Connections are opened for each use and are never shared, so the engine may be used in any thread and after a fork. Failures do
    not tell what was to be kept, which may be a question.

    :raises OSError: the folder cannot be written.
    """
    home.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{home.absolute() / 'records.sqlite'}", poolclass=NullPool, hide_parameters=True,
                           connect_args={"timeout": BUSY_SECONDS}, json_serializer=partial(json.dumps, ensure_ascii=False))

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
