"""The API as OpenAPI 3.1, written from what its endpoints say of themselves, and the page on which it can be read and tried.

See https://spec.openapis.org/oas/v3.1.1 .
"""

import re
from collections.abc import Iterator, Sequence
from inspect import getdoc
from itertools import groupby
from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Flask, Response, current_app, render_template, send_from_directory
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from werkzeug.routing import Rule

from web import failures
from web.callers import guarded, scope_of
from web.desk import desk
from web.failures import Failure
from web.operation import EVENTS, FORM, JSON, Operation
from web.records.keys import WRITE
from web.security import policy

PLACES = {  # what stands in addresses
    "document_id": ("报告编号。 Id of a document.", "79eefec02d57"),
    "name": ("模型的名称。 Name of a model.", "reports"),
    "job_id": ("任务编号。 Number of a job.", "12"),
    "answer_id": ("回答的编号。 Id of an answer.", "93e0b4de803c49bfb455419325ab7e00"),
}
_ABOUT = """回答关于政府报告的问题：答案是报告原文，逐字引用并附出处；没有依据就不作答。所有起止都按字符计，`[start, end)`。
除本机外，调用时要有密钥（`Authorization: Bearer rq_…`）。消息平台调用的 `/bots/<platform>` 由各平台规定，不在此列，见 docs/bots.md。

Answers questions about government reports with verbatim, cited sentences from them; where no report answers, it says so. Offsets are
`[start, end)` in characters. All but programs on the same machine need a key. The addresses `/bots/<platform>`, which messaging
platforms call in forms of their own, are not described here; see docs/bots.md."""
_FILES = Path(flask_swagger_ui.__file__).parent / "dist"
_EVENT = {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}, "required": ["data"]}
_SCHEMAS = "#/components/schemas/{model}"
_KEYS = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "密钥。 A key of this service: rq_…"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "同上。 The same."},
}
_HEADERS = {
    "X-Request-Id": {"description": "请求编号，反馈问题时附上。 Id of the request, to quote.", "schema": {"type": "string"}},
    "Retry-After": {"description": "要等的秒数。 Seconds to wait.", "schema": {"type": "integer"}},
}

blueprint = Blueprint("specification", __name__, url_prefix="/openapi")


@blueprint.get("/openapi.json")
def document() -> dict:
    """The specification."""
    return specification(current_app)


@blueprint.get("")
def page() -> Response:
    """The same, to read and to try. Its pictures are written into its styles."""
    response = Response(render_template("openapi.html"))
    response.headers["Content-Security-Policy"] = policy().replace("img-src 'self'", "img-src 'self' data:")
    return response


@blueprint.get("/swagger/<path:name>")
def file(name: str) -> Response:
    """A file of Swagger UI."""
    return send_from_directory(_FILES, name, max_age=3600)


class _Plain(GenerateJsonSchema):
    """Schemas without titles that repeat the names of fields."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def specification(app: Flask) -> dict:
    """The specification of the endpoints of an application that are described as operations."""
    operations = list(_operations(app))
    bodies = {model for _, each in operations for model in (each.body, each.form) if model}
    replies = {model for _, each in operations for model in (each.gives, each.error) if model}
    modes = [(model, "validation") for model in bodies] + [(model, "serialization") for model in replies]
    names, schemas = models_json_schema(sorted(modes, key=lambda pair: pair[0].__name__), ref_template=_SCHEMAS, schema_generator=_Plain)
    asked = schemas["$defs"]["AskRequest"]["properties"]
    for schema in (asked["question"], asked["history"]["items"]):
        schema["maxLength"] = desk().settings.max_question
    paths: dict[str, dict] = {}
    for rule, each in operations:
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            paths.setdefault(_path(rule), {})[method.lower()] = _described(app, rule, each, names)
    return {
        "openapi": "3.1.1",
        "info": {"title": "政府报告问答 Report QA", "version": "1", "description": _ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(each.tag for _, each in operations)],
        "paths": paths,
        "components": {"schemas": schemas["$defs"], "securitySchemes": _KEYS, "headers": _HEADERS}}


def _operations(app: Flask) -> Iterator[tuple[Rule, Operation]]:
    """The endpoints that are described, in the order in which they were made."""
    for rule in app.url_map.iter_rules():
        if found := getattr(app.view_functions[rule.endpoint], "operation", None):
            yield rule, found


def _described(app: Flask, rule: Rule, operation: Operation, names: dict) -> dict:
    """One operation object."""
    view, keyed = app.view_functions[rule.endpoint], guarded(app, rule.endpoint)
    described = {
        "operationId": rule.endpoint.replace(".", "_"), "tags": [operation.tag], "summary": operation.summary,
        "description": " ".join(getdoc(view).split()), "parameters": [*_places(rule), *_parameters(operation.query)],
        "responses": {str(operation.status): _success(operation, names)} | _failures(rule, operation, keyed, names)}
    contents = {JSON: operation.body, FORM: operation.form}
    if content := {kind: {"schema": names[model, "validation"]} for kind, model in contents.items() if model}:
        described["requestBody"] = {"required": True, "content": content}
    if keyed:
        scope = scope_of(view)
        described["security"] = [*([] if scope == WRITE else [{}]), *({name: []} for name in _KEYS)]
        described["description"] += f" 密钥需要 `{scope}` 权限。 A key needs the scope `{scope}`."
    return described


def _path(rule: Rule) -> str:
    """The address as the specification writes it."""
    return re.sub(r"<(?:[^>]*:)?(\w+)>", r"{\1}", rule.rule)


def _places(rule: Rule) -> list[dict]:
    """The parameters in the path."""
    return [{"name": name, "in": "path", "required": True, "description": PLACES[name][0], "schema": {"type": "string", "minLength": 1},
             "example": PLACES[name][1]} for name in sorted(rule.arguments)]


def _parameters(model: type[BaseModel] | None) -> list[dict]:
    """The parameters in the query; a list is a parameter given several times."""
    fields = model.model_json_schema(schema_generator=_Plain)["properties"] if model else {}
    return [{"name": name, "in": "query", "required": False, "description": schema.pop("description"), "schema": schema}
            for name, schema in fields.items()]


def _success(operation: Operation, names: dict) -> dict:
    """The response that is hoped for."""
    content = {kind: {"schema": (_EVENT if kind == EVENTS else {"type": "string"}) | {"description": held}} for kind, held in operation.media.items()}
    if operation.gives:
        content = {JSON: {"schema": names[operation.gives, "serialization"]}} | content
    response = {"description": operation.summary, "headers": _headers("X-Request-Id")}
    return response | {"content": content} if content else response


def _failures(rule: Rule, operation: Operation, keyed: bool, names: dict) -> dict:
    """The responses to what goes wrong, by status; each says which codes it may bear."""
    possible = {*operation.all_failures, *(failures.CALLER if keyed else ()), *(failures.ADDRESS if rule.arguments else ())}
    by_status = groupby(sorted(possible), key=lambda each: each.status)
    return {str(status): _failure(status, list(found), names[operation.error, "serialization"]) for status, found in by_status}


def _failure(status: int, found: Sequence[Failure], reply: dict) -> dict:
    """The response to what goes wrong with one status."""
    codes = {"properties": {"error": {"properties": {"code": {"enum": [each.code for each in found]}}}}}
    return {"description": "\n".join(f"- `{each.code}`: {each.meaning}" for each in found),
            "headers": _headers("X-Request-Id", *(["Retry-After"] if status == 429 else [])),
            "content": {JSON: {"schema": {"allOf": [reply, codes]}}}}


def _headers(*names: str) -> dict:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
