"""Behind a reverse proxy: whose word is believed about a client, and Debian's nginx with the configuration of docs/deploy."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from dataclasses import replace
from http.client import HTTPSConnection
from pathlib import Path
from threading import Event

import pytest

from qa.settings import Settings
from web import events
from web.app import create_app
from web.library import FORM

ROOT = Path(__file__).resolve().parents[2]
PROXIED = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7", "X-Forwarded-Proto": "https"}
QUESTION = {"question": "2021年云溪市生产总值是多少？"}
PER_MINUTE = 3


@pytest.fixture
def application(service, tmp_path):
    """Makes an application behind so many proxies, whose API is open to all, three times a minute."""
    return lambda proxies: create_app(
        service, replace(service.settings, home=tmp_path, proxies=proxies, api_open="everyone", api_per_minute=PER_MINUTE))


def statuses(client, *addresses):
    """What calls get that a proxy passes on for these clients."""
    return [client.get("/api/v1/documents", headers={"X-Forwarded-For": address}).status_code for address in addresses]


def test_nobodys_word_is_believed_where_no_proxy_is(application):
    client = application(0).test_client()
    assert statuses(client, *(f"203.0.113.{last}" for last in range(4))) == [200, 200, 200, 429]
    assert "Secure" not in client.get("/login", headers=PROXIED).headers["Set-Cookie"]


def test_clients_behind_a_proxy_are_counted_each_by_itself(application):
    client = application(1).test_client()
    assert statuses(client, *["203.0.113.7"] * 4, "203.0.113.8") == [200, 200, 200, 429, 200]


def test_what_a_client_claims_itself_is_not_believed(application):
    client = application(1).test_client()
    assert statuses(client, *(f"198.51.100.{last}, 203.0.113.7" for last in range(4))) == [200, 200, 200, 429]


def test_of_two_proxies_the_outer_one_is_believed(application):
    client = application(2).test_client()
    assert statuses(client, *["203.0.113.7, 10.0.0.1"] * 4, "203.0.113.8, 10.0.0.1") == [200, 200, 200, 429, 200]


@pytest.mark.parametrize("claimed", ["127.0.0.1", "::1", "nobody"])
def test_who_comes_through_a_proxy_is_not_on_this_machine(service, tmp_path, claimed):
    client = create_app(service, replace(service.settings, home=tmp_path, proxies=1)).test_client()
    assert statuses(client, claimed) == [401]


def test_cookies_of_https_never_go_over_http(application):
    client = application(1).test_client()
    for path in ("/login", "/?q=2021"):
        assert "Secure" in client.get(path, headers=PROXIED).headers["Set-Cookie"]
        client = application(1).test_client()
        assert "Secure" not in client.get(path).headers["Set-Cookie"]


def test_addresses_are_as_the_client_sees_them(application):
    page = application(1).test_client().get("/embed/example", base_url="http://qa.example.org", headers=PROXIED).text
    assert "https://qa.example.org/embed.js" in page


class Nginx:
    """nginx with the configuration of docs/deploy, before an application.

    :ivar port: where it listens with TLS.
    """

    def __init__(self, folder: Path, upstream: str) -> None:
        self.plain, self.port = _free_ports(2)
        self._certificate = folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out",
                        self._certificate], check=True, capture_output=True)
        self.log = folder / "access.log"
        configuration = _written(folder, {
            "listen 80;": f"listen 127.0.0.1:{self.plain};", "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "    listen [::]:80;\n": "", "    listen [::]:443 ssl http2;\n": "", "127.0.0.1:8000": upstream.removeprefix("http://"),
            "/etc/ssl/report-qa/fullchain.pem": self._certificate, "/etc/ssl/report-qa/privkey.pem": folder / "key.pem",
            "/var/log/nginx/report-qa.log": self.log, "/opt/report-qa": ROOT})
        self._process = subprocess.Popen(["nginx", "-e", "stderr", "-p", folder, "-c", configuration], stderr=subprocess.PIPE, text=True)
        _until_listening(self.port, self._process)

    def connection(self, source: str = "127.0.0.1") -> HTTPSConnection:
        """A connection from one of this machine's addresses."""
        trusting = ssl.create_default_context(cafile=self._certificate)
        return HTTPSConnection("localhost", self.port, timeout=20, source_address=(source, 0), context=trusting)

    def call(self, path: str, body: dict | None = None, source: str = "127.0.0.1", **headers: str):
        """The response to one call: its status, its headers and its text."""
        connection = self.connection(source)
        data = None if body is None else json.dumps(body)
        connection.request("POST" if body else "GET", path, data, {"Content-Type": "application/json"} | headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, response.headers, text

    def logged(self, requests: int) -> str:
        """The log, once it has so many lines: each is written after its response was sent."""
        deadline = time.monotonic() + 20
        while (text := self.log.read_text()).count("\n") < requests:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return text

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=20)


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def _written(folder: Path, changes: dict[str, object]) -> Path:
    """The configuration with some words changed, which are all in it, inside the least that nginx needs around it."""
    site = (ROOT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in site
        site = site.replace(old, str(new))
    (folder / "site.conf").write_text(site, encoding="utf-8")
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""  # whom pytest lets into its folders
    (folder / "nginx.conf").write_text(
        f"daemon off;\n{user}pid {folder}/nginx.pid;\nevents {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\n{temporary}include {folder}/site.conf;\n}}\n")
    return folder / "nginx.conf"


def _until_listening(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read()
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx does not listen")


@pytest.fixture
def nginx(tmp_path, application, serve):
    """An application behind nginx, which streams at ``/slow``, and goes on once ``received`` is set."""
    if not shutil.which("nginx"):
        pytest.skip("needs nginx: apt-get install nginx-light")
    app, received = application(1), Event()

    @app.get("/slow")
    def slow():
        def told():
            yield events.event("first", {})
            assert received.wait(20)
            yield events.event("second", {})
        return events.stream(told())

    (tmp_path / "nginx").mkdir()
    server = Nginx(tmp_path / "nginx", serve(app))
    server.received = received
    yield server
    server.stop()


def test_nginx_passes_events_on_as_they_come(nginx):
    connection = nginx.connection()
    connection.request("GET", "/slow")
    response = connection.getresponse()
    assert response.readline() == b"event: first\n"
    nginx.received.set()
    assert b"event: second" in response.read()
    connection.close()


def test_nginx_says_who_calls_and_lets_nobody_speak_for_others(nginx):
    claims = {"X-Forwarded-For": "198.51.100.9"}
    assert [nginx.call("/api/v1/ask", QUESTION, **claims)[0] for _ in range(PER_MINUTE + 1)] == [200] * PER_MINUTE + [429]
    status, _, text = nginx.call("/api/v1/ask", QUESTION, source="127.0.0.2", **claims)
    assert status == 200
    assert json.loads(text)["answered"]


def test_nginx_keeps_to_https(nginx):
    _, headers, _ = nginx.call("/login")
    assert "Secure" in headers["Set-Cookie"]
    assert (headers["Server"], headers["Strict-Transport-Security"]) == ("nginx", "max-age=31536000")
    with socket.create_connection(("127.0.0.1", nginx.plain)) as plain:
        plain.sendall(b"GET /login?next=/library HTTP/1.1\r\nHost: qa.example.org\r\nConnection: close\r\n\r\n")
        reply = plain.makefile("rb").read().decode()
    assert reply.startswith("HTTP/1.1 308")
    assert "Location: https://qa.example.org/login?next=/library" in reply


def test_nginx_keeps_the_metrics_and_what_was_asked_to_itself(nginx):
    assert nginx.call("/metrics")[0] == 404
    _, headers, text = nginx.call("/?q=secrets")
    conversation = re.search(r"/c/([\w-]+)", text)[1]
    assert nginx.call(f"/c/{conversation}")[0] == 200
    log = nginx.logged(requests=3)
    assert "GET / 303" in log and "/c/<key> 200" in log
    assert headers["X-Request-Id"] in log
    assert "secrets" not in log and conversation not in log


def test_nginx_serves_the_scripts_which_browsers_ask_for_anew(nginx):
    status, headers, _ = nginx.call("/static/chat.js")
    assert (status, headers["Cache-Control"], headers["X-Content-Type-Options"]) == (200, "no-cache", "nosniff")
    assert "X-Request-Id" not in headers  # the service was not asked
    assert nginx.call("/static/chat.js", **{"If-None-Match": headers["ETag"]})[0] == 304


@pytest.mark.parametrize(("size", "status"), [(Settings().max_file_mb * 1_000_000 + FORM, b"100"), (Settings().max_file_mb * 2_000_000, b"413")])
def test_nginx_lets_the_largest_file_in_and_nothing_much_larger(nginx, size, status):
    connection = nginx.connection()
    connection.putrequest("POST", "/api/v1/documents")
    connection.putheader("Content-Length", str(size))
    connection.putheader("Expect", "100-continue")
    connection.endheaders()
    assert connection.sock.recv(12) == b"HTTP/1.1 " + status
    connection.close()
