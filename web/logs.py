"""One line a request and a line for each failure, as text or as JSON. What people ask is logged only where a setting asks for it."""

import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from qa.answer import Answer

_log = logging.getLogger("web.requests")
_asked = logging.getLogger("web.questions")
_TEXT = "%(asctime)s %(levelname)s %(name)s %(request)s: %(message)s"


class RequestId(logging.Filter):
    """Gives each record the id of the request in which it was made, or ``-``."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = g.get("request_id", "-") if has_request_context() else "-"
        return True


class Addresses(logging.Filter):
    """Cuts queries, which hold questions, off the addresses in a record's arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(each.partition("?")[0] if isinstance(each, str) else each for each in record.args)
        return True


class Helpers(ThreadPoolExecutor):
    """Threads that go on with what a request began; what they log bears its id."""

    def submit(self, work: Callable, /, *given: object) -> Future:
        return super().submit(copy_context().run, work, *given)


class JsonFormatter(logging.Formatter):
    """A record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, request, message, what ``extra={"facts": ...}`` gave, and the traceback where there is one."""
        line = {"time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname, "logger": record.name,
                "request": record.request, "message": record.getMessage(), **getattr(record, "facts", {})}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configuration(as_json: bool) -> dict[str, Any]:
    """For :func:`logging.config.dictConfig`; gunicorn's own loggers write the same way."""
    formatter = {"()": JsonFormatter} if as_json else {"format": _TEXT}
    # urllib3 warns of retries with the address, in which platforms want secrets; gunicorn's access log has questions in it.
    through_root = {"level": "ERROR", "handlers": [], "propagate": True}
    return {
        "version": 1, "disable_existing_loggers": False, "formatters": {"line": formatter},
        "filters": {"request": {"()": RequestId}, "addresses": {"()": Addresses}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]}},
        "root": {"level": "INFO", "handlers": ["stderr"]},
        "loggers": {"gunicorn.error": through_root | {"filters": ["addresses"]}, "gunicorn.access": through_root,
                    "urllib3": {"level": "ERROR"}}}


def install(app: Flask) -> None:
    """Log and count each request: method, path without its query, status, milliseconds, and whose key it came with."""

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def record(response: Response) -> Response:
        seconds = time.perf_counter() - g.begun
        facts = {"method": request.method, "path": path(), "status": response.status_code, "ms": round(1000 * seconds, 1)}
        if key := g.get("key"):
            facts |= {"key": key.id, "key_name": key.name}
        _log.info(" ".join(str(fact) for fact in facts.values()), extra={"facts": facts})
        app.extensions["desk"].metrics.time_request(request, response, seconds)
        return response


def note_question(answer: Answer, surface: str) -> None:
    """Log a question and what became of it."""
    facts = {"surface": surface, "question": answer.question, "understood": answer.understood, "answered": answer.answered,
             "confidence": round(answer.confidence, 3), "ms": round(answer.timings_ms["total"], 1)}
    _asked.info(" ".join(str(fact) for fact in facts.values()), extra={"facts": facts})


def path() -> str:
    """The path of the present request, without the key of a conversation, which opens it."""
    return request.path.replace(key, "<key>") if (key := (request.view_args or {}).get("key")) else request.path
