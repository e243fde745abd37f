"""How often something may be tried, counted in Redis for all server processes, or by each in memory."""

from collections.abc import Iterator

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.backoff import NoBackoff
from redis.retry import Retry

from web import api, callers, changes, openai, progress

GUESSES = "5 per minute; 30 per hour"  # refused logins from one address
ASKED = "300 per minute; 6000 per hour"  # questions to the chat, feedback and changes of conversations from one address, which many may share
DRAWN = "120 per minute"  # pages of originals drawn for one address
REDIS_SECONDS = 0.5  # that an answer of Redis is waited for
_ASKING = ("pages.chat", "pages.answer_fragment", "embed.frame", "conversations.show")
_DRAWING = ("pages.page_picture", "pages.report", "pages.report_fragment")
_CHANGING = ("conversations.rename", "conversations.delete", "feedback.give")


class RedisHealth(Collector):
    """A collector that asks Redis for a sign of life when it is scraped."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """1 where it answers, 0 where it does not."""
        yield GaugeMetricFamily("reportqa_limiter_up", "Whether Redis, in which calls are counted, answers.",
                                float(bool(self._limiter.storage.check())))


def install(app: Flask, url: str) -> None:
    """Limit how often an address may guess passwords, use the chat and have pages drawn, and how often the API is called; after that,
    429 until the time is over. Blueprints come before this.

    :param url: the Redis to count in, or empty. While it does not answer, each process counts alone.
    """
    limiter = Limiter(get_remote_address, app=app, key_prefix="reportqa", headers_enabled=True, **_storage(url))
    if url:
        app.extensions["desk"].metrics.watch(RedisHealth(limiter))
    guessing = limiter.limit(GUESSES, deduct_when=lambda response: response.status_code == 401)
    asking = limiter.shared_limit(ASKED, "chat", exempt_when=lambda: request.method == "GET" and "q" not in request.args)
    drawing = limiter.shared_limit(DRAWN, "pictures", exempt_when=lambda: not {"number", "page"} & {*request.view_args, *request.args})
    for names, limit in ((("login.enter",), guessing), (_ASKING + _CHANGING, asking), (_DRAWING, drawing)):
        app.view_functions |= {name: limit(app.view_functions[name]) for name in names}
    for blueprint in (api.blueprint, changes.blueprint, progress.blueprint, openai.blueprint):
        limiter.shared_limit(callers.allowance, "api", key_func=callers.caller, exempt_when=callers.unlimited, cost=callers.cost)(blueprint)


def _storage(url: str) -> dict:
    """Flask-Limiter's settings of where it counts."""
    if not url:
        return {"storage_uri": "memory://"}
    patience = {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS, "retry": Retry(NoBackoff(), 1)}
    # Flask-Limiter falls back for the first request that meets a dead Redis; those beside it go uncounted instead of failing.
    return {"storage_uri": url, "storage_options": patience, "in_memory_fallback_enabled": True, "swallow_errors": True}
