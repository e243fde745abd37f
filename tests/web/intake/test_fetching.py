"""Files from addresses, over a real server on this machine."""

import socket
import ssl
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from web.intake import fetching
from web.intake.addresses import AddressRefused
from web.intake.fetching import NotFetched, fetch

HERE = [ip_network("127.0.0.0/8")]
TEXT = "全县粮食总产量十二万吨。".encode()


class Site(BaseHTTPRequestHandler):
    """A few pages; every request's host and path is noted."""

    seen: list[tuple[str, str]] = []
    pages = {
        "/report.txt": (200, {"Content-Type": "text/plain"}, TEXT), "/%E6%8A%A5%E5%91%8A.txt": (200, {}, TEXT),
        "/page": (200, {"Content-Type": "text/html; charset=utf-8"}, b"<p>x</p>"), "/": (200, {"Content-Type": "text/html"}, b"<p>x</p>"),
        "/named": (200, {"Content-Disposition": "attachment; filename*=UTF-8''%E7%BB%9F%E8%AE%A1.csv"}, b"a,b"),
        "/pdf.aspx?id=1": (200, {"Content-Type": "application/pdf"}, b"%PDF"), "/moved": (302, {"Location": "report.txt"}, b""),
        "/around": (302, {"Location": "/around"}, b""), "/away": (301, {"Location": "http://10.0.0.1/x"}, b""),
        "/file": (302, {"Location": "file:///etc/passwd"}, b""), "/gone": (404, {}, b""), "/nowhere": (302, {}, b""),
        "/large": (200, {}, b"x" * 3_000_000), "/short": (200, {"Content-Length": "50"}, b"x")}

    def do_GET(self):
        self.seen.append((self.headers["Host"], self.path))
        if self.path == "/drip":
            self.drip()
            return
        status, headers, body = self.pages[self.path]
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self):
        """Byte by byte, without an end."""
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x")
                time.sleep(0.02)
        except OSError:
            pass

    def log_message(self, *_):
        pass


@contextmanager
def served(wrap=lambda sock: sock):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.socket = wrap(server.socket)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site():
    Site.seen.clear()
    with served() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(("path", "name", "data"), [
    ("/report.txt", "report.txt", TEXT), ("/报告.txt", "报告.txt", TEXT), ("/page", "page.html", b"<p>x</p>"), ("", "127.0.0.1.html", b"<p>x</p>"),
    ("/named", "统计.csv", b"a,b"), ("/pdf.aspx?id=1", "pdf.aspx.pdf", b"%PDF"), ("/moved", "report.txt", TEXT)])
def test_a_file_and_its_name(site, path, name, data):
    found = fetch(site + path, 1_000_000, HERE)
    assert (found.name, found.data) == (name, data)
    assert found.url == (f"{site}/report.txt" if path == "/moved" else site + path)
    assert Site.seen[0][0] == site.removeprefix("http://")


@pytest.mark.parametrize(("path", "code"), [
    ("/around", "too_many_redirects"), ("/gone", "bad_status"), ("/nowhere", "bad_status"), ("/large", "file_too_large"), ("/short", "not_reached")])
def test_what_cannot_be_had_is_said(site, path, code):
    with pytest.raises(NotFetched) as caught:
        fetch(site + path, 2_000_000, HERE)
    assert caught.value.code == code
    assert len(Site.seen) == (fetching.REDIRECTS + 1 if code == "too_many_redirects" else 1)


@pytest.mark.parametrize(("path", "code"), [("/away", "address_private"), ("/file", "bad_address")])
def test_each_redirect_is_checked(site, path, code):
    with pytest.raises(AddressRefused) as caught:
        fetch(site + path, 2_000_000, HERE)
    assert caught.value.code == code


def test_nothing_is_asked_of_this_machine_unless_it_is_allowed(site):
    for url in (site, site.replace("127.0.0.1", "localhost"), site.replace("127.0.0.1", "127.1")):
        with pytest.raises(AddressRefused):
            fetch(url, 1_000_000)
    assert Site.seen == []


def test_a_name_that_is_resolved_otherwise_later_leads_nowhere_else(site, monkeypatch):
    resolved = []

    def rebind(host, port, *arguments, **options):
        """The allowed address the first time a name is asked for, another one from then on."""
        if host != "report.example":
            return real(host, port, *arguments, **options)
        resolved.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(resolved) == 1 else "127.0.0.99", port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    port = site.rpartition(":")[2]
    assert fetch(f"http://report.example:{port}/report.txt", 1_000_000, [ip_network("127.0.0.1/32")]).data == TEXT
    assert resolved == ["report.example"]
    assert Site.seen == [(f"report.example:{port}", "/report.txt")]
    with pytest.raises(AddressRefused):
        fetch(f"http://report.example:{port}/report.txt", 1_000_000, [ip_network("127.0.0.1/32")])


def test_a_server_that_never_ends_is_given_up(site):
    with pytest.raises(NotFetched) as caught:
        fetch(f"{site}/drip", 1_000_000, HERE, seconds=0.3)
    assert caught.value.code == "too_slow"


def test_nobody_there_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotFetched) as caught:
        fetch(f"http://127.0.0.1:{port}/", 1_000_000, HERE)
    assert caught.value.code == "not_reached"


def test_a_certificate_must_be_of_the_name_that_was_asked_for(tmp_path, monkeypatch):
    certificate = tmp_path / "both.pem"
    certificate.write_bytes(self_signed("report.example"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **options: real(
        "127.0.0.1" if host.endswith(".example") else host, *more, **options))
    with served(lambda sock: context.wrap_socket(sock, server_side=True)) as port:
        with pytest.raises(NotFetched):
            fetch(f"https://report.example:{port}/report.txt", 1_000_000, HERE)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert fetch(f"https://report.example:{port}/report.txt", 1_000_000, HERE).data == TEXT
        with pytest.raises(NotFetched) as caught:
            fetch(f"https://other.example:{port}/report.txt", 1_000_000, HERE)
        assert caught.value.code == "not_reached"


def self_signed(name):
    """A key and its certificate, valid for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(minutes=1)).not_valid_after(now + timedelta(hours=1))
                   .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
