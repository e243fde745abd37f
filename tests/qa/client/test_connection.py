"""The client on services that fail in the ways that services do."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from qa.client import ApiError, Client
from tests.qa.client.conftest import BROKEN_OFF, SECRET, SILENT

SUGGESTED = (200, {}, {"suggestions": ["去年新增就业多少？"], "later": 1})
BUSY = {"error": {"code": "too_many_requests", "message": "太频繁了。 Too often.", "detail": {}}}


def failed(call: Callable[[], object]) -> ApiError:
    """The error that a call ends in."""
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("fault", [BROKEN_OFF, (502, {}, "<h1>Bad Gateway</h1>"), (503, {}, BUSY), (429, {"Retry-After": "0"}, BUSY)])
def test_a_fault_that_passes_is_outlasted(played, client, fault):
    played.replies = [fault, fault, SUGGESTED]
    assert client.suggestions(limit=3) == ("去年新增就业多少？",)
    assert [path for _, path, _ in played.got] == ["/api/v1/suggestions?limit=3"] * 3
    assert {headers["Authorization"] for *_, headers in played.got} == {f"Bearer {SECRET}"}


def test_the_service_says_when_to_come_back(played, client, monkeypatch):
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    played.replies = [(429, {"Retry-After": "7"}, BUSY), SUGGESTED]
    assert client.suggestions()
    assert waits == [7]


def test_an_allowance_that_is_used_up_for_long_is_said_at_once(played, client):
    played.replies = [(429, {"Retry-After": "40000"}, BUSY)]
    error = failed(client.suggestions)
    assert (error.code, error.status, error.request_id, error.retry_after) == ("too_many_requests", 429, "abc-1", 40000)
    assert len(played.got) == 1


@pytest.mark.parametrize(("reply", "calls"), [
    ((400, {}, {"error": {"code": "question_empty", "message": "空。 Empty.", "detail": {"a": 1}}}), 1),
    ((503, {}, {"error": {"code": "question_empty", "message": "空。 Empty.", "detail": {"a": 1}}}), 4)])
def test_a_refusal_is_raised_as_it_was_said(played, client, reply, calls):
    played.replies = [reply]
    error = failed(client.suggestions)
    assert (error.code, error.message, error.detail, error.status) == ("question_empty", "空。 Empty.", {"a": 1}, reply[0])
    assert (str(error), error.request_id, error.retry_after) == ("空。 Empty.", "abc-1", None)
    assert len(played.got) == calls


@pytest.mark.parametrize("reply", [
    (200, {}, "<!doctype html><title>Welcome</title>"), (200, {}, []), (200, {}, {"suggestions": None}), (200, {}, {"answers": []}),
    (301, {"Location": "https://elsewhere.example.org/"}, ""), (404, {}, "<h1>Not Found</h1>"), (401, {}, {"error": "login"}),
    (400, {}, {"error": {"message": "other", "type": "x"}})])
def test_what_is_no_reply_of_this_api_is_said(played, client, reply):
    played.replies = [reply]
    error = failed(client.suggestions)
    assert (error.code, error.status) == ("unexpected_reply", reply[0])
    assert played.address in error.message
    assert len(played.got) == 1


@pytest.mark.parametrize("reply", [BROKEN_OFF, SILENT, (200, {"Content-Length": "999"}, "{")])
def test_a_service_that_does_not_answer_is_given_up(played, client, reply):
    played.replies = [reply]
    error = failed(client.suggestions)
    assert (error.code, error.status, error.request_id) == ("unreachable", 0, "")
    assert SECRET not in f"{error} {error.detail} {error.__cause__}"
    assert len(played.got) == 4


@pytest.mark.parametrize(("fault", "calls"), [(BROKEN_OFF, 1), (SILENT, 1), ((502, {}, ""), 1), ((429, {}, BUSY), 4)])
def test_a_change_is_not_sent_again_where_it_may_have_arrived(played, client, fault, calls):
    played.replies = [fault]
    with pytest.raises(ApiError):
        client._service.call("POST", "/", {}, repeat=False)
    assert len(played.got) == calls


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://no such host", "ftp://127.0.0.1", "http://127.0.0.1:999999"])
def test_a_service_that_is_not_there_is_said(address):
    with Client(address, retries=0) as client:
        assert failed(client.suggestions).code == "unreachable"


def test_the_client_needs_urllib3_alone():
    source = "import sys; before = set(sys.modules); import qa.client; print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    loaded = set(subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout.split())
    optional = {"brotli", "_brotli", "brotlicffi", "zstandard", "backports", "h2", "socks"}  # urllib3 takes them where they are
    assert loaded - sys.stdlib_module_names - optional == {"qa", "corpus", "urllib3"}


def test_the_client_loads_nothing_that_answers():
    source = "import sys, qa.client; print(*(name for name in sys.modules if name.split('.')[0] in ('qa', 'corpus')))"
    loaded = set(subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout.split())
    assert {name for name in loaded if not name.startswith("qa.client")} == {
        "qa", "qa.answer", "qa.errors", "qa.filters", "corpus", "corpus.document", "corpus.mapping"}
