"""Jobs as programs follow them, to the end: done by a real worker, after which the service answers from what came of them."""

import json
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from qa.service import AnswerService
from qa.settings import Settings
from web.app import create_app
from web.records.jobs import ADDRESS
from web.records.keys import READ, WRITE
from web.replies import JobReply

DOCUMENTS = "/api/v1/documents"
QUESTION = {"question": "2021年云溪港货物吞吐量是多少？"}
PATIENCE = 60  # seconds, for what takes far less


def harbour(amount):
    return f"2021年，云溪港完成货物吞吐量{amount}万吨，比上年增长一成。"


class Program:
    """One that holds a key, at a server's address."""

    def __init__(self, address, secret):
        self._address, self._headers = urlsplit(address).netloc, {"Authorization": f"Bearer {secret}"}

    def open(self, method, path, body=None, **headers):
        connection = HTTPConnection(self._address, timeout=PATIENCE)
        content = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), self._headers | content | headers)
        return connection.getresponse()

    def call(self, method, path, body=None):
        with self.open(method, path, body) as response:
            return response.status, json.loads(response.read())

    def change(self, method, path, body=None):
        """Have something changed, follow the job, and give the last that is said of it, and the states it went through."""
        status, reply = self.call(method, path, body)
        assert status == 202
        with self.open("GET", reply["jobs"][0]["url"], Accept="text/event-stream") as response:
            assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
            said = list(events(response.read().decode()))
        return said[-1][1], [name for name, _ in said]

    def ask(self):
        return self.call("POST", "/api/v1/ask", QUESTION)[1]["answer"] or ""


def events(text):
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in lines:
            yield lines["event"], json.loads(lines["data"])


@pytest.fixture
def program(tmp_path, tiny_reports, serve):
    """A program, at a server on a home of its own with the model that ships, which a worker can load."""
    settings = Settings(home=tmp_path / "data", threshold=0)
    AnswerService.index(settings, [tiny_reports])
    app = create_app(AnswerService.open(settings), settings)
    _, secret = app.extensions["desk"].keys.create("办公系统", ["ask", READ, WRITE])
    return Program(serve(app), secret)


@pytest.fixture
def headers(desk):
    key, secret = desk.keys.create("办公系统", [WRITE])
    yield {"Authorization": f"Bearer {secret}"}
    desk.keys.revoke(key.id)


def test_a_document_answers_from_when_its_job_is_done_until_it_is_taken_away(program):
    job, states = program.change("POST", DOCUMENTS, {"title": "云溪港统计公报", "text": harbour(810), "issuer": "云溪港", "report_year": 2021})
    assert states[0] in ("waiting", "running") and states[-1] == job["state"] == "done"
    assert list(job["stages"]) == ["read", "repaired", "cut", "embedded", "indexed"]
    [document_id] = job["document_ids"]
    assert "810万吨" in program.ask()
    document = program.call("GET", f"{DOCUMENTS}/{document_id}")[1]
    assert (document["title"], document["issuer"], document["text"]) == ("云溪港统计公报", "云溪港", harbour(810))

    job, _ = program.change("PUT", f"{DOCUMENTS}/{document_id}", {"title": "云溪港统计公报（修订）", "text": harbour(835)})
    assert (job["state"], job["document_ids"]) == ("done", [document_id])
    assert "835万吨" in program.ask()
    document = program.call("GET", f"{DOCUMENTS}/{document_id}")[1]
    assert (document["title"], document["issuer"]) == ("云溪港统计公报（修订）", "云溪港")

    assert program.change("PATCH", f"{DOCUMENTS}/{document_id}", {"region": "云溪市", "issuer": None})[0]["state"] == "done"
    document = program.call("GET", f"{DOCUMENTS}/{document_id}")[1]
    assert (document["region"], document["issuer"]) == ("云溪市", None)

    assert program.change("DELETE", f"{DOCUMENTS}/{document_id}")[0]["state"] == "done"
    assert "万吨" not in program.ask()
    assert program.call("GET", f"{DOCUMENTS}/{document_id}")[0] == 404
    assert program.change("POST", f"{DOCUMENTS}/{document_id}/restore")[0]["state"] == "done"
    assert "835万吨" in program.ask()


