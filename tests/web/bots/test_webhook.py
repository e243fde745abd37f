"""The generic webhook, called with real signatures."""

import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from qa.settings import SettingsError
from web.bots.reception import MAX_BODY
from web.bots.shape import FRESH

SECRET = "a secret between two"
QUESTION, FIGURE = "2021年云溪市生产总值是多少？", "1286.4亿元"


def signed(body: bytes, after: float = 0, secret: str = SECRET) -> dict:
    """The options of a call of the test client, signed so many seconds after now."""
    timestamp = str(int(time.time() + after))
    signature = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"data": body, "headers": {"X-Timestamp": timestamp, "X-Signature": signature}, "content_type": "application/json"}


def message(text: str = QUESTION, id: str = "m1", **fields) -> bytes:
    return json.dumps({"id": id, "person": "p1", "text": text, **fields}).encode()


@pytest.fixture
def app(bot_app):
    return bot_app(webhook_secret=SECRET)


def call(app, body: bytes, **options):
    return app.test_client().post("/bots/webhook", **signed(body, **options))


def test_a_question_is_answered_with_its_quote_and_a_link_to_it(app, counted):
    reply = call(app, message())
    assert reply.status_code == 200
    quote = reply.json["quotes"][0]
    assert FIGURE in quote["text"]
    assert quote["source"]["link"].startswith("https://qa.example.org/reports/")
    assert quote["source"]["link"].endswith("#quote")
    assert f"]({quote['source']['link']})" in reply.json["markdown"]
    assert quote["source"]["link"] in reply.json["text"]
    assert reply.json["to"] == "m1"
    assert app.test_client().get(quote["source"]["link"].removeprefix("https://qa.example.org")).status_code == 200
    assert counted(app) == {"answered": 1}


def test_a_call_is_answered_once(app, counted):
    body = message()
    assert [bool(call(app, body).data) for _ in range(4)] == [True, False, False, False]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: call(app, message(id="at once")).data, range(8)))
    assert sum(map(bool, replies)) == 1
    assert counted(app) == {"answered": 2, "repeated": 10}


@pytest.mark.parametrize("options", [
    {"after": -FRESH - 30}, {"after": FRESH + 30}, {"after": -time.time()}, {"secret": "another"}, {"secret": ""}])
def test_stale_and_forged_calls_are_refused(app, counted, options):
    reply = call(app, message(), **options)
    assert reply.status_code == 403
    assert reply.json["error"]["code"] == "call_refused"
    assert counted(app) == {"refused": 1}
    assert call(app, message()).json["quotes"]


def test_a_changed_body_or_time_is_refused(app):
    options = signed(message())
    assert app.test_client().post("/bots/webhook", **options | {"data": message("别的问题")}).status_code == 403
    headers = options["headers"]
    later = headers | {"X-Timestamp": str(int(headers["X-Timestamp"]) + 1)}
    assert app.test_client().post("/bots/webhook", **options | {"headers": later}).status_code == 403
    for signature in ("", "é", headers["X-Signature"][:-1]):
        assert app.test_client().post("/bots/webhook", **options | {"headers": headers | {"X-Signature": signature}}).status_code == 403
    assert app.test_client().post("/bots/webhook", data=message()).status_code == 403


@pytest.mark.parametrize("body", [
    b"", b"{", message()[:-3], b"[]", b"\xff\xfe", message(person=""), message(extra=1), message(addressed="yes"),
    b'{"id": "m1", "person": "p1"}'])
def test_a_damaged_body_is_refused(app, body):
    assert call(app, body).status_code == 403


def test_a_time_that_is_no_number_is_refused(app):
    body = message()
    for timestamp in ("nan", "inf", "soon"):
        signature = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        reply = app.test_client().post("/bots/webhook", data=body, headers={"X-Timestamp": timestamp, "X-Signature": signature})
        assert reply.status_code == 403


@pytest.mark.parametrize("size", [MAX_BODY, 2**20])
def test_a_large_body_is_refused(app, size):
    assert call(app, message("长" * size)).status_code == 413


def test_without_its_settings_there_is_no_bot(bot_app):
    assert bot_app().test_client().post("/bots/webhook", **signed(message())).status_code == 404


def test_a_template_writes_the_reply(bot_app, tmp_path):
    template = tmp_path / "reply.json"
    template.write_text('{"msgtype": "markdown", "content": {{ markdown|tojson }}, "id": "{{ message.id }}"}', encoding="utf-8")
    reply = call(bot_app(webhook_secret=SECRET, webhook_template=str(template)), message())
    assert reply.content_type == "application/json; charset=utf-8"
    assert reply.json["id"] == "m1"
    assert FIGURE in reply.json["content"]


def test_a_template_that_is_none_is_said(bot_app, tmp_path):
    (tmp_path / "broken.txt").write_text("{% if %}", encoding="utf-8")
    for name in ("broken.txt", "missing.txt"):
        with pytest.raises(SettingsError, match="不是可用的 Jinja 模板"):
            bot_app(webhook_secret=SECRET, webhook_template=str(tmp_path / name))


def test_replies_go_to_the_address_that_is_set_signed(bot_app, exchange, counted, eventually):
    app = bot_app(webhook_secret=SECRET, webhook_reply_url=f"{exchange.address}/replies")
    exchange.faults.extend([503, 0])
    reply = call(app, message())
    assert (reply.status_code, reply.data) == (200, b"")
    got = exchange.wait()
    assert got.path == "/replies"
    assert FIGURE in got.json["quotes"][0]["text"]
    expected = hmac.new(SECRET.encode(), got.headers["X-Timestamp"].encode() + b"." + got.body, hashlib.sha256).hexdigest()
    assert got.headers["X-Signature"] == expected
    eventually(lambda: counted(app) == {"sent": 1})


def test_a_reply_that_cannot_be_delivered_is_counted(bot_app, exchange, counted, eventually, caplog):
    app = bot_app(webhook_secret=SECRET, webhook_reply_url=f"{exchange.address}/replies?key=hidden")
    exchange.faults.extend([500] * 9)
    call(app, message())
    eventually(lambda: counted(app) == {"undelivered": 1})
    assert "status 500" in caplog.text
    assert "hidden" not in " ".join(record.getMessage() for record in caplog.records if record.name.startswith("web"))


def test_who_waits_too_long_is_told_to_come_back(app, slow, counted, monkeypatch):
    monkeypatch.setattr(app.extensions["reception"].find("webhook"), "seconds", 0.05)
    assert "请过一分钟再发一次" in call(app, message()).json["words"]
    slow()
    assert counted(app) == {"undelivered": 1}
