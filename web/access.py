"""Who is at the other end: the session of an account, and what it takes to enter the library."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect

from web.desk import desk
from web.records.accounts import Account

SESSION_HOURS = 12
_SAFE = {"GET", "HEAD", "OPTIONS"}
csrf = CSRFProtect()


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions; the cookie of one that began over https never goes over http."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the present request came over https."""
        return request.is_secure


def install(app: Flask, home: Path) -> None:
    """Give an application sessions, signed with the home's own key, and protect its forms from other sites.

    Blueprints that take JSON only and heed no cookie are exempted with ``csrf.exempt``.
    """
    app.config.update(
        SECRET_KEY=_key(home / "session.key"), PERMANENT_SESSION_LIFETIME=SESSION_HOURS * 3600, SESSION_COOKIE_NAME="reportqa",
        SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_HTTPONLY=True, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    app.session_interface = Sessions()
    csrf.init_app(app)


def guard(blueprint: Blueprint) -> None:
    """Let only accounts into a blueprint, and only administrators change anything there."""
    blueprint.before_request(_enter)


def administrators_only() -> None:
    """:raises Forbidden: the account is no administrator's."""
    if not (account := current_account()) or not account.is_administrator:
        abort(403)


def current_account() -> Account | None:
    """The account that this request comes from."""
    if "account" not in g:
        account = desk().accounts.find(session["account"]) if "account" in session else None
        g.account = account if account and account.stamp == session["stamp"] else None
    return g.account


def log_in(account: Account) -> None:
    """Begin a session."""
    session.clear()
    session.permanent = True
    session["account"], session["stamp"] = account.id, account.stamp


def log_out() -> None:
    """End the session."""
    session.clear()


def here(address: str | None) -> str:
    """An address to go on to, if it is one of this site's pages; else the library."""
    parts = urlsplit(address or "")
    ours = address and address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if ours else url_for("library.reports")


def _enter() -> Response | None:
    account = current_account()
    if account is None:
        if request.method not in _SAFE or request.accept_mimetypes["text/html"] <= request.accept_mimetypes["application/json"]:
            abort(401)
        return redirect(url_for("login.show", next=request.full_path.rstrip("?")), 303)
    if request.method not in _SAFE and not account.is_administrator:
        abort(403)
    return None


def _key(path: Path) -> bytes:
    """The key in a file that only its owner can read, made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(made, path)  # fails where another process was first
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes()
