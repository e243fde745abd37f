"""Who waits for an answer and who is acknowledged at once; what is not there."""

from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest

from web.bots.wecom import Wecom
from web.logs import RequestId


def written(number: int) -> str:
    return (f"<xml><ToUserName>corp</ToUserName><FromUserName>p{number}</FromUserName><MsgId>{number}</MsgId>"
            "<MsgType>text</MsgType><Content>2021年云溪市生产总值是多少？</Content></xml>")


@pytest.fixture
def wecom(tencent):
    return tencent("/bots/wecom", "corp")


@pytest.fixture
def app(bot_app, wecom, exchange):
    exchange.answers["/cgi-bin/gettoken"] = {"access_token": "t1", "expires_in": 7200}
    return bot_app(wecom_corp_id="corp", wecom_agent_id="1", wecom_secret="s", wecom_token=wecom.token, wecom_aes_key=wecom.key,
                   wecom_api=exchange.address, threads=2)


def test_who_comes_while_others_wait_is_acknowledged_at_once_and_answered_later(
        app, wecom, slow, exchange, counted, eventually, monkeypatch):
    monkeypatch.setattr(Wecom, "seconds", 25)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(wecom.call, app, written(1))
        eventually(lambda: app.extensions["reception"].pending == 1)
        assert wecom.call(app, written(2)).data == b""
        assert not first.done()
        slow()
        assert "1286.4亿元" in wecom.said(first.result())["Content"]
    assert "gettoken" in exchange.wait().path
    assert exchange.wait().json["touser"] == "p2"
    eventually(lambda: counted(app) == {"answered": 1, "sent": 1})
    assert "1286.4亿元" in wecom.said(wecom.call(app, written(3)))["Content"]


def test_in_the_end_the_replies_that_are_due_are_made_and_sent(app, wecom, slow, counted):
    for number in range(5):
        assert wecom.call(app, written(number)).data == b""
    closing = Thread(target=app.extensions["reception"].close)
    closing.start()
    slow()
    closing.join(30)
    assert counted(app) == {"sent": 5}


def test_a_bug_in_sending_is_logged_and_counted(app, wecom, slow, counted, eventually, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(Wecom, "send", fail)
    wecom.call(app, written(1))
    slow()
    eventually(lambda: counted(app) == {"undelivered": 1})
    assert "a bug" in caplog.text


def test_what_goes_wrong_after_the_response_is_logged_with_the_id_of_the_call(app, wecom, slow, exchange, counted, eventually, monkeypatch, caplog):
    monkeypatch.setattr(caplog.handler, "filters", [RequestId()])
    exchange.answers["/cgi-bin/gettoken"] = {"errcode": 40013, "errmsg": "invalid corpid"}
    ids = [wecom.call(app, written(number)).headers["X-Request-Id"] for number in range(3)]
    slow()
    eventually(lambda: counted(app) == {"undelivered": 3})
    assert sorted(record.request for record in caplog.records if "not delivered" in record.message) == sorted(ids)


def test_there_are_no_other_bots(app):
    for name in ("telepathy", "webhook", "Wecom", "..", ""):
        assert app.test_client().post(f"/bots/{name}").status_code == 404
