"""What every response carries: a request id, and headers that say what a browser may do with it."""

import re
import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask_cors import CORS

from qa.settings import SettingsError

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


def install(app: Flask, api_origins: str) -> None:
    """Give every request an id (the caller's own where it is well formed) and every response its headers.

    :param api_origins: sites whose pages may call the API, as :func:`origins` reads them.
    :raises SettingsError: one of them is no origin.
    """
    CORS(app, resources={r"/api/v1/.*|/v1/.*": {"origins": list(origins(api_origins)), "expose_headers": ["X-Request-Id", "Retry-After"]}})

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


def origins(setting: str) -> tuple[str, ...]:
    """The origins in a list between commas or spaces, such as ``https://www.example.org``.

    :raises SettingsError: one of them is no origin.
    """
    found = tuple(each.rstrip("/") for each in setting.replace(",", " ").split())
    for each in found:
        parts = urlsplit(each)
        if parts.scheme not in ("http", "https") or not parts.netloc or each != f"{parts.scheme}://{parts.netloc}" or ";" in each:
            raise SettingsError("bad_setting", f"“{each}”不是网站来源，应形如 https://www.example.org 。 “{each}” is no origin; write it"
                                " like https://www.example.org.", value=each)
    return found
