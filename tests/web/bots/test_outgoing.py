"""Calls to a platform that fails in the ways that platforms do."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from web.bots import outgoing
from web.bots.outgoing import Outgoing, Token, Undelivered


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(outgoing, "BACKOFF", 0.01)
    monkeypatch.setattr(outgoing, "READ", 0.5)


def test_what_is_sent_arrives(exchange):
    exchange.answers["/say"] = {"said": "好"}
    assert Outgoing().post(f"{exchange.address}/say", {"text": "你好"}, {"Authorization": "Bearer 1"}) == {"said": "好"}
    got = exchange.wait()
    assert (got.json, got.headers["Authorization"]) == ({"text": "你好"}, "Bearer 1")
    assert Outgoing().get(f"{exchange.address}/say", {"key": "a b"}) == {"said": "好"}
    assert exchange.wait().path == "/say?key=a+b"


@pytest.mark.parametrize("fault", [0, 429, 500, 502, 503, 504])
def test_a_fault_that_passes_is_outlasted(exchange, fault):
    exchange.faults.extend([fault] * 3)
    assert Outgoing().post(exchange.address, {}) == {"errcode": 0}
    assert not exchange.faults


@pytest.mark.parametrize(("fault", "left"), [(0, 2), (503, 2), (400, 5), (404, 5), (302, 5)])
def test_a_fault_that_stays_is_given_up_without_naming_the_address(exchange, fault, left):
    exchange.faults.extend([fault] * 6)
    with pytest.raises(Undelivered) as caught:
        Outgoing().get(exchange.address, {"secret": "hidden"})
    assert len(exchange.faults) == left
    assert "hidden" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("body", "code"), [
    ({"code": 230002}, 230002), ({"code": "230002"}, 230002), ({"code": "Forbidden.Qps"}, "Forbidden.Qps"),
    ({"code": "with a secret"}, 0), ({"code": -1}, 0), ({}, 0), ([], 0)])
def test_the_code_in_the_body_of_an_error_is_kept(exchange, body, code):
    exchange.answers["/"] = (400, body)
    with pytest.raises(Undelivered, match="status 400") as caught:
        Outgoing().post(exchange.address, {})
    assert caught.value.code == code


def test_a_platform_that_is_silent_is_given_up(exchange):
    exchange.answers["/"] = lambda got: outgoing.time.sleep(1)
    with pytest.raises(Undelivered, match="cannot be reached"):
        Outgoing().post(exchange.address, {})


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://no such host/"])
def test_a_platform_that_is_not_there_is_given_up(address):
    with pytest.raises(Undelivered, match="cannot be reached"):
        Outgoing().post(address, {})


def test_an_answer_that_is_no_object_is_refused(exchange):
    exchange.answers["/"] = ["a list"]
    with pytest.raises(Undelivered, match="JSON object"):
        Outgoing().post(exchange.address, {})


def test_a_token_is_fetched_once_by_all_threads_and_again_when_it_is_dropped():
    fetched = []
    token = Token(lambda: (fetched.append(1) or str(len(fetched)), 7200))
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: token.value(), range(50))) == {"1"}
    token.drop("another")
    assert token.value() == "1"
    token.drop("1")
    assert token.value() == "2"


def test_a_token_is_fetched_anew_before_it_ends(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(outgoing.time, "monotonic", lambda: clock[0])
    fetched = []
    token = Token(lambda: (fetched.append(1) or str(len(fetched)), 7200))
    assert token.value() == "1"
    clock[0] += 7200 - outgoing.MARGIN - 1
    assert token.value() == "1"
    clock[0] += 2
    assert token.value() == "2"
