"""The signature of DingTalk's calls, its SDK on the calls of the tests, and attacks on the bot."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.settings import Settings
from web.bots.dingtalk import Dingtalk
from web.bots.outgoing import Outgoing
from web.bots.shape import FRESH, Call, Refused

QUESTION = "2021年云溪市生产总值是多少？"


@pytest.fixture(scope="module")
def bot():
    return Dingtalk(Settings(dingtalk_client_secret="s3cret"), Outgoing())


@pytest.fixture
def app(bot_app, dingtalk):
    return bot_app(**dingtalk.settings)


def post(app, body, headers):
    return app.test_client().post("/bots/dingtalk", data=body, headers=headers)


def test_the_signature_is_openssls(bot):
    """``printf '1577262236757\\ns3cret' | openssl dgst -sha256 -hmac s3cret -binary | base64``"""
    assert bot.sign("1577262236757") == "kGWPWdO4pPKPAetp88vRam+L8XaXGZ3P24GG1vV6n1c="


def test_dingtalks_sdk_reads_the_messages_that_the_tests_send(dingtalk):
    from dingtalk_stream import ChatbotMessage

    got = ChatbotMessage.from_dict(dingtalk.message(QUESTION, dingtalk.group))
    assert (got.text.content, got.conversation_type, got.is_in_at_list) == (f" {QUESTION}", "2", True)
    assert (got.sender_staff_id, got.conversation_id, got.session_webhook) == (dingtalk.person, dingtalk.group, dingtalk.address)
    assert got.extensions.keys() == {"text"}


def test_stale_and_forged_calls_are_refused(app, dingtalk, exchange, counted):
    body = json.dumps(dingtalk.message(QUESTION)).encode()
    later = dingtalk.headers(1)["timestamp"]
    for headers in (dingtalk.headers(-FRESH - 30), dingtalk.headers(FRESH + 30), dingtalk.headers(secret="another"), {},
                    dingtalk.headers() | {"timestamp": later}, dingtalk.headers() | {"sign": "é"}):
        reply = post(app, body, headers)
        assert reply.status_code == 403
        assert reply.json["error"]["code"] == "call_refused"
    assert counted(app) == {"refused": 6}
    assert exchange.got.empty()


@pytest.mark.parametrize("timestamp", ["", "x", "nan", "inf", "-1", "1e400", "１"])
def test_a_time_that_is_none_is_refused_however_it_is_signed(app, bot, dingtalk, timestamp):
    headers = {"timestamp": timestamp.encode().decode("latin-1"), "sign": bot.sign(timestamp.encode().decode("latin-1"))}
    assert post(app, json.dumps(dingtalk.message(QUESTION)).encode(), headers).status_code == 403


def test_a_replayed_call_is_not_answered_again(app, dingtalk, counted, eventually):
    body, headers = json.dumps(dingtalk.message(QUESTION)).encode(), dingtalk.headers()
    assert [post(app, body, headers).status_code for _ in range(3)] == [200] * 3
    eventually(lambda: counted(app) == {"sent": 1, "repeated": 2})


def test_a_call_that_is_cut_short_is_refused(app, dingtalk):
    body = json.dumps(dingtalk.message(QUESTION)).encode()
    for length in range(0, len(body), 50):
        assert post(app, body[:length], dingtalk.headers()).status_code == 403
    for lacking in ("timestamp", "sign"):
        assert post(app, body, {name: value for name, value in dingtalk.headers().items() if name != lacking}).status_code == 403


@pytest.mark.parametrize("body", ["", "[]", "null", "{}", "5", "[" * 20_000, '{"conversationType": "1"}'])
def test_what_is_no_message_is_refused(app, dingtalk, body):
    assert post(app, body.encode(), dingtalk.headers()).status_code == 403


@pytest.mark.parametrize("fields", [
    {"msgId": 5}, {"msgId": None}, {"senderStaffId": ["x"]}, {"conversationType": "2", "conversationId": {}}, {"text": "x"}, {"text": {}},
    {"text": {"content": 1}}, {"sessionWebhookExpiredTime": "soon"}, {"sessionWebhookExpiredTime": None}, {"msgtype": "richText"},
    {"msgtype": "richText", "content": {"richText": [5]}}, {"msgtype": "audio", "content": {"recognition": 1}}])
def test_a_message_that_is_not_what_it_says_is_refused(app, dingtalk, fields):
    assert dingtalk.call(app, dingtalk.message(QUESTION) | fields).status_code == 403


@pytest.mark.parametrize("lacking", ["msgId", "conversationType", "msgtype", "text"])
def test_a_message_that_is_not_whole_is_refused(app, dingtalk, lacking):
    message = dingtalk.message(QUESTION)
    del message[lacking]
    assert dingtalk.call(app, message).status_code == 403


@given(st.binary(max_size=200))
def test_bytes_are_a_message_or_refused(bot, data):
    call, _ = bot.probe()
    with pytest.raises(Refused):
        bot.receive(Call("POST", {}, call.headers, data))


def test_a_body_of_a_megabyte_is_refused(app, dingtalk):
    assert dingtalk.call(app, dingtalk.message("长" * 2**19)).status_code == 413


def test_without_its_secret_there_is_no_bot(bot_app, dingtalk):
    app = bot_app(dingtalk_client_id=dingtalk.client_id)
    assert dingtalk.call(app, dingtalk.message(QUESTION)).status_code == 404
