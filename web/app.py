"""The application: every surface on one service. Also the seam at which tests take hold."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from qa.service import AnswerService
from qa.settings import Settings
from web import (
    access,
    api,
    changes,
    conversations,
    embed,
    errors,
    feedback,
    health,
    library,
    limits,
    login,
    logs,
    openai,
    pages,
    progress,
    security,
    specification,
)
from web.bots import reception
from web.desk import Desk

MAX_BODY = 256 * 1024  # bytes; a question and a long conversation fit many times over


def create_app(service: AnswerService, settings: Settings) -> Flask:
    """The WSGI application that answers over HTTP.

    :param service: an open service; it is shared by all threads.
    """
    app = Flask(__name__)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.ensure_ascii = False
    app.json.sort_keys = False
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions["desk"] = Desk(service, settings)
    app.extensions["reception"] = reception.Reception(app.extensions["desk"])
    security.install(app, settings.api_origins)
    logs.install(app)
    errors.install(app)
    takers_of_json = (api.blueprint, openai.blueprint, pages.blueprint, reception.blueprint)  # which other sites cannot send here
    behind_keys = (changes.blueprint, progress.blueprint)  # for which no cookie counts
    for blueprint in (*takers_of_json, *behind_keys, health.blueprint, specification.blueprint, conversations.blueprint, embed.blueprint, feedback.blueprint, login.blueprint, *library.PAGES):
        app.register_blueprint(blueprint)
    limits.install(app, settings.limiter_url)
    access.install(app, settings.home)  # last, because refusing a form takes what the others lay ready
    for blueprint in (*takers_of_json, *behind_keys, feedback.blueprint):  # a frame on another site has no cookie to hold a token
        access.csrf.exempt(blueprint)
    return app
