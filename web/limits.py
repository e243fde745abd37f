"""How often something may be tried, counted in memory by each server process."""

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from web import api, callers, openai

GUESSES = "5 per minute; 30 per hour"  # refused logins from one address
ASKED = "300 per minute; 6000 per hour"  # questions to the chat, feedback and changes of conversations from one address, which many may share
DRAWN = "120 per minute"  # pages of originals drawn for one address
_ASKING = ("pages.chat", "pages.answer_fragment", "embed.frame", "conversations.show")
_DRAWING = ("pages.page_picture", "pages.report", "pages.report_fragment")
_CHANGING = ("conversations.rename", "conversations.delete", "feedback.give")


def install(app: Flask) -> None:
    """Limit how often an address may guess passwords, use the chat and have pages drawn, and how often the API is called; after that,
    429 until the time is over. Blueprints come before this."""
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=True)
    guessing = limiter.limit(GUESSES, deduct_when=lambda response: response.status_code == 401)
    asking = limiter.shared_limit(ASKED, "chat", exempt_when=lambda: request.method == "GET" and "q" not in request.args)
    drawing = limiter.shared_limit(DRAWN, "pictures", exempt_when=lambda: not {"number", "page"} & {*request.view_args, *request.args})
    for names, limit in ((("login.enter",), guessing), (_ASKING + _CHANGING, asking), (_DRAWING, drawing)):
        app.view_functions |= {name: limit(app.view_functions[name]) for name in names}
    for blueprint in (api.blueprint, openai.blueprint):
        limiter.limit(callers.allowance, key_func=callers.caller, exempt_when=callers.unlimited)(blueprint)
