"""Whose a conversation is, without accounts: an anonymous name in a signed cookie of the browser."""

import secrets

from flask import Response, after_this_request, current_app, g, request
from itsdangerous import BadSignature, Signer

COOKIE = "reportqa-owner"
LASTS = 400 * 24 * 3600  # seconds after the last visit, the most that browsers allow


def known() -> str | None:
    """The visitor's name, or None where no cookie came, as from a frame on another site."""
    if "owner" not in g:
        try:
            g.owner = _signer().unsign(request.cookies.get(COOKIE, "")).decode()
        except BadSignature:
            g.owner = None
    return g.owner


def named() -> str:
    """The visitor's name, made where there is none; the response takes it along."""
    g.owner = known() or secrets.token_urlsafe(16)
    after_this_request(_remember)
    return g.owner


def _remember(response: Response) -> Response:
    response.set_cookie(COOKIE, _signer().sign(g.owner).decode(), max_age=LASTS, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _signer() -> Signer:
    return Signer(current_app.secret_key, salt="owner")
