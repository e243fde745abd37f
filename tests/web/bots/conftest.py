"""Bots over the tiny corpus, and a local server that plays the platform they send to."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Event, Thread

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from web.app import create_app
from web.bots import outgoing, reception
from web.bots.platforms import PLATFORMS


@dataclass
class Exchange:
    """What a platform's server got, and what it answers.

    :ivar faults: statuses to answer with before it behaves; 0 breaks the connection off.
    :ivar answers: by the beginning of the path, what it answers with, or a function of the request that gives it.
    """

    address: str = ""
    faults: deque = field(default_factory=deque)
    answers: dict = field(default_factory=dict)
    got: Queue = field(default_factory=Queue)

    def wait(self) -> "Got":
        """The next request that was answered well."""
        return self.got.get(timeout=30)


@dataclass
class Got:
    """A request that came in."""

    path: str
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        exchange = self.server.exchange
        got = Got(self.path, dict(self.headers), self.rfile.read(int(self.headers.get("Content-Length", 0))))
        if exchange.faults and (status := exchange.faults.popleft()) != 200:
            if status:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
            self.close_connection = True
            return
        answer = next((answer for path, answer in exchange.answers.items() if self.path.startswith(path)), {"errcode": 0})
        data = json.dumps(answer(got) if callable(answer) else answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        exchange.got.put(got)

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    """The platform's server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.exchange = Exchange(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.exchange
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bot_app(service, tmp_path, monkeypatch) -> Callable[..., Flask]:
    """Makes an application, in a home of its own, with the settings given."""
    monkeypatch.setattr(outgoing, "BACKOFF", 0.01)
    return lambda **settings: create_app(
        service, replace(service.settings, home=tmp_path, public_url="https://qa.example.org/", **settings))


@pytest.fixture
def slow(monkeypatch) -> Iterator[Callable[[], None]]:
    """Holds every answer back until the function given is called, and makes no platform wait for long."""
    released = Event()
    reply = reception.Dialog.reply

    def hold(self, platform, message):
        released.wait(30)
        return reply(self, platform, message)

    monkeypatch.setattr(reception.Dialog, "reply", hold)
    for kind in PLATFORMS:
        monkeypatch.setattr(kind, "seconds", min(kind.seconds, 0.05), raising=False)
    yield released.set
    released.set()


@pytest.fixture
def counted() -> Callable[[Flask], dict[str, int]]:
    """Gives how many calls of an application's bots came to each outcome."""
    def count(app: Flask) -> dict[str, int]:
        families = text_string_to_metric_families(app.extensions["desk"].metrics.exposition().decode())
        return {sample.labels["outcome"]: int(sample.value) for family in families for sample in family.samples
                if sample.name == "reportqa_bot_calls_total"}

    return count


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits until something holds that another thread brings about."""
    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    return wait
