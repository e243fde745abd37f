"""A service that answers as it is told, and the client that calls it."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from qa.client import Client, connection

SECRET = "rq_0badcafe_secret"
BROKEN_OFF, SILENT = "broken off", "silent"


class Played:
    """A service that answers as it is told.

    :ivar replies: (status, headers, body, or a list of its chunks) of each response in turn, :data:`BROKEN_OFF` or :data:`SILENT`; the last one for all that follow.
    :ivar got: method, path and headers of each request.
    """

    def __init__(self, address: str) -> None:
        self.address, self.replies, self.got, self.over = address, [], [], Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        played = self.server.played
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        played.got.append((self.command, self.path, dict(self.headers)))
        reply = played.replies.pop(0) if len(played.replies) > 1 else played.replies[0]
        if reply in (BROKEN_OFF, SILENT):
            played.over.wait(30 if reply == SILENT else 0)
            self.close_connection = True
            return
        status, headers, body = reply
        self.send_response(status)
        self.send_header("X-Request-Id", "abc-1")
        for name, value in headers.items():
            self.send_header(name, value)
        if isinstance(body, list) and body:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            return self._chunks(body)
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = "Content-Length" in headers

    def _chunks(self, pieces):
        for piece in pieces:
            if piece == BROKEN_OFF:
                self.close_connection = True
                return
            if piece == SILENT:
                self.server.played.over.wait(30)
            data = piece.encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture
def played() -> Iterator[Played]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.played = Played(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.played
    server.played.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(played, monkeypatch) -> Iterator[Client]:
    monkeypatch.setattr(connection, "BACKOFF", 0.01)
    with Client(played.address + "/", SECRET + "\n", timeout=0.5) as client:
        yield client
