"""Every failure as one body: ``{"error": {"code", "message", "detail"}}``, or as a page where a browser asks."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from flask import Flask, Response, g, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from corpus.errors import DocumentError
from qa.errors import IndexUnavailable, NotFound, QuestionError, ServiceError
from web import logs
from web.bots.shape import Refused
from web.callers import KeyNeeded, KeyUnfit
from web.desk import desk

_log = logging.getLogger(__name__)
_STATUS = ((QuestionError, 400), (KeyNeeded, 401), (Refused, 403), (KeyUnfit, 403), (NotFound, 404), (IndexUnavailable, 503))
_MESSAGES = {
    400: ("bad_request", "请求有误。 The request is malformed."),
    401: ("login_needed", "请先登录。 Log in first."),
    403: ("not_permitted", "当前账号没有这个权限，请联系管理员。 This account may not do that; ask an administrator."),
    404: ("not_found", "没有这个地址。 There is nothing at this address."),
    405: ("method_not_allowed", "这个地址不支持这种请求方法。 This address does not take that method."),
    413: ("body_too_large", "请求内容太大；文件最大多少由 QA_MAX_FILE_MB 设置。 The request body is too large; QA_MAX_FILE_MB"
          " sets how large a file may be."),
    415: ("unsupported_media_type", "请求内容必须是 JSON（Content-Type: application/json），上传文件时是表单（multipart/form-data）。 "
          "The request body must be JSON (Content-Type: application/json), or a form (multipart/form-data) where files are sent."),
    429: ("too_many_requests", "太频繁了，请稍后再试。 That was too often; try again later."),
}
_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}  # by status; others by what is at fault
_FORGED = "页面已过期，请重新打开后再提交。 The page has expired; open it again and submit once more."
_FAILURE = "服务器出错了，请稍后再试；如需反馈，请附上请求编号 {id}。 " \
           "Something went wrong here; please try again later, and quote request {id} if you report it."


class Problem(NamedTuple):
    """What is said of an error."""

    status: int
    code: str
    message: str
    detail: Mapping[str, object] = MappingProxyType({})

    def body(self) -> dict:
        """It as JSON."""
        return {"error": {"code": self.code, "message": self.message, "detail": dict(self.detail)}}


def install(app: Flask) -> None:
    """Answer all errors of an application in the one form."""

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> Response:
        return _respond(Problem(400, "form_expired", _FORGED, {"reason": error.description}))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        code, message = _MESSAGES.get(error.code, (error.name.lower().replace(" ", "_"), _MESSAGES[400][1]))
        response = _respond(Problem(error.code, code, message))
        if error.code == 405:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response

    @app.errorhandler(Exception)
    def failure(error: Exception) -> Response:
        return _respond(_problem(error))


def body(error: Exception) -> dict:
    """The body of an error that is told as a part of a reply."""
    problem = _problem(error)
    desk().metrics.errors.labels(problem.code).inc()
    return problem.body()


def _problem(error: Exception) -> Problem:
    """What is said of an error; what is no fault of the caller's is logged."""
    if isinstance(error, ServiceError):
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        return Problem(status, error.code, error.message, error.detail)
    if isinstance(error, DocumentError):
        _log.error("request %s met a broken library", g.request_id, exc_info=error)
        return Problem(503, error.code, error.message)
    _log.error("request %s failed: %s %s", g.request_id, request.method, logs.path(), exc_info=error)
    return Problem(500, "internal_error", _FAILURE.format(id=g.request_id), {"request_id": g.request_id})


def _respond(problem: Problem) -> Response:
    """The error as JSON, or as a page for a browser that wants one."""
    desk().metrics.errors.labels(problem.code).inc()
    if _wants_page():
        response = Response(render_template("error.html", status=problem.status, message=problem.message))
    else:
        response = jsonify(error=problem.body()["error"] | _openai(problem.status, problem.detail))
    response.status_code = problem.status
    return response


def _openai(status: int, detail: Mapping) -> dict:
    """What programs that speak OpenAI's interface look for besides."""
    if not request.path.startswith("/v1/"):
        return {}
    kind = _OPENAI_TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"type": kind, "param": next((field["field"] for field in detail.get("fields", ())), None)}


def _wants_page() -> bool:
    """True for a browser outside the API; a client that takes anything gets JSON."""
    accepted = request.accept_mimetypes
    return not request.path.startswith(("/api/", "/v1/")) and accepted["text/html"] > accepted["application/json"]
