"""The library in PostgreSQL, which several hosts share."""

import threading
from functools import cached_property

from filelock import Timeout
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, func, insert, inspect, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from corpus.database import Database, make_tables, steps_from
from corpus.errors import DocumentError
from corpus.schema import FORMAT, state

CONNECT_SECONDS = 10  # after which a server that does not answer is away
WRITER = 0x71616C62  # number of the advisory lock
_LOCKED = {"55P03", "40P01"}
_READ_ONLY = {"25006", "42501"}
_FULL = "53100"


def engine(url: str, **options: object) -> Engine:
    """SQLAlchemy's engine for an address such as ``postgresql://USER:PASSWORD@HOST/DATABASE``, by psycopg.

    Text is kept without NUL, which PostgreSQL does not take: U+FFFD stands in its place.

    :raises DocumentError: ``database_driver_missing``.
    """
    try:
        made = create_engine(make_url(url).set(drivername="postgresql+psycopg"), hide_parameters=True,
                             connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "report-qa"}, **options)
        event.listen(made, "connect", _replace_nul)
        return made
    except ModuleNotFoundError as error:
        raise DocumentError(
            "database_driver_missing",
            "使用 PostgreSQL 需要安装附加组件：pip install -e '.[postgresql]'。"
            " PostgreSQL needs an extra: pip install -e '.[postgresql]'.") from error


def address(url: str) -> str:
    """The address of a database without a password, for messages."""
    return make_url(url).difference_update_query(["password"]).render_as_string(hide_password=True)


def _replace_nul(connection: object, _: object) -> None:
    from psycopg.types.string import StrDumperUnknown

    class WithoutNul(StrDumperUnknown):
        def dump(self, obj: str) -> bytes | None:
            return super().dump(obj.replace("\0", "\ufffd"))

    connection.adapters.register_dumper(str, WithoutNul)


class PostgreSQL(Database):
    """The tables in a database of a server, in the schema that this takes for the user."""

    begin = "BEGIN"

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = address(url)
        self.lock = _AdvisoryLock(self)

    def connect(self, create: bool = False) -> Connection:
        """See :meth:`Database.connect`."""
        with self.failures():
            connection = self.open()
            try:
                if not inspect(connection).has_table(state.name):
                    if not create:
                        raise self.missing()
                    _create(connection)
                self._update(connection)
            except BaseException:
                connection.close()
                raise
            return connection

    def open(self) -> Connection:
        """A new connection, whatever the database holds."""
        return self._engine.connect()

    def known(self, error: Exception) -> DocumentError | None:
        """See :meth:`Database.known`."""
        return trouble(self.name, error) or self._refused(error)

    def _refused(self, error: Exception) -> DocumentError | None:
        code = getattr(getattr(error, "orig", None), "sqlstate", None)
        return (self.read_only() if code in _READ_ONLY else self.full() if code == _FULL
                else self.locked() if code in _LOCKED else None)

    @cached_property
    def _engine(self) -> Engine:
        return engine(self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def _update(self, connection: Connection) -> None:
        """Bring an older format up to the present one."""
        format_of = select(state.c.value).where(state.c.key == "format")
        if (version := connection.execute(format_of).scalar()) is None:
            raise DocumentError(
                "library_corrupt",
                f"数据库里的表不是文档库的：{self.name}。请为文档库另建一个数据库。"
                f" The tables in the database are not those of a library: {self.name}. Make a database for the library.", path=self.name)
        if version > FORMAT:
            raise self.newer(version)
        if version < FORMAT:
            connection.execute(text(self.begin))
            version = connection.execute(format_of.with_for_update()).scalar_one()  # still: another process may have been first
            for step in steps_from(version):
                connection.execute(step)
            connection.execute(update(state).where(state.c.key == "format").values(value=FORMAT))
            connection.execute(text("COMMIT"))


def trouble(name: str, error: Exception) -> DocumentError | None:
    """What is in the way of a connection, in words; None where it is something else.

    :param name: the address without a password.
    """
    if not isinstance(error, DBAPIError) or not (error.connection_invalidated or _is_no_connection(error)):
        return None
    reason = str(error.orig).strip().splitlines()[0]
    if "FATAL" in reason and not error.connection_invalidated:  # the server's own word
        return DocumentError(
            "database_refused",
            f"数据库拒绝了连接（{reason}）。请检查 QA_DATABASE_URL 中的用户、密码和数据库名。"
            f" The database refused the connection ({reason}). Check user, password and name of the database in QA_DATABASE_URL.",
            path=name)
    return DocumentError(
        "database_unreachable",
        f"连接不上数据库（{reason}）。请检查它是否在运行，以及 QA_DATABASE_URL。"
        f" The database cannot be reached ({reason}). Check that it runs, and QA_DATABASE_URL.", path=name)


def _is_no_connection(error: DBAPIError) -> bool:
    return type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout") and not error.orig.sqlstate


def _create(connection: Connection) -> None:
    connection.execute(text(PostgreSQL.begin))
    make_tables(connection)
    connection.execute(insert(state).values(key="format", value=FORMAT))
    connection.execute(text("COMMIT"))


class _AdvisoryLock(threading.local):
    """The lock of one number in the database, held by a connection of this thread's own, with which it ends.

    See :class:`corpus.database.WriterLock`.
    """

    def __init__(self, database: PostgreSQL) -> None:
        self._database = database
        self._held: list[Connection] = []  # once for each time that it was taken

    def acquire(self, timeout: float) -> None:
        if self._held:
            self._held.append(self._held[0])
            return
        connection = self._database.open()
        try:
            if timeout < 0:
                connection.execute(select(func.pg_advisory_lock(WRITER)))
            elif not connection.execute(select(func.pg_try_advisory_lock(WRITER))).scalar_one():
                raise Timeout(self._database.name)
        except BaseException:
            connection.close()
            raise
        self._held.append(connection)

    def release(self) -> None:
        connection = self._held.pop()
        if not self._held:
            connection.close()
