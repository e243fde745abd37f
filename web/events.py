"""Server-sent events: a reply told piece by piece, while the rest of it is made.

See https://html.spec.whatwg.org/multipage/server-sent-events.html .
"""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from itertools import chain
from typing import TypeVar

from flask import Response, request, stream_with_context

from web import errors
from web.operation import EVENTS, JSON

T = TypeVar("T")
QUIET = 15.0  # seconds after which something is sent though nothing has come, so that proxies keep the connection
_END = object()
# Kept for the next reply, with what a thread holds open; as many as are busy at once, which the server's own threads bound.
_makers = ThreadPoolExecutor(1024, "events")


def wanted() -> bool:
    """Whether the client takes events rather than JSON."""
    return request.accept_mimetypes.best_match((JSON, EVENTS)) == EVENTS


def respond(pieces: Iterator[tuple[str, dict]]) -> Response:
    """The pieces as events of their names, and ``done`` behind them; ``error`` with the usual body where one of them fails.

    The first is awaited before the response begins, so that what is refused has its status.
    """
    return stream(stream_with_context(_told(chain([next(pieces)], pieces))))


def stream(told: Iterable[str]) -> Response:
    """Events that go to the client as they come: no proxy gathers or keeps them."""
    return Response(told, mimetype=EVENTS, headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"})


def event(name: str, data: dict) -> str:
    """One event as it is sent."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _told(pieces: Iterator[tuple[str, dict]]) -> Iterator[str]:
    try:
        for piece in kept_alive(pieces, QUIET):
            yield event(*piece) if piece else ": \n\n"
    except Exception as error:  # its status can no longer be sent
        yield event("error", errors.body(error))
    else:
        yield event("done", {})


def kept_alive(pieces: Iterator[T], seconds: float) -> Iterator[T | None]:
    """The pieces, made in another thread, and None whenever none has come for so many seconds."""
    while True:
        coming = _makers.submit(copy_context().run, next, pieces, _END)
        while not wait([coming], seconds).done:
            yield None
        if (piece := coming.result()) is _END:
            return
        yield piece
