"""What is written into the log, and what never is."""

import json
import logging
from dataclasses import replace

import pytest
from sqlalchemy.exc import SQLAlchemyError

from web.app import create_app
from web.logs import Addresses, JsonFormatter, RequestId, configuration
from web.records.database import connect
from web.records.keys import ASK, Keys
from web.records.questions import Questions

QUESTION = "2021年云溪市生产总值是多少？"


@pytest.fixture
def logged(caplog, monkeypatch):
    """The lines that were logged so far by a logger, as JSON."""
    monkeypatch.setattr(caplog.handler, "formatter", JsonFormatter())
    monkeypatch.setattr(caplog.handler, "filters", [RequestId()])
    caplog.set_level(logging.INFO)
    return lambda name: [line for line in map(json.loads, caplog.text.splitlines()) if line["logger"] == name]


@pytest.fixture
def application(service, tmp_path):
    return lambda **values: create_app(service, replace(service.settings, home=tmp_path, **values))


def test_each_request_is_a_line_with_its_id_and_its_key(application, tmp_path, logged):
    client = application().test_client()
    key, secret = Keys(connect(tmp_path)).create("客服 机器人", [ASK])
    asked = client.post("/api/v1/ask", json={"question": QUESTION}, headers={"Authorization": f"Bearer {secret}", "X-Request-Id": "mine-1"})
    refused = client.post("/api/v1/ask", json={"question": ""})
    one, other = logged("web.requests")
    assert asked.headers["X-Request-Id"] == one["request"] == "mine-1"
    assert (one["method"], one["path"], one["status"], one["key"], one["key_name"]) == ("POST", "/api/v1/ask", 200, key.id, "客服 机器人")
    assert one["ms"] > 0
    assert refused.headers["X-Request-Id"] == other["request"]
    assert (other["status"], "key" in other) == (400, False)


def test_questions_are_not_logged(application, logged, caplog):
    client = application(keep_days=30).test_client()
    shown = client.get("/", query_string={"q": QUESTION}, follow_redirects=True)
    client.post("/api/v1/ask", json={"question": QUESTION})
    client.post("/api/v1/ask", json={"question": QUESTION, "top_k": 0})
    assert len(logged("web.requests")) == 4
    assert "云溪" in shown.text
    assert "云溪" not in caplog.text and "%E4%BA%91" not in caplog.text
    assert logged("web.questions") == []


def test_a_setting_asks_for_questions_in_the_log(application, logged):
    client = application(log_questions=True).test_client()
    reply = client.post("/api/v1/ask", json={"question": QUESTION})
    line, = logged("web.questions")
    assert (line["surface"], line["question"], line["understood"]) == ("api", QUESTION, reply.json["understood"])
    assert (line["answered"], line["confidence"]) == (True, pytest.approx(reply.json["confidence"], abs=0.001))
    assert line["request"] == reply.headers["X-Request-Id"]


def test_the_key_of_a_conversation_is_not_logged_not_even_where_something_fails(application, tmp_path, logged, caplog):
    client = application(keep_days=30).test_client()
    where = client.get("/", query_string={"q": QUESTION}).location
    assert client.get(where).status_code == 200
    with connect(tmp_path).begin() as connection:
        connection.exec_driver_sql("DROP TABLE turns")
    assert client.get(where).status_code == 500
    key = where.split("/c/")[1].partition("#")[0]
    assert len(key) > 16
    assert [line["path"] for line in logged("web.requests")] == ["/", "/c/<key>", "/c/<key>"]
    failure, = logged("web.errors")
    assert "no such table: turns" in failure["traceback"]
    assert key not in caplog.text


def test_a_failure_of_the_records_does_not_tell_what_was_to_be_kept(service, tmp_path):
    records = connect(tmp_path)
    with records.begin() as connection:
        connection.exec_driver_sql("DROP TABLE questions")
    with pytest.raises(SQLAlchemyError) as failure:
        Questions(records).add(service.ask(QUESTION), "api")
    assert "云溪" not in str(failure.value)


def test_gunicorn_tells_of_no_queries():
    record = logging.makeLogRecord({"msg": "Error handling request %s %s", "args": ("GET", "/?q=%E4%BA%91&lang=zh")})
    assert Addresses().filter(record)
    assert record.getMessage() == "Error handling request GET /"
    loggers = configuration(as_json=True)["loggers"]
    assert loggers["gunicorn.error"]["filters"] == ["addresses"]
    assert loggers["gunicorn.access"]["level"] == "ERROR"


def test_lines_are_text_or_json(caplog):
    assert configuration(as_json=True)["formatters"]["line"] == {"()": JsonFormatter}
    record = logging.makeLogRecord({"name": "web", "levelname": "INFO", "msg": "%d 份", "args": (3,)})
    RequestId().filter(record)
    assert logging.Formatter(configuration(as_json=False)["formatters"]["line"]["format"]).format(record).endswith("INFO web -: 3 份")
    assert json.loads(JsonFormatter().format(record)) | {"time": ""} == {
        "time": "", "level": "INFO", "logger": "web", "request": "-", "message": "3 份"}
