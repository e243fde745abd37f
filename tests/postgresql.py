"""A PostgreSQL server that tests start for themselves, from Debian's package."""

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

BINARIES = Path("/usr/lib/postgresql")
OWNER = {"user": "nobody"} if os.geteuid() == 0 else {}  # initdb refuses root
PASSWORD = "words:of/postgres"
QUICK = ("fsync=off", "full_page_writes=off", "unix_socket_directories=")


class Server:
    """A cluster with a password, which orders texts as a dictionary does, unlike SQLite."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries, self._data, self._log = binaries, folder / "data", folder / "log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        password = folder / "password"
        password.write_text(PASSWORD)
        if OWNER:
            for path in (folder, password):
                shutil.chown(path, **OWNER)
        self._run("initdb", "--username=qa", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8",
                  "--locale-provider=icu", "--icu-locale=en", "--no-sync")
        self.start()

    def start(self) -> None:
        options = " ".join(f"-c {each}" for each in QUICK)
        self._run("pg_ctl", "start", "--wait", f"--log={self._log}", f"--options=-p {self.port} -h 127.0.0.1 {options}")

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--mode=immediate", "--wait")

    def database(self) -> str:
        """The address of a new database."""
        from corpus.postgresql import engine  # here, for those who go without

        name = f"t{uuid.uuid4().hex}"
        made = engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with made.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        made.dispose()
        return self.url(name)

    def url(self, name: str, password: str = "words%3Aof%2Fpostgres") -> str:
        return f"postgresql://qa:{password}@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([self._binaries / program, "--pgdata", self._data, *arguments], check=True, stdout=subprocess.DEVNULL,
                       env={"LC_ALL": "C"}, cwd="/", **OWNER)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A running server."""
    found = sorted(BINARIES.glob("*/bin"))
    if not found:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Server(found[-1], Path(folder))
        yield server
        server.stop()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Gives the setting ``database_url`` for another database with nothing in it, of each kind."""
    return request.getfixturevalue("postgresql").database if request.param == "postgresql" else lambda: ""


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The setting ``database_url`` for one with nothing in it, of each kind."""
    return new_database()
