"""Who calls the API: the holder of a key, or an address; what it may do, and how often."""

from collections.abc import Callable
from ipaddress import ip_address

from flask import Blueprint, Flask, current_app, g, request

from qa.errors import ServiceError
from qa.settings import LOCAL, NOBODY
from web.desk import desk
from web.records.keys import ASK, PREFIX, WRITE, Key

_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")  # a proxy speaks for somebody else


class KeyNeeded(ServiceError):
    """A call without a key, or with a wrong one, where one is needed (HTTP 401)."""


class KeyUnfit(ServiceError):
    """A call that its key does not permit (HTTP 403)."""


def scoped(scope: str) -> Callable:
    """Marks a view with the scope that a key needs to call it; others need ``ask``. What needs ``write`` always needs a key."""
    def mark(view: Callable) -> Callable:
        view.scope = scope
        return view
    return mark


def costing(questions: Callable[[], int]) -> Callable:
    """Marks a view that answers several questions at once with how many the present call holds."""
    def mark(view: Callable) -> Callable:
        view.questions = questions
        return view
    return mark


def cost() -> int:
    """As how many calls the present one counts."""
    if "cost" not in g:
        g.cost = getattr(current_app.view_functions[request.endpoint], "questions", lambda: 1)()
    return g.cost


def scope_of(view: Callable) -> str:
    """The scope that a key needs to call a view."""
    return getattr(view, "scope", ASK)


def guard(blueprint: Blueprint) -> None:
    """Let only those call the views of a blueprint who may."""
    blueprint.before_request(_admit)


def guarded(app: Flask, endpoint: str) -> bool:
    """Whether only those call it who may."""
    return _admit in app.before_request_funcs.get(endpoint.rpartition(".")[0], ())


def current_key() -> Key | None:
    """The key that this call comes with, where it comes with one that is good."""
    if "key" not in g:
        g.key = desk().keys.check(secret) if (secret := _secret()) else None
    return g.key


def caller() -> str:
    """Whose calls are counted together: a key's, or an address's."""
    key = current_key()
    return f"key {key.id}" if key else f"address {request.remote_addr}"


def allowance() -> str:
    """How many calls the caller may make, as Flask-Limiter writes it."""
    whose = current_key()
    if whose is None:
        return f"{desk().settings.api_per_minute} per minute; {desk().settings.api_per_day} per day"
    return f"{whose.per_minute} per minute; {whose.per_day} per day"


def unlimited() -> bool:
    """Whether this machine itself calls, without a key, and is not kept waiting by its own service."""
    return current_key() is None and _is_local()


def _admit() -> None:
    if request.method == "OPTIONS":  # a browser asks what it may send before it sends the key
        return
    key, open_to = current_key(), desk().settings.api_open
    scope = scope_of(current_app.view_functions[request.endpoint])
    if key is None and _secret():
        raise KeyNeeded("key_wrong", "密钥不对，或已被撤销。 The key is wrong, or was revoked.")
    # Any site that a browser on this machine shows could send a form with files here, so being local is not enough to write.
    if key is None and (scope == WRITE or open_to == NOBODY or open_to == LOCAL and not _is_local()):
        raise KeyNeeded("key_needed", "这个接口需要密钥：请在请求头中加上 Authorization: Bearer 密钥。密钥由管理员在“接口密钥”页面或用 python -m qa"
                        f" keys create 名称 --scopes {scope} 新建。 This call needs a key: send the header Authorization: Bearer KEY. An"
                        f" administrator makes keys on the page API keys or with python -m qa keys create NAME --scopes {scope}.", scope=scope)
    if key is not None:
        if scope not in key.scopes:
            raise KeyUnfit("scope_missing", f"这个密钥没有“{scope}”权限。 This key lacks the scope “{scope}”.", scope=scope)
        desk().keys.count(key, cost())


def _secret() -> str:
    """What is sent as a key; words that are no key of ours count as nothing, for programs that insist on sending some."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    secret = given.strip() if kind.lower() == "bearer" else request.headers.get("X-Api-Key", "")
    return secret if secret.startswith(PREFIX) else ""


def _is_local() -> bool:
    return not any(name in request.headers for name in _FORWARDED) and ip_address(request.remote_addr or "0.0.0.0").is_loopback
