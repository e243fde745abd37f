"""The client where a service answers with events."""

import json
from itertools import islice

import pytest

from qa.client import ApiError, Job, JobFailed
from qa.client import client as module
from tests.qa.client.conftest import BROKEN_OFF, SILENT

TYPE = {"Content-Type": "text/event-stream; charset=utf-8"}
JOB = {"id": 7, "kind": "file", "subject": "报告.docx", "state": "waiting", "stages": {}, "message": None, "document_id": None,
       "document_ids": [], "created": "2026-01-05T08:00:00Z"}
ORDERED = Job.from_dict(JOB)
READING, DONE = {"state": "running", "stages": {"read": 12}}, {"state": "done", "document_ids": ["0123456789ab"]}


def event(**values):
    return f"event: job\ndata: {json.dumps(JOB | values, ensure_ascii=False)}\n\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(module, "AGAIN", 0)


def test_a_job_is_followed_to_its_end(played, client):
    text = "retry: 2000\n\n" + event(**READING) + ": still at it\n\n" + event(**DONE)
    played.replies = [(200, TYPE, text.replace("\n", "\r\n"))]
    reading, done = client.follow(ORDERED)
    assert (reading.stages, reading.ended, done.ended, done.document_ids) == ({"read": 12}, False, True, ("0123456789ab",))
    [(method, path, headers)] = played.got
    assert (method, path, headers["Accept"]) == ("GET", "/api/v1/jobs/7", "text/event-stream")


def test_data_may_stand_on_several_lines(played, client):
    played.replies = [(200, TYPE, "\n".join(f"data:{line}" for line in json.dumps(JOB | DONE, indent=1).splitlines()) + "\n\n")]
    assert client.wait(ORDERED).document_ids == ("0123456789ab",)


def test_a_connection_that_breaks_off_is_taken_up_again(played, client):
    broken = (200, TYPE, [event(**READING), "event: job\ndata: {\"id\"", BROKEN_OFF])
    alone = (200, TYPE, event(**READING))  # where too many follow already
    played.replies = [broken, alone, (200, TYPE, event(**DONE))]
    assert [job.state for job in client.follow(ORDERED)] == ["running", "running", "done"]


def test_an_event_is_there_before_the_next(played, client):
    played.replies = [(200, TYPE, [event(**READING), SILENT])]
    assert [job.state for job in islice(client.follow(ORDERED), 1)] == ["running"]


def test_a_job_that_failed_says_why(played, client):
    played.replies = [(200, TYPE, event(state="failed", message="读不了。 It cannot be read."))]
    with pytest.raises(JobFailed, match="It cannot be read") as caught:
        client.wait(ORDERED)
    assert caught.value.job.id == 7


@pytest.mark.parametrize(("reply", "code"), [
    ((200, TYPE, 'event: error\ndata: {"error": {"code": "job_not_found", "message": "没有。 None.", "detail": {}}}\n\n'), "job_not_found"),
    ((404, {}, {"error": {"code": "job_not_found", "message": "没有。 None.", "detail": {}}}), "job_not_found"),
    ((200, {}, JOB), "unexpected_reply"), ((200, TYPE, "data: <html>\n\n"), "unexpected_reply"), ((200, TYPE, "data: {}\n\n"), "unexpected_reply"),
    ((200, TYPE, [": nothing\n\n", BROKEN_OFF]), "unreachable"), ((200, TYPE, ": nothing\n\n"), "unexpected_reply")])
def test_what_goes_wrong_is_raised(played, client, reply, code):
    played.replies = [reply]
    with pytest.raises(ApiError) as caught:
        list(client.follow(ORDERED))
    assert caught.value.code == code
