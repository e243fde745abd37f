"""The application over the tiny corpus, and a real browser: Debian's Chromium, driven by playwright."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import IO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from qa.service import AnswerService
from qa.settings import Settings
from web.app import create_app
from web.desk import Desk
from web.records.accounts import ROLES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ROOT = Path(__file__).resolve().parents[2]
WIDE = {"width": 1360, "height": 800}
PASSWORD = "long enough"


@pytest.fixture(scope="session")
def service(service, encoder) -> AnswerService:
    """The service over the tiny corpus, to which nothing is too doubtful to be answered."""
    return AnswerService.open(replace(service.settings, threshold=0.0), encoder)


@pytest.fixture(scope="session")
def app(service) -> Flask:
    """The application on :func:`service`."""
    return create_app(service, service.settings)


@pytest.fixture
def client(app) -> FlaskClient:
    """A fresh visitor of :func:`app`."""
    return app.test_client()


@pytest.fixture
def desk(app, monkeypatch) -> Iterator[Desk]:
    """The desk of :func:`app`, whose jobs nobody does."""
    desk = app.extensions["desk"]
    monkeypatch.setattr(desk.foreman, "call", lambda: None)
    yield desk
    for job in desk.jobs.page()[0]:
        desk.jobs.finish(job.id)
    desk.jobs.forget(-1)


@pytest.fixture(scope="session")
def doubtful(service, encoder) -> FlaskClient:
    """A client of an application that answers nothing, because nothing is certain enough for it."""
    settings = replace(service.settings, threshold=1.0)
    return create_app(AnswerService.open(settings, encoder), settings).test_client()


@pytest.fixture(scope="session")
def reading(tmp_path_factory, encoder, pdf, prose) -> Flask:
    """An application over a report on two printed pages, ``town.pdf``, and a long one, ``plan.md``."""
    folder = tmp_path_factory.mktemp("printed")
    first = prose(70, 20) + "2023年，红叶乡茶叶产量达到2870吨。" + prose(90, 20)
    second = prose(0, 12) + "2024年，白石镇民宿接待游客41.6万人次，比上年增长一成。" + prose(40, 30)
    (folder / "town.pdf").write_bytes(pdf(
        lambda pen: (pen.write("乡镇民宿茶叶发展情况", 60, 80, 28), pen.column(first, 60, 120, 40, 11, 16)),
        lambda pen: pen.column(second, 60, 120, 40, 11, 16)))
    chapters = [f"## 第{at}章 工程\n\n" + "\n\n".join(prose(100 * at + 10 * each, 30) for each in range(10)) for at in range(1, 13)]
    (folder / "plan.md").write_text("---\ntitle: 长期规划\n---\n" + "\n\n".join(chapters), encoding="utf-8")
    settings = Settings(home=tmp_path_factory.mktemp("home"), threshold=0.0)
    AnswerService.index(settings, [folder], encoder=encoder)
    return create_app(AnswerService.open(settings, encoder), settings)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of an application while it is served."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Flask], str]]:
    """Serves applications until the test is over; gives the address of each."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(served(app))


@pytest.fixture(scope="session")
def address(app) -> Iterator[str]:
    """Where :func:`app` is served."""
    with served(app) as where:
        yield where


def _launch(environment: dict[str, str], log: int | IO = subprocess.PIPE) -> subprocess.Popen:
    """The server process, with variables beside those that are set.

    :param log: where its log goes; in a pipe that nobody reads it would come to stand still after 64 KB.
    """
    return subprocess.Popen([sys.executable, "-m", "web.serve"], cwd=ROOT, env=os.environ | environment,
                            stdout=subprocess.PIPE, stderr=log, text=True)


@pytest.fixture
def launch() -> Callable[[dict[str, str]], subprocess.Popen]:
    """Starts the server process, with variables beside those that are set."""
    return _launch


class Workers:
    """A server with two workers, which logs in JSON. :ivar folder: where they keep what they count."""

    def __init__(self, home: Path, folder: Path, **variables: str) -> None:
        folder.mkdir()
        self.folder = folder
        self._log = folder.with_name(f"{folder.name}.log")
        with self._log.open("w") as log:
            self._process = _launch({"QA_HOME": str(home), "QA_PORT": "0", "QA_WORKERS": "2", "QA_LOG_JSON": "true", "TMPDIR": str(folder)} | variables, log)
        self.address = re.search(r"http://\S+", "".join(islice(self._process.stdout, 2)))[0]

    def open(self, path: str, body: dict | None = None, **headers: str) -> str:
        """What an address answers: to a body, if there is one, as JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"} | headers)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.read().decode()

    @property
    def pids(self) -> list[int]:
        """Of the workers."""
        return [int(pid) for pid in Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()]

    def stop(self) -> tuple[int, str]:
        """The exit status, and the log."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=30)
        return self._process.returncode, self._log.read_text(encoding="utf-8")


@pytest.fixture
def workers(tmp_path, tiny_reports) -> Iterator[Callable[..., Workers]]:
    """Starts a server with two workers over the tiny corpus, with further variables, and stops it."""
    AnswerService.index(Settings(home=tmp_path / "data"), [tiny_reports])
    started = []

    def start(**variables: str) -> Workers:
        started.append(Workers(tmp_path / "data", tmp_path / "counted", **variables))
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """One browser for all tests; those that need it are skipped where there is none."""
    playwright_api = pytest.importorskip("playwright.sync_api", reason="needs the playwright package")
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium fonts-noto-cjk")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """A page of a fresh visitor, watched: its requests, and what it complains of."""

    def __init__(self, browser, address: str, path: str, **options) -> None:
        self.context = browser.new_context(base_url=address, **{"viewport": WIDE} | options)
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path)

    def ask(self, question: str) -> None:
        """Ask, and wait for the reply to be shown."""
        turns = self.page.locator(".turn").count()
        self.page.fill("#question", question)
        self.page.press("#question", "Enter")
        self.page.locator(".turn").nth(turns).locator(".reply:not(.loading)").wait_for()


@pytest.fixture
def visit(browser, request) -> Iterator[Callable[..., Visit]]:
    """Makes visits, by default to the chat of :func:`app`, and closes them."""
    visits = []

    def start(at: str | None = None, path: str = "/", **options) -> Visit:
        visits.append(Visit(browser, at or request.getfixturevalue("address"), path, **options))
        return visits[-1]

    yield start
    for each in visits:
        each.context.close()


@pytest.fixture(scope="session")
def expect(browser):
    """Playwright's assertions, which wait until they hold."""
    from playwright.sync_api import expect

    expect.set_options(timeout=10_000)
    return expect


@pytest.fixture
def visitor(app) -> Callable[[str | None], FlaskClient]:
    """Makes a client that is logged in as an account which bears the name of its role; not logged in for None."""
    accounts = app.extensions["desk"].accounts
    for role in ROLES:
        if role not in {account.name for account in accounts.all()}:
            accounts.add(role, PASSWORD, role)

    def enter(role: str | None) -> FlaskClient:
        client = app.test_client()
        if role:
            token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
            assert client.post("/login", data={"name": role, "password": PASSWORD, "csrf_token": token}).status_code == 303
        return client

    return enter
