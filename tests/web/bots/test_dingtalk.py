"""DingTalk: messages over HTTP and the cards they are answered with, called as the platform calls."""

import json
import time
from urllib.parse import unquote

import pytest

from qa.settings import Settings, SettingsError
from web.bots import outgoing
from web.bots.dingtalk import Dingtalk
from web.bots.outgoing import Outgoing, Undelivered
from web.bots.shape import Message, Reply

QUESTION, FIGURE = "2021年云溪市生产总值是多少？", "1286.4亿元"
TOKEN, ROBOT = "/v1.0/oauth2/accessToken", "/v1.0/robot/"
EXPIRED = {"address": "https://oapi.dingtalk.com/robot/sendBySession?session=1", "until": "0"}
WRITTEN, IN_GROUP = (Message("1", 0, "staff1", "问", group, facts=EXPIRED) for group in ("", "cidABC=="))


@pytest.fixture
def app(bot_app, dingtalk):
    return bot_app(**dingtalk.settings)


@pytest.fixture
def bot(dingtalk, monkeypatch):
    """The bot alone, which loses patience soon."""
    monkeypatch.setattr(outgoing, "BACKOFF", 0.01)
    monkeypatch.setattr(outgoing, "READ", 0.5)
    return Dingtalk(Settings(**dingtalk.settings), Outgoing())


def test_a_message_is_acknowledged_at_once_and_answered_with_a_card(app, dingtalk, slow, counted, eventually):
    reply = dingtalk.call(app, dingtalk.message(QUESTION))
    assert (reply.status_code, reply.json) == (200, {})
    slow()
    said = dingtalk.heard()
    assert said["msgtype"] == "actionCard"
    card = said["actionCard"]
    assert FIGURE in card["text"]
    assert card["title"] in card["text"].replace("\n", "")
    opening = card["btns"][0]
    assert opening["title"] == "打开报告"
    assert opening["actionURL"].startswith("https://qa.example.org/reports/")
    assert app.test_client().get(opening["actionURL"].removeprefix("https://qa.example.org")).status_code == 200
    eventually(lambda: counted(app) == {"sent": 1})


def test_a_message_is_answered_once(app, dingtalk, counted, eventually):
    message = dingtalk.message(QUESTION)
    for _ in range(3):
        assert dingtalk.call(app, message).json == {}
    eventually(lambda: counted(app) == {"sent": 1, "repeated": 2})


def test_in_a_group_it_answers_where_it_is_mentioned_and_says_what_it_answers(app, dingtalk, exchange, counted, eventually):
    dingtalk.call(app, dingtalk.message(QUESTION, dingtalk.group, isInAtList=False))
    dingtalk.call(app, dingtalk.message(QUESTION, dingtalk.group))
    text = dingtalk.heard()["actionCard"]["text"]
    assert text.startswith(f"**{QUESTION}**\n\n")
    assert FIGURE in text
    eventually(lambda: counted(app) == {"sent": 1})
    assert exchange.got.empty()


def test_mentions_are_no_part_of_a_question(app, dingtalk):
    rich = {"msgtype": "richText", "content": {"richText": [{"text": "@报告机器人"}, {"text": QUESTION}, {"downloadCode": "x"}]}}
    for message in (dingtalk.message(f"@张三 {QUESTION}", dingtalk.group), dingtalk.message("", dingtalk.group) | rich):
        dingtalk.call(app, message)
        assert dingtalk.heard()["actionCard"]["text"].startswith(f"**{QUESTION}**\n\n")


def test_conversations_in_groups_are_kept_apart(app, dingtalk):
    def say(text, group):
        dingtalk.call(app, dingtalk.message(text, group))
        return dingtalk.heard()["actionCard"]["text"]

    say(QUESTION, "cid1")
    assert "2021年社会" in say("社会消费品零售总额呢？", "cid1")
    assert "2021年社会" not in say("社会消费品零售总额呢？", "cid2")


def test_a_button_says_the_question_that_is_on_it(app, dingtalk):
    dingtalk.call(app, dingtalk.message("帮助"))
    button = dingtalk.heard()["actionCard"]["btns"][0]
    scheme, _, question = button["actionURL"].partition("?content=")
    assert (scheme, button["title"]) == ("dtmd://dingtalkclient/sendMessage", f"1. {unquote(question)}")
    dingtalk.call(app, dingtalk.message(unquote(question)))
    assert "没有找到" not in dingtalk.heard()["actionCard"]["text"]


