"""A WeChat official account, called as the platform calls it, in both modes."""

from itertools import count

import pytest
import xmltodict

QUESTION, FIGURE = "2021年云溪市生产总值是多少？", "1286.4亿元"
ids = count(1)


@pytest.fixture
def account(tencent):
    return tencent("/bots/wechat", "wx0123456789abcdef")


@pytest.fixture
def plain(bot_app, account):
    return bot_app(wechat_app_id=account.receiver, wechat_token=account.token)


@pytest.fixture
def sealed(bot_app, account, exchange):
    exchange.answers["/cgi-bin/stable_token"] = {"access_token": "t1", "expires_in": 7200}
    return bot_app(wechat_app_id=account.receiver, wechat_token=account.token, wechat_aes_key=account.key, wechat_secret="s3cret",
                   wechat_api=exchange.address)


def written(text: str = QUESTION, kind: str = "text", number: int | None = None, **fields) -> str:
    """A message to the account."""
    values = {"ToUserName": "gh_1", "FromUserName": "openid", "CreateTime": 1348831860, "MsgType": kind} | fields
    if kind == "text":
        values["Content"] = text
    if kind != "event":
        values["MsgId"] = next(ids) if number is None else number
    return xmltodict.unparse({"xml": values}, full_document=False)


def post(app, account, body: str, **options):
    """A call in plain mode."""
    query, _ = account.sealed("", **options)
    del query["msg_signature"]
    return app.test_client().post("/bots/wechat", query_string=query, data=body.encode())


def test_in_plain_mode_the_answer_is_plain(plain, account):
    said = xmltodict.parse(post(plain, account, written()).data)["xml"]
    assert (said["ToUserName"], said["FromUserName"], said["MsgType"]) == ("openid", "gh_1", "text")
    assert FIGURE in said["Content"]
    assert '<a href="https://qa.example.org/reports/' in said["Content"]


def test_in_encrypted_mode_the_answer_is_encrypted(sealed, account):
    said = account.said(account.call(sealed, written()))
    assert FIGURE in said["Content"]


def test_in_encrypted_mode_nothing_plain_is_taken(sealed, account):
    assert post(sealed, account, written()).status_code == 403


@pytest.mark.parametrize("options", [{"token": "another"}, {"after": -1000}])
def test_in_plain_mode_too_what_is_forged_or_stale_is_refused(plain, account, options):
    assert post(plain, account, written(), **options).status_code == 403


@pytest.mark.parametrize("body", ["", "<xml>", "<xml/>", '<!DOCTYPE x [<!ENTITY a "b">]><xml><FromUserName>&a;</FromUserName></xml>'])
def test_in_plain_mode_too_what_is_no_message_is_refused(plain, account, body):
    assert post(plain, account, body).status_code == 403


def test_three_calls_for_one_message_are_answered_once(sealed, account, counted):
    replies = [account.call(sealed, written(number=5)) for _ in range(3)]
    assert FIGURE in account.said(replies[0])["Content"]
    assert [reply.data for reply in replies[1:]] == [b"success"] * 2
    assert counted(sealed) == {"answered": 1, "repeated": 2}


def test_who_subscribes_is_greeted_and_other_events_are_not(sealed, account):
    assert "4 份报告" in account.said(account.call(sealed, written(kind="event", Event="subscribe")))["Content"]
    assert account.call(sealed, written(kind="event", Event="unsubscribe")).data == b"success"


def test_speech_is_taken_as_recognized_and_pictures_are_answered_in_words(sealed, account):
    assert FIGURE in account.said(account.call(sealed, written(kind="voice", Recognition=QUESTION)))["Content"]
    assert "只看得懂文字" in account.said(account.call(sealed, written(kind="image", PicUrl="x")))["Content"]


def test_a_late_answer_is_sent_once_as_a_customer_service_message(sealed, account, slow, exchange, counted, eventually):
    exchange.faults.extend([500, 200, 0, 429])
    assert [account.call(sealed, written(number=6)).data for _ in range(3)] == [b"success"] * 3
    slow()
    token = exchange.wait()
    assert (token.path, token.json) == ("/cgi-bin/stable_token", {
        "grant_type": "client_credential", "appid": account.receiver, "secret": "s3cret"})
    got = exchange.wait()
    assert got.path == "/cgi-bin/message/custom/send?access_token=t1"
    assert got.json["touser"] == "openid"
    assert FIGURE in got.json["text"]["content"]
    eventually(lambda: counted(sealed) == {"sent": 1, "repeated": 2})
    assert exchange.got.empty()


def test_without_customer_service_messages_who_waits_too_long_is_told(plain, account, slow, counted):
    said = xmltodict.parse(post(plain, account, written()).data)["xml"]
    assert "请过一分钟再发一次" in said["Content"]
    assert counted(plain) == {"undelivered": 1}
