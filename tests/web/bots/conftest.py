"""Bots over the tiny corpus, and a local server that plays the platform they send to."""

import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Event, Thread

import pytest
import xmltodict
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.web.bots import players
from tests.web.bots.dingtalk_player import Dingtalk, Gateway
from web.app import create_app
from web.bots import outgoing, reception
from web.bots.platforms import PLATFORMS


@dataclass
class Exchange:
    """What a platform's server got, and what it answers.

    :ivar faults: statuses to answer with before it behaves, with headers where there are any; 0 breaks the connection off.
    :ivar answers: by the beginning of the path, what it answers with, or a function of the request that gives it; with a status
        before it where that is not 200.
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
        fault = exchange.faults.popleft() if exchange.faults else 200
        status, headers = fault if isinstance(fault, tuple) else (fault, {})
        if status != 200:
            if status:
                self.send_response(status)
                for header in headers.items():
                    self.send_header(*header)
                self.send_header("Content-Length", "0")
                self.end_headers()
            self.close_connection = True
            return
        answer = next((answer for path, answer in exchange.answers.items() if self.path.startswith(path)), {"errcode": 0})
        answer = answer(got) if callable(answer) else answer
        status, answer = answer if isinstance(answer, tuple) else (200, answer)
        data = json.dumps(answer).encode()
        if status == 200:  # before the answer, upon which the next request comes in
            exchange.got.put(got)
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

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


class Tencent:
    """The platform's end of WeCom and WeChat: calls signed and encrypted by wechatpy, replies decrypted by it.

    :param path: of the bot.
    :param receiver: id of the enterprise or the account; empty for a robot.
    """

    key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"  # the one in the platform's documentation
    token = "QDG6eK"

    def __init__(self, path: str, receiver: str) -> None:
        self.path, self.receiver = path, receiver
        self.crypto = WeChatCrypto(self.token, self.key, receiver)

    def sealed(self, text: str, after: float = 0, **other: str) -> tuple[dict, str]:
        """The parameters of a call, signed so many seconds after now, and the encrypted text.

        :param other: another token, key or receiver than the right one.
        """
        crypto = WeChatCrypto(*({"token": self.token, "key": self.key, "receiver": self.receiver} | other).values())
        timestamp = str(int(time.time() + after))
        got = xmltodict.parse(crypto.encrypt_message(text, "n0nce", timestamp))["xml"]
        plain = hashlib.sha1("".join(sorted((other.get("token", self.token), timestamp, "n0nce"))).encode()).hexdigest()
        return {"msg_signature": got["MsgSignature"], "signature": plain, "timestamp": timestamp, "nonce": "n0nce"}, got["Encrypt"]

    def call(self, app: Flask, text: str, **options: object):
        """Post an encrypted text to the bot."""
        query, sealed = self.sealed(text, **options)
        return app.test_client().post(self.path, query_string=query, data=self.wrap(sealed))

    def wrap(self, sealed: str) -> str:
        """The body around an encrypted text."""
        return f"<xml><ToUserName>{self.receiver}</ToUserName><Encrypt>{sealed}</Encrypt></xml>"

    def said(self, reply) -> dict:
        """The text of an encrypted reply, as what stands in its XML."""
        got = xmltodict.parse(reply.data)["xml"]
        return xmltodict.parse(self.crypto.decrypt_message(reply.data, got["MsgSignature"], got["TimeStamp"], got["Nonce"]))["xml"]


@pytest.fixture
def tencent() -> type[Tencent]:
    """Plays WeCom or WeChat."""
    return Tencent


@pytest.fixture
def feishu(exchange) -> players.Feishu:
    """Plays Feishu."""
    return players.Feishu(exchange)


@pytest.fixture
def slack(exchange) -> players.Slack:
    """Plays Slack."""
    return players.Slack(exchange)


@pytest.fixture
def telegram(exchange) -> players.Telegram:
    """Plays Telegram."""
    return players.Telegram(exchange)


@pytest.fixture
def dingtalk(exchange) -> Dingtalk:
    """Plays DingTalk."""
    return Dingtalk(exchange)


@pytest.fixture
def gateway(dingtalk) -> Iterator[Gateway]:
    """Plays the end of DingTalk that applications connect to."""
    with Gateway(dingtalk) as gateway:
        yield gateway
