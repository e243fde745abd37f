"""What every response carries: a request id, and headers that keep a browser from doing more than it should."""

import re
import uuid
from collections.abc import Sequence

from flask import Flask, Response, g, request

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def policy(frame_ancestors: Sequence[str] = ("'self'",)) -> str:
    """The content security policy of a page that only the named sources may put into a frame."""
    return ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
            f"form-action 'self'; base-uri 'none'; frame-ancestors {' '.join(frame_ancestors)}")


HEADERS = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def install(app: Flask) -> None:
    """Give every request an id (the caller's own where it is well formed) and every response its headers."""

    @app.before_request
    def identify() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