def test_what_cannot_be_taken_in_says_why_in_words(program):
    first = program.change("POST", DOCUMENTS, {"title": "云溪港统计公报", "text": harbour(810)})[0]
    again = program.change("POST", DOCUMENTS, {"title": "云溪港统计公报", "text": harbour(810)})[0]
    assert (again["state"], again["document_ids"]) == ("failed", first["document_ids"])
    assert "完全相同" in again["message"] and "same content" in again["message"]
    status, page = program.call("GET", "/api/v1/jobs?limit=1")
    assert (status, page["total"], page["jobs"]) == (200, 2, [again])
    assert program.call("GET", again["url"]) == (200, again)


def following(client, desk, headers, path="", accept="text/event-stream"):
    """A job that nobody does, and what is said of it, piece by piece."""
    job_id = desk.jobs.add(ADDRESS, "https://a.example/1", "admin", url="https://a.example/1")
    response = client.get(f"/api/v1/jobs/{job_id}{path}", headers=headers | {"Accept": accept})
    assert (response.status_code, response.mimetype, response.headers["X-Accel-Buffering"]) == (200, "text/event-stream", "no")
    return job_id, response, response.iter_encoded()


def said(pieces):
    [(name, job)] = events(next(pieces).decode())
    return name, job["state"], job["stages"], job["message"]


@pytest.mark.parametrize(("path", "accept"), [("", "text/event-stream"), ("/events", "*/*")])
def test_a_job_is_followed_stage_by_stage_until_it_ends(client, desk, headers, path, accept):
    job_id, response, pieces = following(client, desk, headers, path, accept)
    assert next(pieces) == b"retry: 2000\n\n"
    assert said(pieces) == ("waiting", "waiting", {}, None)
    desk.jobs.take()
    desk.jobs.reach(job_id, "fetched", 12)
    assert said(pieces) == ("running", "running", {"fetched": 12}, None)
    desk.jobs.finish(job_id, message="连不上", failed=True)
    assert said(pieces) == ("failed", "failed", {"fetched": 12}, "连不上")
    assert list(pieces) == []


def test_the_connection_is_kept_while_nothing_happens(client, desk, headers, monkeypatch):
    monkeypatch.setattr("web.progress.QUIET", 0)
    _, response, pieces = following(client, desk, headers)
    assert [next(pieces)[:1] for _ in range(4)] == [b"r", b"e", b":", b":"]
    response.close()


def test_few_may_follow_at_once_and_the_others_are_told_once(client, desk, headers, monkeypatch):
    places = desk.settings.threads // 2
    followed = [following(client, desk, headers) for _ in range(places)]
    for _, _, pieces in followed:
        next(pieces)
    assert [piece[:6] for piece in following(client, desk, headers)[2]] == [b"retry:", b"event:"]
    followed.pop()[1].close()
    assert desk.followers.acquire(blocking=False)
    desk.followers.release()
    for _, response, _ in followed:
        response.close()


def test_a_job_that_is_forgotten_meanwhile_ends_with_an_error(client, desk, headers):
    job_id, _, pieces = following(client, desk, headers)
    assert said(iter([next(pieces) + next(pieces)]))[0] == "waiting"
    desk.jobs.finish(job_id)
    desk.jobs.forget(-1)
    [(name, body)] = events(b"".join(pieces).decode())
    assert (name, body["error"]["code"]) == ("error", "job_not_found")


def test_every_field_of_a_job_is_documented():
    text = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    assert {field for field in JobReply.model_fields if f"`{field}`" not in text} == set()


@pytest.mark.parametrize("path", ["", "/1", "/1/events"])
def test_nobody_sees_jobs_without_a_key_that_may_write(client, desk, path):
    assert client.get(f"/api/v1/jobs{path}").status_code == 401
    key, secret = desk.keys.create("只读", [READ])
    assert client.get(f"/api/v1/jobs{path}", headers={"X-Api-Key": secret}).status_code == 403
    desk.keys.revoke(key.id)


@pytest.mark.parametrize("path", ["/987654321", "/987654321/events", "/99999999999999999999", "/x"])
def test_an_unknown_job_is_not_found(client, headers, path):
    assert client.get(f"/api/v1/jobs{path}", headers=headers).status_code == 404