@pytest.mark.parametrize(("fields", "answered"), [
    ({"msgtype": "richText", "content": {"richText": [{"text": "2021年云溪市"}, {"downloadCode": "x"}, {"text": "生产总值是多少？"}]}}, True),
    ({"msgtype": "audio", "content": {"duration": 4000, "downloadCode": "x", "recognition": QUESTION}}, True),
    ({"msgtype": "picture", "content": {"downloadCode": "x"}}, False)])
def test_words_are_found_in_other_kinds_of_messages_too(app, dingtalk, fields, answered):
    dingtalk.call(app, dingtalk.message("") | fields)
    text = json.dumps(dingtalk.heard(), ensure_ascii=False)
    assert (FIGURE in text, "只看得懂文字" in text) == (answered, not answered)


def test_an_outgoing_robot_needs_no_more_than_its_secret(bot_app, dingtalk):
    """It tells neither whom it knows nor whether it was mentioned."""
    app = bot_app(dingtalk_client_secret=dingtalk.secret, dingtalk_api=dingtalk.exchange.address)
    message = dingtalk.message(QUESTION, dingtalk.group)
    for name in ("senderStaffId", "isInAtList", "robotCode"):
        del message[name]
    dingtalk.call(app, message)
    assert FIGURE in dingtalk.heard()["actionCard"]["text"]


def test_stream_mode_without_a_client_id_is_no_setting():
    with pytest.raises(SettingsError, match="QA_DINGTALK_CLIENT_ID"):
        Dingtalk(Settings(dingtalk_client_secret="s", dingtalk_stream=True), Outgoing())


@pytest.mark.parametrize(("group", "path", "whom"), [
    ("", "oToMessages/batchSend", {"userIds": ["staff1"]}), ("cidABC==", "groupMessages/send", {"openConversationId": "cidABC=="})])
def test_where_the_address_has_expired_the_robot_sends(app, dingtalk, exchange, group, path, whom):
    dingtalk.call(app, dingtalk.message(QUESTION, group, sessionWebhookExpiredTime=int(1000 * time.time()) - 1))
    assert exchange.wait().json == {"appKey": dingtalk.client_id, "appSecret": dingtalk.secret}
    got = exchange.wait()
    assert (got.path, got.headers["x-acs-dingtalk-access-token"]) == (f"{ROBOT}{path}", "t-1")
    filled = json.loads(got.json["msgParam"])
    assert FIGURE in filled["text"]
    assert (filled["actionTitle1"], filled["actionURL1"][:31]) == ("打开报告", "https://qa.example.org/reports/")
    assert got.json == {"robotCode": dingtalk.client_id, "msgKey": "sampleActionCard4", "msgParam": got.json["msgParam"]} | whom


@pytest.mark.parametrize(("api", "address", "usable"), [
    ("https://api.dingtalk.com", "https://oapi.dingtalk.com/robot/sendBySession?session=1", True),
    ("https://api.dingtalk.io/", "https://oapi.dingtalk.io/robot/sendBySession?session=1", True),
    ("https://api.dingtalk.io", "https://oapi.dingtalk.com/robot/sendBySession?session=1", False),
    ("https://ding.example.org", "https://ding.example.org/robot/sendBySession?session=1", True)])
def test_addresses_of_conversations_are_beside_the_api(api, address, usable):
    bot = Dingtalk(Settings(dingtalk_client_secret="s", dingtalk_api=api), Outgoing())
    assert bot._usable(address, 1000 * time.time() + 1000) is usable
    assert not bot._usable(address, 1000 * time.time() - 1000)


@pytest.mark.parametrize("address", [
    "https://evil.example/robot/sendBySession?session=1", "https://oapi.dingtalk.com.evil.example/x", "https://oapi.dingtalk.com@evil.example/",
    "http://oapi.dingtalk.com/robot", "http://127.0.0.1/", "file:///etc/passwd", "", None, 5])
