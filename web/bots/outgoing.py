"""Calls out to platforms: one client with time limits and retries, and tokens that are fetched once."""

import json
import re
import time
from collections.abc import Callable, Collection, Mapping
from threading import Lock
from typing import TypeVar

from pydantic_core import from_json
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

CONNECT, READ = 3.0, 8.0  # seconds
TRIES = 4
BACKOFF = 0.3  # seconds before the second retry; doubled with each
LONGEST_WAIT = 20  # seconds, where a platform says when to come back
MARGIN = 300  # seconds before its end at which a token is fetched anew
_TRY_AGAIN = (429, 500, 502, 503, 504)
_CODE = re.compile(r"\d{1,10}|[A-Za-z][\w.-]{1,79}")  # of an error
_Answer = TypeVar("_Answer")
_JSON = {"Content-Type": "application/json; charset=utf-8"}


class Undelivered(Exception):
    """A platform cannot be reached or does not take what it is sent. Says no address, since these hold secrets.

    :ivar code: the platform's own code of the error, or 0.
    """

    def __init__(self, reason: str, code: int | str = 0) -> None:
        super().__init__(reason)
        self.code = code


class Outgoing:
    """The client, for all threads."""

    def __init__(self) -> None:
        # A call without an answer is made again, also where it may have arrived: a reply that comes twice does less harm
        # than one that never comes.
        retries = Retry(total=TRIES - 1, backoff_factor=BACKOFF, status_forcelist=_TRY_AGAIN, allowed_methods=None, redirect=False,
                        raise_on_status=False, retry_after_max=LONGEST_WAIT)
        self._pool = PoolManager(maxsize=16, retries=retries, timeout=Timeout(connect=CONNECT, read=READ))

    def get(self, address: str, fields: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> dict:
        """What the platform answers to a query. :raises Undelivered: nothing, or no JSON object."""
        return self._object("GET", address, fields=fields, headers=headers)

    def post(self, address: str, body: object, headers: Mapping[str, str] | None = None) -> dict:
        """What the platform answers to a JSON body. :raises Undelivered: nothing, or no JSON object."""
        return self._object("POST", address, body=json.dumps(body, ensure_ascii=False).encode(), headers=_JSON | dict(headers or {}))

    def deliver(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post bytes, whatever is answered. :raises Undelivered: not with a status of success."""
        self._request("POST", address, body=body, headers=headers)

    def _object(self, method: str, address: str, **options: object) -> dict:
        data = self._request(method, address, **options)
        try:
            answer = from_json(data)
        except ValueError:
            raise Undelivered("the platform did not answer with JSON") from None
        if not isinstance(answer, dict):
            raise Undelivered("the platform did not answer with a JSON object")
        return answer

    def _request(self, method: str, address: str, **options: object) -> bytes:
        try:
            response = self._pool.request(method, address, **options)
        except HTTPError as error:  # its text holds the address
            raise Undelivered(f"the platform cannot be reached ({type(error).__name__})") from None
        if not 200 <= response.status < 300:
            code = _code(response.data)
            raise Undelivered(f"the platform answered with status {response.status}" + (f" and error {code}" if code else ""), code)
        return response.data


def accepted(answer: dict, field: str = "errcode") -> dict:
    """An answer of the platform, if it is no error.

    :param field: where its code stands.
    :raises Undelivered: it is one.
    """
    if code := answer.get(field, 0):
        raise Undelivered(f"the platform answered with error {code}", code)
    return answer


def insist(call: Callable[[], _Answer], busy: Collection[int | str]) -> _Answer:
    """What a call gives; it is made again, after a while, where the platform answers with one of the codes that say so.

    :raises Undelivered: as the call does, the last of :data:`TRIES` times.
    """
    for tried in range(1, TRIES):
        try:
            return call()
        except Undelivered as error:
            if error.code not in busy:
                raise
        time.sleep(BACKOFF * 2**tried)
    return call()


class Token:
    """An access token, fetched when it is first needed and again before it ends.

    :param fetch: gives a token and the seconds that it is good for.
    """

    def __init__(self, fetch: Callable[[], tuple[str, float]]) -> None:
        self._fetch = fetch
        self._lock = Lock()
        self._value, self._until = "", 0.0

    def value(self) -> str:
        """:raises Undelivered: it cannot be fetched."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._value, seconds = self._fetch()
                self._until = time.monotonic() + max(seconds - MARGIN, seconds / 2)
            return self._value

    def use(self, call: Callable[[str], _Answer], refusals: Collection[int | str]) -> _Answer:
        """What a call with the token gives; where the platform refuses the token, with one of these codes, the call is made once
        more with a new one.

        :raises Undelivered: it cannot be fetched, or as the call does.
        """
        value = self.value()
        try:
            return call(value)
        except Undelivered as error:
            if error.code not in refusals:
                raise
        self.drop(value)
        return call(self.value())

    def drop(self, value: str) -> None:
        """Forget a token that the platform no longer takes, unless there is a newer one already."""
        with self._lock:
            if value == self._value:
                self._until = 0.0


def _code(body: bytes) -> int | str:
    """The code in the body of an error, a number or a name, where it has one."""
    try:
        code = str(from_json(body)["code"])
    except (ValueError, KeyError, TypeError):
        return 0
    if not _CODE.fullmatch(code):
        return 0
    return int(code) if code.isdecimal() else code
