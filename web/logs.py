"""One line a request and a line for each failure, as text or as JSON. What people ask is never logged."""

import json
import logging
import time
from typing import Any

from flask import Flask, Response, g, request

_log = logging.getLogger("web.requests")
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonFormatter(logging.Formatter):
    """A record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, what ``extra={"facts": ...}`` gave, and the traceback where there is one."""
        line = {"time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname,
                "logger": record.name, "message": record.getMessage(), **getattr(record, "facts", {})}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configuration(as_json: bool) -> dict[str, Any]:
    """For :func:`logging.config.dictConfig`; gunicorn's own loggers write the same way."""
    formatter = {"()": JsonFormatter} if as_json else {"format": _TEXT}
    # urllib3 warns of retries with the address, in which platforms want secrets.
    through_root = {"level": "ERROR", "handlers": [], "propagate": True}
    return {
        "version": 1, "disable_existing_loggers": False, "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "INFO", "handlers": ["stderr"]},
        "loggers": {"gunicorn.error": through_root, "gunicorn.access": through_root, "urllib3": {"level": "ERROR"}}}


def install(app: Flask) -> None:
    """Log each request: method, path without its question, status, milliseconds, request id."""

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def record(response: Response) -> Response:
        facts = {"method": request.method, "path": request.path, "status": response.status_code,
                 "ms": round(1000 * (time.perf_counter() - g.begun), 1), "request": g.request_id}
        _log.info(" ".join(str(fact) for fact in facts.values()), extra={"facts": facts})
        return response
