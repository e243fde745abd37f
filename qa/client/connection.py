"""Calls to a service over HTTP: repeated where that is safe, and every failure one kind of error."""

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError, MaxRetryError, ResponseError

from qa.errors import ServiceError

CONNECT = 5.0  # seconds
BACKOFF = 0.3  # seconds before the second retry; doubled with each
LONGEST_WAIT = 60  # seconds, where the service says when to come back; beyond it the caller decides
REFUSED, BUSY = (429,), (429, 502, 503, 504)  # worth another try: whatever was asked for; where asking twice does no harm
EVENTS = "text/event-stream"
UNREACHABLE = "unreachable"
Result = TypeVar("Result")


class ApiError(ServiceError):
    """A call that failed. ``code`` is the service's own, or ``unreachable``, or ``unexpected_reply`` where something else answers.

    :param status: of the response, 0 where there was none, and of a question in a batch.
    :param request_id: by which the service's log knows the call; empty where there was no response.
    """

    def __init__(self, code: str, message: str, detail: Mapping = MappingProxyType({}), status: int = 0, request_id: str = "") -> None:
        super().__init__(code, message)
        self.detail = dict(detail)
        self.status = status
        self.request_id = request_id

    @classmethod
    def from_dict(cls, plain: Mapping, status: int = 0, request_id: str = "") -> "ApiError":
        """From the API's JSON."""
        return cls(plain["code"], plain["message"], plain["detail"], status, request_id)

    @property
    def retry_after(self) -> int | None:
        """Seconds after which another call may succeed, where the service said."""
        return self.detail.get("retry_after")


class _Patience(Retry):
    """Waits as long as the service says, unless that is too long to wait for."""

    def increment(self, *args: object, response: BaseHTTPResponse | None = None, **options: object) -> Retry:
        if response is not None and (self.get_retry_after(response) or 0) > LONGEST_WAIT:
            raise MaxRetryError(options.get("_pool"), None, ResponseError("the service asks to wait too long"))
        return super().increment(*args, response=response, **options)


class Connection:
    """Calls one service; may be shared by threads.

    :param key: a key of the API, or empty.
    :param timeout: seconds within which the service must say something.
    :param retries: how often a failed call is made again.
    """

    def __init__(self, address: str, key: str, timeout: float, retries: int) -> None:
        self.address = address.rstrip("/")
        self._headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {key.strip()}"} if key else {})
        self._pool = PoolManager(maxsize=16, timeout=Timeout(connect=min(CONNECT, timeout), read=timeout))
        common = {"total": retries, "backoff_factor": BACKOFF, "allowed_methods": None, "redirect": False, "raise_on_status": False}
        self._harmless = _Patience(status_forcelist=BUSY, **common)
        self._once = _Patience(status_forcelist=REFUSED, read=False, other=0, **common)  # not where it may have arrived

    def close(self) -> None:
        """Close what is open."""
        self._pool.clear()

    def read(self, shape: Callable[[Mapping], Result], method: str, path: str, body: object = None, **options: object) -> Result:
        """What a call is answered with.

        :param shape: makes it of the JSON.
        :raises ApiError: the call failed, or is answered with something else.
        """
        response = self.call(method, path, body, **options)
        try:
            return shape(json.loads(response.data))
        except (LookupError, TypeError, ValueError):
            raise self._unexpected(response) from None

    def events(self, shape: Callable[[str, Mapping], Result], method: str, path: str, body: object = None) -> Iterator[Result]:
        """The events that a call is answered with, as they come.

        :param shape: makes one of its name and its data.
        :raises ApiError: the call failed, broke off, is answered with something else, or says so in an event ``error``.
        """
        response = self.call(method, path, body, accept=EVENTS, preload_content=False)
        try:
            if response.headers.get("Content-Type", "").partition(";")[0] != EVENTS:
                raise self._unexpected(response)
            data = None
            for name, data in _events(response):
                if name == "error":
                    raise self._said(data, response)
                yield shape(name, data)
            if data is None:
                raise self._unexpected(response)
        except HTTPError as error:
            raise self._unreachable(error) from error
        except (LookupError, TypeError, ValueError):
            raise self._unexpected(response) from None
        finally:
            response.close()

    def call(self, method: str, path: str, body: object = None, *, repeat: bool = True, accept: str = "", **options: object) -> BaseHTTPResponse:
        """The response of a call that succeeded.

        :param body: sent as JSON, where it is not None.
        :param repeat: whether making the call twice does no harm.
        :param accept: the type of response that is wanted, where it is not JSON.
        :raises ApiError: it failed.
        """
        headers = self._headers | ({"Accept": accept} if accept else {})
        if body is not None:
            options["body"] = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        try:
            response = self._pool.request(method, self.address + path, headers=headers, redirect=False,
                                          retries=self._harmless if repeat else self._once, **options)
        except HTTPError as error:
            raise self._unreachable(error) from error
        if not 200 <= response.status < 300:
            raise self._refusal(response)
        return response

    def _unexpected(self, response: BaseHTTPResponse) -> ApiError:
        return ApiError(
            "unexpected_reply", f"{self.address} 的回复不是本接口的格式，请检查地址。 What {self.address} replied is not this API's: check"
            " the address.", {}, response.status, response.headers.get("X-Request-Id", ""))

    def _unreachable(self, error: HTTPError) -> ApiError:
        reason = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        return ApiError(UNREACHABLE, f"连不上 {self.address}。 {self.address} cannot be reached.", {"reason": str(reason)})

    def _refusal(self, response: BaseHTTPResponse) -> ApiError:
        try:
            return self._said(json.loads(response.data), response)
        except ValueError:
            return self._unexpected(response)

    def _said(self, data: object, response: BaseHTTPResponse) -> ApiError:
        """The error that the service says, or that it is none of its own."""
        try:
            error = ApiError.from_dict(data["error"], response.status, response.headers.get("X-Request-Id", ""))
        except (LookupError, TypeError, ValueError):
            return self._unexpected(response)
        if (wait := response.headers.get("Retry-After", "")).isdecimal():
            error.detail["retry_after"] = int(wait)
        return error


def _events(response: BaseHTTPResponse) -> Iterator[tuple[str, dict]]:
    """Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""
    name, data = "message", []
    for line in _lines(response):
        field, _, value = line.partition(":")
        if not line and data:
            yield name, json.loads("\n".join(data))
        if not line:
            name, data = "message", []
        elif field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data.append(value.removeprefix(" "))


def _lines(response: BaseHTTPResponse) -> Iterator[str]:
    """Lines as soon as they are there, however the response is cut into pieces."""
    rest = b""
    while piece := response.read1():
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.removesuffix(b"\r").decode() for line in lines)
