"""Calls to a service over HTTP: repeated where that is safe, and every failure one kind of error."""

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError, MaxRetryError, ResponseError

from qa.errors import ServiceError

CONNECT = 5.0  # seconds
BACKOFF = 0.3  # seconds before the second retry; doubled with each
LONGEST_WAIT = 60  # seconds, where the service says when to come back; beyond it the caller decides
REFUSED, BUSY = (429,), (429, 502, 503, 504)  # worth another try: whatever was asked for; where asking twice does no harm
Result = TypeVar("Result")


class ApiError(ServiceError):
    """A call that failed. ``code`` is the service's own, or ``unreachable``, or ``unexpected_reply`` where something else answers.

    :param status: of the response, 0 where there was none.
    :param request_id: by which the service's log knows the call; empty where there was no response.
    """

    def __init__(self, code: str, message: str, status: int = 0, request_id: str = "", **detail: object) -> None:
        super().__init__(code, message, **detail)
        self.status = status
        self.request_id = request_id

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
            " the address.", response.status, response.headers.get("X-Request-Id", ""))

    def _unreachable(self, error: HTTPError) -> ApiError:
        reason = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        return ApiError("unreachable", f"连不上 {self.address}。 {self.address} cannot be reached.", reason=str(reason))

    def _refusal(self, response: BaseHTTPResponse) -> ApiError:
        """The error that the service says, or that it is none of its own."""
        try:
            said = json.loads(response.data)["error"]
            code, message, detail = said["code"], said["message"], dict(said["detail"])
        except (ValueError, TypeError, KeyError):
            return self._unexpected(response)
        if (wait := response.headers.get("Retry-After", "")).isdecimal():
            detail["retry_after"] = int(wait)
        return ApiError(code, message, response.status, response.headers.get("X-Request-Id", ""), **detail)
