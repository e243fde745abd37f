"""A file from an address: redirects followed, each checked, within a size and a time."""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from pathlib import PurePosixPath
from threading import Event, Timer
from urllib.parse import unquote, urljoin

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from corpus.readers import SUFFIXES
from qa.errors import ServiceError
from web.intake.addresses import Ip, Network, Target, resolve, target

REDIRECTS = 5
WAIT = 10.0  # seconds for a connection, and for each piece
IN_ALL = 120.0  # seconds
CHUNK = 64 * 1024  # bytes
_MOVED = (301, 302, 303, 307, 308)
_HEADERS = {"User-Agent": "report-qa", "Accept": "*/*", "Accept-Encoding": "identity"}
_TYPES = {
    "text/html": ".html", "application/xhtml+xml": ".html", "text/plain": ".txt", "text/markdown": ".md", "text/csv": ".csv",
    "application/pdf": ".pdf", "application/zip": ".zip", "image/png": ".png", "image/jpeg": ".jpg", "image/tiff": ".tif",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx"}


class NotFetched(ServiceError):
    """Nothing came from an address, or not what is wanted; the message says why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """:ivar url: where it came from in the end.
    :ivar name: of the file, with a suffix that tells its kind where that is known.
    """

    url: str
    name: str
    data: bytes


def fetch(url: str, max_bytes: int, allowed: Sequence[Network] = (), seconds: float = IN_ALL) -> Fetched:
    """What lies at an address. What is connected to is the very address that was checked, so a name that is resolved
    otherwise a moment later leads nowhere else.

    :param allowed: as in :func:`web.intake.addresses.resolve`.
    :param seconds: for all of it.
    :raises AddressRefused: the address, or one that it leads to, may not be fetched.
    :raises NotFetched: ``not_reached``, ``bad_status``, ``too_many_redirects``, ``file_too_large`` or ``too_slow``.
    """
    end = time.monotonic() + seconds
    for _ in range(REDIRECTS + 1):
        to = target(url)
        with _call(to, resolve(to, allowed), end) as response:
            if response.status not in _MOVED or "Location" not in response.headers:
                return _read(to, response, max_bytes)
            url = urljoin(to.url, response.headers["Location"])
    raise NotFetched("too_many_redirects", "这个网址转来转去，没有得到文件，请换用最终的网址。"
                     " This address redirects too often: give the one that it leads to.")


@contextmanager
def _call(to: Target, addresses: Sequence[Ip], end: float) -> Iterator[BaseHTTPResponse]:
    """What the first of some addresses that takes a connection responds; given up at a time."""
    connection, late = _connect(to, addresses), Event()
    # Each single wait is short, but a server that sends byte by byte would never end: that needs a clock of its own.
    clock = Timer(max(0.0, end - time.monotonic()), _give_up, (connection.sock, late))
    clock.daemon = True
    clock.start()
    try:
        connection.request("GET", to.path, headers=_HEADERS | {"Host": to.authority}, preload_content=False)
        with closing(connection.getresponse()) as response:
            yield response
        if late.is_set():
            raise _too_slow()
    except (HTTPError, HTTPException, OSError) as error:
        raise (_too_slow() if late.is_set() else _not_reached(to, error)) from error
    finally:
        clock.cancel()
        connection.close()


def _give_up(sock: socket.socket, late: Event) -> None:
    late.set()
    with suppress(OSError):  # it is closed already
        sock.shutdown(socket.SHUT_RDWR)


def _connect(to: Target, addresses: Sequence[Ip]) -> HTTPConnection:
    failure: Exception | None = None
    for address in addresses:
        connection = _connection(to, str(address))
        try:
            connection.connect()
            return connection
        except (HTTPError, OSError) as error:
            connection.close()
            failure = error
    raise _not_reached(to, failure) from failure


def _connection(to: Target, address: str) -> HTTPConnection:
    if to.scheme == "http":
        return HTTPConnection(address, to.port, timeout=WAIT)
    return HTTPSConnection(address, to.port, timeout=WAIT, server_hostname=to.host)


def _read(to: Target, response: BaseHTTPResponse, max_bytes: int) -> Fetched:
    if response.status != 200:
        raise NotFetched("bad_status", f"对方服务器没有给出文件（状态 {response.status}），请检查网址，或下载后上传。"
                         f" The server did not give the file (status {response.status}): check the address, or download the file and"
                         " upload it.", status=response.status)
    data = bytearray()
    while chunk := response.read1(CHUNK):
        data += chunk
        if len(data) > max_bytes:
            raise NotFetched("file_too_large", f"文件超过 {max_bytes // 1_000_000} MB，没有收录；上限由 QA_MAX_FILE_MB 设置。"
                             f" The file is larger than {max_bytes // 1_000_000} MB and was not taken; QA_MAX_FILE_MB sets the limit.")
    return Fetched(to.url, _name(to, response), bytes(data))


def _name(to: Target, response: BaseHTTPResponse) -> str:
    """The name that the server gives the file, else the last part of the address; a suffix by its type where it has none
    that is known."""
    headers = Message()
    headers["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    headers["Content-Type"] = response.headers.get("Content-Type", "")
    name = headers.get_filename() or unquote(PurePosixPath(to.path.partition("?")[0]).name) or to.host
    known = PurePosixPath(name).suffix.lower() in SUFFIXES
    return name if known else name + _TYPES.get(headers.get_content_type(), "")


def _not_reached(to: Target, error: Exception) -> NotFetched:
    return NotFetched("not_reached", f"连不上 {to.host}，请检查网址或稍后再试。 {to.host} cannot be reached: check the address, or try"
                      " again later.", host=to.host, reason=f"{type(error).__name__}: {error}")


def _too_slow() -> NotFetched:
    return NotFetched("too_slow", "对方服务器太慢，已放弃；请稍后再试，或下载后上传。"
                      " The server was too slow: try again later, or download the file and upload it.")