def test_nothing_is_sent_to_an_address_that_is_not_dingtalks(app, dingtalk, exchange, address):
    """The body is not signed, so anyone who overheard a signature could name one."""
    dingtalk.call(app, dingtalk.message(QUESTION, sessionWebhook=address))
    assert [exchange.wait().path for _ in range(2)] == [TOKEN, f"{ROBOT}oToMessages/batchSend"]


def test_without_a_client_id_an_address_that_has_expired_is_told(bot_app, dingtalk, counted, eventually, caplog):
    app = bot_app(dingtalk_client_secret=dingtalk.secret)
    dingtalk.call(app, dingtalk.message(QUESTION, sessionWebhookExpiredTime=1))
    eventually(lambda: counted(app) == {"undelivered": 1})
    assert "no client id" in caplog.text
    assert "s3cret" not in caplog.text


def test_what_a_conversation_refuses_the_robot_sends(app, dingtalk, exchange):
    exchange.answers["/robot/sendBySession"] = {"errcode": 130101, "errmsg": "send too fast"}
    dingtalk.call(app, dingtalk.message(QUESTION))
    assert [exchange.wait().path for _ in range(3)][1:] == [TOKEN, f"{ROBOT}oToMessages/batchSend"]


def test_what_a_conversation_refuses_is_undelivered_without_a_client_id(bot_app, dingtalk, exchange, counted, eventually, caplog):
    exchange.answers["/robot/sendBySession"] = {"errcode": 300001, "errmsg": "token is not exist"}
    app = bot_app(dingtalk_client_secret=dingtalk.secret, dingtalk_api=exchange.address)
    dingtalk.call(app, dingtalk.message(QUESTION))
    eventually(lambda: counted(app) == {"undelivered": 1})
    assert "300001" in caplog.text


@pytest.mark.parametrize("status", [400, 401])
def test_a_token_that_is_no_longer_taken_is_fetched_anew_once(bot, exchange, status):
    tokens, shown = iter(("old", "new")), []

    def take(got):
        shown.append(got.headers["x-acs-dingtalk-access-token"])
        return (status, {"code": "InvalidAuthentication", "message": "不合法的access_token"}) if shown[-1] == "old" else {"processQueryKey": "1"}

    exchange.answers |= {TOKEN: lambda got: {"accessToken": next(tokens), "expireIn": 7200}, ROBOT: take}
    for message in (WRITTEN, IN_GROUP):
        bot.send(message, Reply("zh", "好"))
    assert shown == ["old", "new", "new"]


@pytest.mark.parametrize("refusal", [(403, {"code": "Forbidden.AccessDenied.QpsLimitForApi"}), (429, {}), (503, {})])
def test_too_many_calls_are_made_again_after_a_while(bot, exchange, refusal):
    answers = iter((refusal, refusal, {"processQueryKey": "1"}))
    exchange.answers[ROBOT] = lambda got: next(answers)
    bot.send(WRITTEN, Reply("zh", "好"))
    assert next(answers, None) is None


@pytest.mark.parametrize(("answer", "said"), [
    ((400, {"code": "invalidParameter.robotCode.notExsit"}), "robotCode"), ((500, {}), "500"), ((404, ["no object"]), "404"),
    ({"processQueryKey": "1", "invalidStaffIdList": ["staff1"]}, "invalidStaffIdList"),
    ({"processQueryKey": "1", "flowControlledStaffIdList": ["staff1"]}, "flowControlledStaffIdList")])
def test_an_error_that_stays_is_given_up_and_named(bot, exchange, answer, said):
    exchange.answers[ROBOT] = answer
    with pytest.raises(Undelivered, match=said):
        bot.send(WRITTEN, Reply("zh", "好"))


@pytest.mark.parametrize("answer", [
    (400, {"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"}), {}, {"accessToken": "t", "expireIn": None}])
def test_without_a_token_nothing_is_sent(bot, exchange, answer):
    exchange.answers[TOKEN] = answer
    with pytest.raises(Undelivered):
        bot.send(WRITTEN, Reply("zh", "好"))
    assert all("/robot/" not in got.path for got in exchange.got.queue)


def test_a_silent_platform_is_given_up(bot, exchange):
    exchange.answers[ROBOT] = lambda got: outgoing.time.sleep(1)
    with pytest.raises(Undelivered, match="cannot be reached"):
        bot.send(WRITTEN, Reply("zh", "好"))
