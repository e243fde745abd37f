"""How often something may be tried, counted in memory by each server process."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from web import api, callers, openai

GUESSES = "5 per minute; 30 per hour"  # refused logins from one address


def install(app: Flask) -> None:
    """Limit how often an address may guess passwords and the API be called; after that, 429 until the time is over.

    Blueprints come before this.
    """
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=True)
    view = app.view_functions["login.enter"]
    app.view_functions["login.enter"] = limiter.limit(GUESSES, deduct_when=lambda response: response.status_code == 401)(view)
    for blueprint in (api.blueprint, openai.blueprint):
        limiter.limit(callers.allowance, key_func=callers.caller, exempt_when=callers.unlimited)(blueprint)
