"""Signatures of Slack, against its own SDK and its published example; attacks on the bot."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from qa.settings import Settings
from web.bots.outgoing import Outgoing
from web.bots.shape import FRESH, Call, Refused
from web.bots.slack import Slack

QUESTION = "2021年云溪市生产总值是多少？"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
PUBLISHED = (b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
             b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
             b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121"
             b".803a0bc887a14d10d2c447fce8b6703c")


@pytest.fixture(scope="module")
def bot():
    return Slack(Settings(slack_signing_secret=SECRET, slack_bot_token="xoxb-1"), Outgoing())


@pytest.fixture
def app(bot_app, slack):
    return bot_app(**slack.settings)


def post(app, body, headers):
    return app.test_client().post("/bots/slack", data=body, headers=headers)


def test_the_published_example(bot):
    assert bot.sign("1531420618", PUBLISHED) == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def test_slacks_sdk_takes_the_call_that_the_check_makes(bot):
    call, _ = bot.probe()
    assert SignatureVerifier(SECRET).is_valid_request(call.body, call.headers)
    assert not SignatureVerifier("another").is_valid_request(call.body, call.headers)


@given(st.binary(max_size=200), st.booleans())
def test_nothing_but_what_slack_sends_is_taken(bot, data, form):
    """Also where whoever sends it knows how to sign."""
    headers = bot.probe()[0].headers
    for body in (data, data.hex().encode(), json.dumps({"type": "event_callback", "event": data.hex()}).encode(),
                 b"payload=" + data, b"payload=%7B%7D&text=" + data):
        signed = headers | {"X-Slack-Signature": bot.sign(headers["X-Slack-Request-Timestamp"], body)}
        for sent in (headers, signed | ({"Content-Type": "application/x-www-form-urlencoded"} if form else {})):
            with pytest.raises(Refused):
                bot.receive(Call("POST", {}, sent, body))


def test_the_check_of_the_address_is_answered(app, slack):
    asked = {"type": "url_verification", "token": "t", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}
    reply = slack.call(app, asked)
    assert (reply.status_code, reply.json) == (200, {"challenge": asked["challenge"]})
    assert post(app, json.dumps(asked), {"Content-Type": "application/json"}).status_code == 403


def test_stale_and_forged_calls_are_refused(app, slack, exchange, counted):
    contents = (slack.message(QUESTION), slack.command(QUESTION), slack.pressed({"action_id": "unhelpful", "value": "a"}))
    for content in contents:
        body, headers = slack.signed(content)
        for refused in (
                slack.signed(content, after=-FRESH - 30)[1], slack.signed(content, after=FRESH + 30)[1], {},
                slack.signed(content, secret="another")[1], headers | {"X-Slack-Signature": "é"},
                headers | {"X-Slack-Signature": headers["X-Slack-Signature"].removeprefix("v0=")},
                headers | {"X-Slack-Request-Timestamp": str(int(headers["X-Slack-Request-Timestamp"]) + 1)}):
            reply = post(app, body, headers | refused if refused else {"Content-Type": headers["Content-Type"]})
            assert reply.status_code == 403
            assert reply.json["error"]["code"] == "call_refused"
    assert counted(app) == {"refused": 21}
    assert exchange.got.empty()


@pytest.mark.parametrize("timestamp", ["", "nan", "inf", "now", "1e400", "-1"])
def test_a_call_that_was_signed_at_no_time_is_refused(app, slack, timestamp):
    body, headers = slack.signed(slack.message(QUESTION))
    signature = SignatureVerifier(slack.secret).generate_signature(timestamp=timestamp, body=body)
    assert post(app, body, headers | {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}).status_code == 403


@pytest.mark.parametrize("kind", ["message", "command"])
def test_a_replayed_call_is_not_answered_again(app, slack, counted, eventually, kind):
    body, headers = slack.signed(getattr(slack, kind)(QUESTION))
    assert [post(app, body, headers).status_code for _ in range(3)] == [200] * 3
    eventually(lambda: counted(app) == {"sent": 1, "repeated": 2})


def test_a_call_that_is_cut_short_or_changed_is_refused(app, slack):
    body, headers = slack.signed(slack.message(QUESTION))
    for changed in (body[:-1], body[1:], body.replace(b"U_ZHANG", b"U_ZHONG"), b"", body + b" "):
        assert post(app, changed, headers).status_code == 403
    for cut in (body[:-1], body[:100], body[1:]):
        assert slack.call(app, cut).status_code == 403


@pytest.mark.parametrize("content", [
    "", "[]", "null", "{}", "1", '"text"', "[" * 20_000, '{"type": "url_verification"}', '{"type": "event_callback"}',
    '{"type": "event_callback", "event": {}, "event_id": "Ev1"}', '{"type": "event_callback", "event": 1, "event_id": "Ev1"}'])
def test_what_is_no_event_is_refused(app, slack, content):
    assert slack.call(app, content).status_code == 403


@pytest.mark.parametrize("form", [
    {}, {"payload": ""}, {"payload": "[]"}, {"payload": "[" * 20_000}, {"payload": "{}"}, {"payload": '{"type": "block_actions"}'},
    {"payload": '{"type": "block_actions", "actions": []}'}, {"text": "x"}])
def test_what_is_no_form_is_refused(app, slack, form):
    assert slack.call(app, form).status_code == 403


@pytest.mark.parametrize("lacking", ["user", "text", "channel", "ts"])
def test_an_event_that_is_not_whole_is_refused(app, slack, lacking):
    content = slack.mention(QUESTION)
    del content["event"][lacking]
    assert slack.call(app, content).status_code == 403


@pytest.mark.parametrize("lacking", ["user_id", "text", "channel_id", "response_url", "trigger_id"])
def test_a_command_that_is_not_whole_is_refused(app, slack, lacking):
    assert slack.call(app, {name: value for name, value in slack.command(QUESTION).items() if name != lacking}).status_code == 403


@pytest.mark.parametrize("fields", [{"text": 1}, {"text": None}, {"channel": 1}])
def test_an_event_that_is_not_what_it_says_is_refused(app, slack, fields):
    content = slack.message(QUESTION)
    content["event"] |= fields
    assert slack.call(app, content).status_code == 403


@pytest.mark.parametrize("kind", ["message", "command"])
def test_a_body_of_a_megabyte_is_refused(app, slack, kind):
    assert slack.call(app, getattr(slack, kind)("长" * 2**19)).status_code == 413


def test_without_its_settings_there_is_no_bot(bot_app, slack):
    for lacking in ("slack_signing_secret", "slack_bot_token"):
        settings = {name: value for name, value in slack.settings.items() if name != lacking}
        assert slack.call(bot_app(**settings), slack.message(QUESTION)).status_code == 404
