"""Signature and encryption of Feishu, against its own SDK and its published example; attacks on the bot."""

import json
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.settings import Settings
from web.bots.feishu import Feishu
from web.bots.outgoing import Outgoing
from web.bots.shape import FRESH, Call, Refused

PUBLISHED = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="  # “hello world” with the key “test key”
KEY, TOKEN = "test key", "a verification token"
QUESTION = "2021年云溪市生产总值是多少？"


@pytest.fixture(scope="module")
def lark():
    """Feishu's SDK; it takes seconds to load."""
    import lark_oapi

    return lark_oapi


@pytest.fixture(scope="module")
def bot():
    return Feishu(Settings(feishu_app_id="cli_1", feishu_app_secret="s", feishu_encrypt_key=KEY, feishu_verification_token=TOKEN),
                  Outgoing())


@pytest.fixture
def app(bot_app, feishu):
    return bot_app(**feishu.settings)


def post(app, body, headers):
    return app.test_client().post("/bots/feishu", data=body, headers=headers)


def test_the_published_example(bot):
    assert bot._decrypt(PUBLISHED) == b"hello world"


def test_feishus_sdk_decrypts_what_is_encrypted_here(bot, lark):
    cipher = lark.AESCipher(KEY)
    for text in ("", "报告", "x" * 15, "x" * 16, QUESTION * 50):
        assert cipher.decrypt_str(bot.encrypt(text)) == text
        assert bot._decrypt(bot.encrypt(text)).decode() == text


def test_feishus_sdk_takes_the_calls_that_the_tests_and_the_check_make(bot, feishu, lark):
    heard = []

    def take(key, token, body, headers):
        request = lark.RawRequest()
        request.uri, request.body, request.headers = feishu.path, body, headers
        handler = lark.EventDispatcherHandler.builder(key, token).register_p2_im_message_receive_v1(heard.append) \
            .register_p2_card_action_trigger(lambda event: heard.append(event) or {}).build()
        return handler.do(request)

    for event in (feishu.message(QUESTION), feishu.pressed({"ask": QUESTION})):
        body = feishu.sealed(event)
        assert take(feishu.key, feishu.token, body, feishu.headers(body)).status_code == 200
        assert take(feishu.key, feishu.token, body, feishu.headers(body, key="another")).status_code == 500
    assert json.loads(heard[0].event.message.content)["text"] == QUESTION
    assert heard[1].event.action.value == {"ask": QUESTION}
    call, words = bot.probe()
    assert json.loads(take(KEY, TOKEN, call.body, call.headers).content) == {"challenge": words}


@given(st.binary(max_size=200), st.booleans())
def test_nothing_but_what_was_encrypted_is_taken(bot, data, signed):
    """Also where whoever sends it knows how to sign."""
    whole = bot.encrypt(json.dumps({"header": {"token": TOKEN, "event_type": "x"}, "event": {}}))
    for sealed in (data.hex(), data.decode("latin-1"), b64encode(data).decode(), whole[:len(data)] + whole[len(data) + 4:]):
        body = json.dumps({"encrypt": sealed}).encode()
        call = bot.probe()[0]
        headers = call.headers | ({"X-Lark-Signature": bot.sign(call.headers["X-Lark-Request-Timestamp"],
                                                                call.headers["X-Lark-Request-Nonce"], body)} if signed else {})
        with pytest.raises(Refused):
            bot.receive(Call("POST", {}, headers, body))


def test_the_check_of_the_address_is_answered(app, feishu):
    asked = {"challenge": "ajls384kdjx98XX", "token": feishu.token, "type": "url_verification"}
    reply = post(app, feishu.sealed(asked), {})
    assert (reply.status_code, reply.json) == (200, {"challenge": "ajls384kdjx98XX"})
    for body in (feishu.sealed(asked | {"token": "another"}), feishu.sealed(asked, "another key"), json.dumps(asked).encode()):
        assert post(app, body, {}).status_code == 403


def test_stale_and_forged_calls_are_refused(app, feishu, exchange, counted):
    for event in (feishu.message(QUESTION), feishu.pressed({"unhelpful": "a"})):
        body = feishu.sealed(event)
        for headers in (feishu.headers(body, -FRESH - 30), feishu.headers(body, FRESH + 30), feishu.headers(body, key="another"), {},
                        feishu.headers(body) | {"X-Lark-Request-Nonce": "another"}, feishu.headers(body) | {"X-Lark-Signature": "é"}):
            reply = post(app, body, headers)
            assert reply.status_code == 403
            assert reply.json["error"]["code"] == "call_refused"
        another = feishu.sealed(event, "another key")
        assert post(app, another, feishu.headers(another)).status_code == 403
    assert feishu.call(app, feishu.event("im.message.receive_v1", feishu.message(QUESTION)["event"], token="another")).status_code == 403
    assert counted(app) == {"refused": 15}
    assert exchange.got.empty()


def test_a_replayed_call_is_not_answered_again(app, feishu, counted, eventually):
    body = feishu.sealed(feishu.message(QUESTION))
    headers = feishu.headers(body)
    assert [post(app, body, headers).status_code for _ in range(3)] == [200] * 3
    eventually(lambda: counted(app) == {"sent": 1, "repeated": 2})


def test_a_call_that_is_cut_short_or_changed_is_refused(app, feishu):
    body = feishu.sealed(feishu.message(QUESTION))
    sealed = b64decode(json.loads(body)["encrypt"])
    for changed in (sealed[:-16], sealed[:-1], sealed[16:], sealed[:16], b"", sealed[:-1] + bytes([sealed[-1] ^ 1])):
        again = json.dumps({"encrypt": b64encode(changed).decode()}).encode()
        for headers in (feishu.headers(body), feishu.headers(again)):
            assert post(app, again, headers).status_code == 403
    for lacking in feishu.headers(body):
        assert post(app, body, {name: value for name, value in feishu.headers(body).items() if name != lacking}).status_code == 403


@pytest.mark.parametrize("content", [
    "", "[]", "null", "{}", '{"type": "url_verification"}', '{"header": {}, "event": {}}', "[" * 20_000,
    '{"header": {"token": 1}, "event": {}}', '{"type": "url_verification", "token": null, "challenge": 1}'])
def test_what_is_no_event_is_refused_outside_and_inside(app, feishu, content):
    assert post(app, content.encode(), feishu.headers(content.encode())).status_code == 403
    assert feishu.call(app, content).status_code == 403


@pytest.mark.parametrize("lacking", ["message_id", "chat_type", "message_type", "content"])
def test_a_message_that_is_not_whole_is_refused(app, feishu, lacking):
    event = feishu.message(QUESTION)
    del event["event"]["message"][lacking]
    assert feishu.call(app, event).status_code == 403


@pytest.mark.parametrize("fields", [
    {"content": "{"}, {"content": "{}"}, {"content": '{"text": 1}'}, {"mentions": [1], "chat_type": "group"}])
def test_a_message_that_is_not_what_it_says_is_refused(app, feishu, fields):
    assert feishu.call(app, feishu.message(QUESTION, **fields)).status_code == 403


def test_a_body_of_a_megabyte_is_refused(app, feishu):
    assert feishu.call(app, feishu.message("长" * 2**19)).status_code == 413


def test_without_its_settings_there_is_no_bot(bot_app, feishu):
    for lacking in feishu.settings.keys() - {"feishu_api"}:
        settings = {name: value for name, value in feishu.settings.items() if name != lacking}
        assert feishu.call(bot_app(**settings), feishu.message(QUESTION)).status_code == 404
