"""Answers told as events."""

import json
import time

import pytest
import urllib3

from web.app import create_app
from web.events import EVENTS, kept_alive
from web.replies import AnswerReply, ErrorReply, SearchReply

QUESTION = "2021年云溪市生产总值是多少？"
PASSING = ("id", "timings_ms")  # what is another each time


def told(text):
    """The events in a stream: name and data of each."""
    events = [dict(line.split(": ", 1) for line in block.split("\n")) for block in text.removesuffix("\n\n").split("\n\n")]
    return [(event["event"], json.loads(event["data"])) for event in events]


def followed(client, question=QUESTION, accept=EVENTS):
    return client.post("/api/v1/ask", json={"question": question}, headers={"Accept": accept})


def lasting(reply):
    return {name: value for name, value in reply.items() if name not in PASSING}


def test_the_passages_come_first_then_the_answer(client):
    response = followed(client)
    assert (response.status_code, response.mimetype) == (200, EVENTS)
    assert (response.headers["X-Accel-Buffering"], response.headers["Cache-Control"]) == ("no", "no-store")
    (first, passages), (second, answer), (last, nothing) = told(response.text)
    assert (first, second, last, nothing) == ("passages", "answer", "done", {})
    SearchReply.model_validate(passages)
    AnswerReply.model_validate(answer)
    assert lasting(passages) == lasting(client.post("/api/v1/search", json={"question": QUESTION}).json)
    assert lasting(answer) == lasting(followed(client, accept="application/json").json)


def test_an_answer_told_as_events_is_counted_and_can_be_judged(service):
    client = create_app(service, service.settings).test_client()
    answer = dict(told(followed(client).text))["answer"]
    assert 'reportqa_questions_total{surface="api"} 1.0' in client.get("/metrics").text
    assert client.post(f"/api/v1/answers/{answer['id']}/feedback", json={"verdict": 1}).status_code == 204


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", "application/json, text/event-stream", ""])
def test_others_get_json(client, accept):
    assert followed(client, accept=accept).mimetype == "application/json"


def test_what_is_refused_is_refused_before_the_events(client):
    response = followed(client, " ")
    assert (response.status_code, response.json["error"]["code"]) == (400, "question_empty")


def test_what_fails_later_is_the_last_event(service, monkeypatch, caplog):
    def fail(*_, **__):
        yield service.search(QUESTION)
        yield 1 / 0

    client = create_app(service, service.settings).test_client()
    monkeypatch.setattr(service, "follow", fail)
    (first, _), (last, body) = told(followed(client).text)
    assert (first, last) == ("passages", "error")
    assert ErrorReply.model_validate(body).error.code == "internal_error"
    assert body["error"]["detail"]["request_id"] in next(record.getMessage() for record in caplog.records if record.exc_info)
    assert QUESTION not in caplog.text
    assert 'reportqa_errors_total{code="internal_error"} 1.0' in client.get("/metrics").text


def test_what_takes_long_is_kept_alive():
    def slow():
        yield "first"
        time.sleep(0.3)
        yield "second"

    pieces = list(kept_alive(slow(), 0.05))
    assert [piece for piece in pieces if piece] == ["first", "second"]
    assert pieces[0] == "first" and pieces[-1] == "second"
    assert pieces.count(None) >= 2


def test_a_client_that_goes_away_leaves_the_service_answering(address):
    with urllib3.PoolManager() as pool:
        gone = pool.request("POST", f"{address}/api/v1/ask", json={"question": QUESTION}, headers={"Accept": EVENTS}, preload_content=False)
        assert gone.read(20) == b"event: passages\ndata"
        gone.close()
        assert pool.request("POST", f"{address}/api/v1/ask", json={"question": QUESTION}).json()["answered"] is True


def test_they_go_through_the_real_server(workers):
    events = told(workers().open("/api/v1/ask", {"question": QUESTION}, Accept=EVENTS))
    assert [name for name, _ in events] == ["passages", "answer", "done"]
