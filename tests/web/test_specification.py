"""The specification is true: it is well formed, leaves nothing out, and the running service keeps to it, whatever it is sent."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from inspect import getmembers, isclass
from pathlib import Path
from threading import Event

import pytest
from filelock import FileLock
from openapi_spec_validator import validate
from pydantic import BaseModel, TypeAdapter

from web import failures, replies, schema, stated
from web.app import create_app
from web.callers import guarded
from web.records.keys import SCOPES
from web.replies import AnswerReply, ErrorReply

EXAMPLES = [pytest.param(field, id=f"{model.__name__}.{name}") for module in (schema, stated, replies)
            for _, model in getmembers(module, lambda each: isclass(each) and issubclass(each, BaseModel))
            for name, field in model.model_fields.items() if field.examples]
OTHERS = ("/api/", "/v1/", "/healthz", "/readyz", "/metrics")  # where programs call
# What is left out: JSON Schema calls 31.0 an integer, which is refused here, and cannot say that a chat holds a question.
SCHEMATHESIS = ("--checks", "all", "--exclude-checks", "positive_data_acceptance", "--phases", "examples,coverage,fuzzing",
                "--max-examples", "5", "--generation-deterministic", "--no-shrink", "--continue-on-failure", "--suppress-health-check", "all",
                "--request-timeout", "60")


@pytest.fixture(scope="module")
def specification(app):
    return app.test_client().get("/openapi/openapi.json").json


def test_it_is_openapi(specification):
    assert specification["openapi"].startswith("3.1.")
    validate(specification)


def test_no_address_of_the_api_is_left_out(app, specification):
    called = {(re.sub(r"<(?:[^>]*:)?(\w+)>", r"{\1}", rule.rule), method.lower()) for rule in app.url_map.iter_rules()
              for method in rule.methods - {"HEAD", "OPTIONS"} if rule.rule.startswith(OTHERS)}
    assert called == {(path, method) for path, operations in specification["paths"].items() for method in operations}


def test_every_operation_and_field_is_described_in_both_languages(specification):
    both = re.compile(r"[\u4e00-\u9fff].*[a-z]", re.DOTALL)
    operations = [operation for each in specification["paths"].values() for operation in each.values()]
    for operation in operations:
        texts = [operation["summary"], *(each["description"] for each in operation["parameters"]),
                 *(each["description"] for each in operation["responses"].values())]
        assert [text for text in texts if not both.search(text) and operation["tags"] != ["OpenAI"]] == []
    for name, held in specification["components"]["schemas"].items():
        assert [field for field, described in held.get("properties", {}).items()
                if not both.search(described.get("description", "中文 English"))] == [], name


@pytest.mark.parametrize("field", EXAMPLES)
def test_examples_are_of_their_type(field):
    for example in field.examples:
        TypeAdapter(field.annotation).validate_python(example)


def test_what_callers_are_refused_with_is_specified(app, specification):
    elsewhere = app.test_client().post("/api/v1/ask", json={"question": "a"}, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    code = ErrorReply.model_validate(elsewhere.json).error.code
    [_, codes] = specification["paths"]["/api/v1/ask"]["post"]["responses"]["401"]["content"]["application/json"]["schema"]["allOf"]
    assert code in codes["properties"]["error"]["properties"]["code"]["enum"]
    for path, method in (("/api/v1/documents", "get"), ("/v1/models", "get")):
        assert {"401", "403", "429"} <= set(specification["paths"][path][method]["responses"])
    assert not guarded(app, "health.healthz")
    assert "security" not in specification["paths"]["/healthz"]["get"]


@contextmanager
def ended(jobs, home):
    """Ends each job as failed as soon as it is there, in place of the worker, which would take in what is made up."""
    over = Event()

    def end():
        while not over.wait(0.05):
            for job in jobs.take():
                jobs.finish(job.id, message="没有收录。 Not taken in.", failed=True)

    with FileLock(home / "worker.lock", fallback_to_soft=False), ThreadPoolExecutor(1) as thread:
        ending = thread.submit(end)
        try:
            yield
        finally:
            over.set()
        ending.result()


def test_the_errors_are_in_the_documentation():
    text = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\d{3}) \| (.*) \|$", text, re.MULTILINE))
    known = [each for _, group in getmembers(failures, lambda each: isinstance(each, tuple)) for each in group]
    assert [each.code for each in known if f"`{each.code}`" not in rows[str(each.status)]] == []


def test_an_abstention_is_as_specified(doubtful):
    assert not AnswerReply.model_validate(doubtful.post("/api/v1/ask", json={"question": "火星基地有多少名宇航员？"}).json).answered


def test_whatever_is_sent_is_answered_as_specified(service, serve, tmp_path):
    """By schemathesis: no error of ours, no status, content type, header, code or field that is not specified, nothing taken that should
    be refused."""
    home = tmp_path / "home"
    app = create_app(service, replace(service.settings, home=home))
    _, secret = app.extensions["desk"].keys.create("schemathesis", SCOPES, per_minute=1_000_000, per_day=1_000_000)
    with ended(app.extensions["desk"].jobs, home):
        tested = subprocess.run([sys.executable, "-m", "schemathesis.cli", "--no-color", "run", f"{serve(app)}/openapi/openapi.json",
                                 *SCHEMATHESIS, "--header", f"Authorization: Bearer {secret}"], cwd=tmp_path, capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_it_can_be_read_and_tried_in_the_browser(visit, expect, address):
    visited = visit(path="/openapi")
    page = visited.page
    page.set_default_timeout(60_000)  # Swagger UI is a large program
    page.locator("[id$=health_healthz]").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table").get_by_text('"ok"')).to_be_visible()
    assert visited.complaints == []
    assert {request.url for request in visited.requests if not request.url.startswith((address, "data:"))} == set()
