"""Feishu: events, cards and their buttons, called as the platform calls."""

import json

import pytest

from qa.settings import Settings
from web.bots import outgoing
from web.bots.feishu import Feishu
from web.bots.outgoing import Outgoing, Undelivered
from web.bots.shape import Message, Reply

QUESTION, FIGURE = "2021年云溪市生产总值是多少？", "1286.4亿元"
REPLIED = Message("om_1", 0, "ou_zhang", facts={"message": "om_1"})


@pytest.fixture
def app(bot_app, feishu):
    return bot_app(**feishu.settings)


@pytest.fixture
def bot(feishu, monkeypatch):
    """The bot alone, which loses patience soon."""
    monkeypatch.setattr(outgoing, "BACKOFF", 0.01)
    monkeypatch.setattr(outgoing, "READ", 0.5)
    return Feishu(Settings(**feishu.settings), Outgoing())


def words(card) -> str:
    """All that is written on a card."""
    return "\n".join(part["content"] for part in parts(card) if part.get("tag") == "plain_text")


def buttons(card) -> list[dict]:
    return [part for part in parts(card) if part.get("tag") == "button"]


def parts(node):
    """Every object in a card."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from parts(child)


def test_a_message_is_acknowledged_at_once_and_answered_with_a_card(app, feishu, exchange, slow, counted, eventually):
    reply = feishu.call(app, feishu.message(QUESTION, id="om_1"))
    assert (reply.status_code, reply.json) == (200, {})
    slow()
    token = exchange.wait()
    assert (token.path, token.json) == ("/open-apis/auth/v3/tenant_access_token/internal", {"app_id": "cli_1", "app_secret": "s3cret"})
    got, card = feishu.heard()
    assert got.path == "/open-apis/im/v1/messages/om_1/reply"
    assert got.headers["Authorization"] == "Bearer t-1"
    assert (got.json["msg_type"], got.json["uuid"]) == ("interactive", "om_1")
    assert FIGURE in words(card)
    opening = buttons(card)[0]
    assert opening["text"]["content"] == "打开报告"
    assert opening["url"].startswith("https://qa.example.org/reports/")
    assert app.test_client().get(opening["url"].removeprefix("https://qa.example.org")).status_code == 200
    eventually(lambda: counted(app) == {"sent": 1})


def test_a_message_is_answered_once_whatever_its_event(app, feishu, counted, eventually):
    for _ in range(3):
        assert feishu.call(app, feishu.message(QUESTION, id="om_7")).json == {}
    eventually(lambda: counted(app) == {"sent": 1, "repeated": 2})


def test_in_a_group_it_answers_where_it_is_mentioned_itself(app, feishu, exchange, counted, eventually):
    feishu.call(app, feishu.message(QUESTION, []))
    feishu.call(app, feishu.message(f"@_user_1 {QUESTION}", ["ou_li"]))
    feishu.call(app, feishu.message(f"@_all {QUESTION}", ["", "ou_another_bot"]))
    feishu.call(app, feishu.message(f"@_user_2 @_user_1 {QUESTION}", ["ou_li", feishu.bot], id="om_meant"))
    got, card = feishu.heard()
    assert got.path == "/open-apis/im/v1/messages/om_meant/reply"
    assert FIGURE in words(card)
    assert "已理解为" not in words(card)
    eventually(lambda: counted(app) == {"sent": 1})
    assert exchange.got.empty()


def test_conversations_in_groups_are_kept_apart(app, feishu):
    def say(text, chat):
        feishu.call(app, feishu.message(f"@_user_1 {text}", [feishu.bot], chat_id=chat))
        return words(feishu.heard()[1])

    say(QUESTION, "oc_1")
    assert "2021年社会" in say("社会消费品零售总额呢？", "oc_1")
    assert "2021年社会" not in say("社会消费品零售总额呢？", "oc_2")


def test_rich_text_is_read_and_other_kinds_are_answered_in_words(app, feishu):
    post = {"title": "", "content": [[{"tag": "at", "user_id": "@_user_1"}, {"tag": "text", "text": " 2021年云溪市"}],
                                     [{"tag": "img", "image_key": "img"}], [{"tag": "a", "href": "http://x", "text": "生产总值是多少？"}]]}
    feishu.call(app, feishu.message("", message_type="post", content=json.dumps(post)))
    assert FIGURE in words(feishu.heard()[1])
    feishu.call(app, feishu.message("", message_type="image", content='{"image_key": "img"}'))
    assert "只看得懂文字" in words(feishu.heard()[1])


def test_who_opens_the_chat_is_greeted_once(app, feishu, exchange, counted, eventually):
    entered = {"chat_id": "oc_chat", "operator_id": {"open_id": feishu.person}, "last_message_id": ""}
    feishu.call(app, feishu.event("im.chat.access_event.bot_p2p_chat_entered_v1", entered))
    got, card = feishu.heard()
    assert got.path == "/open-apis/im/v1/messages?receive_id_type=chat_id"
    assert got.json["receive_id"] == "oc_chat"
    assert "4 份报告" in words(card)
    feishu.call(app, feishu.event("im.chat.access_event.bot_p2p_chat_entered_v1", entered))
    feishu.call(app, feishu.message(QUESTION))
    assert FIGURE in words(feishu.heard()[1])
    eventually(lambda: counted(app) == {"sent": 2})


def test_other_events_and_what_bots_write_are_left_alone(app, feishu, exchange, counted):
    written = feishu.message(QUESTION)
    written["event"]["sender"]["sender_type"] = "app"
    for event in (written, feishu.event("im.message.message_read_v1", {}), feishu.pressed({"another": "button"})):
        assert feishu.call(app, event).json == {}
    assert counted(app) == {}
    assert exchange.got.empty()


@pytest.mark.parametrize("mentions", [None, ["ou_bot"]])
def test_a_question_on_a_button_is_asked_where_the_card_is(app, feishu, mentions):
    feishu.call(app, feishu.message("帮助", mentions))
    option = next(button for button in buttons(feishu.heard()[1]) if "ask" in button.get("value", {}))
    assert feishu.call(app, feishu.pressed(option["value"])).json == {}
    got, card = feishu.heard()
    assert got.path == "/open-apis/im/v1/messages/om_card/reply"
    assert card["header"]["title"]["content"] == option["value"]["ask"]
    feishu.call(app, feishu.message("@_user_1 1", mentions))
    assert "没有编号" not in words(feishu.heard()[1])


def test_what_did_not_help_is_kept_and_thanked_for(app, feishu):
    feishu.call(app, feishu.message(QUESTION))
    value = next(button["value"] for button in buttons(feishu.heard()[1]) if button["text"]["content"] == "没有帮助")
    for _ in range(2):
        toast = feishu.call(app, feishu.pressed(value)).json["toast"]
        assert toast["type"] == "success"
        assert toast["i18n"] == {"zh_cn": "谢谢，已记下您的意见。", "en_us": "Thank you, your feedback is noted."}
    questions = app.extensions["desk"].questions
    assert questions.said([value["unhelpful"]]) == {value["unhelpful"]: (-1, "")}


def test_what_is_said_of_an_answer_that_is_not_kept(bot_app, app, feishu):
    assert "没有这个回答" in feishu.call(app, feishu.pressed({"unhelpful": "nothing"})).json["toast"]["content"]
    feishu.call(bot_app(**feishu.settings, keep_days=0), feishu.message(QUESTION))
    assert "没有帮助" not in words(feishu.heard()[1])


@pytest.mark.parametrize("refusal", [
    (200, {"code": 99991663}), (400, {"code": 99991663, "msg": "Invalid access token"}), (401, {"code": 99991671})])
def test_a_token_that_is_no_longer_taken_is_fetched_anew_once(bot, exchange, refusal):
    tokens, shown = iter(("old", "new")), []

    def take(got):
        shown.append(got.headers["Authorization"])
        return refusal if shown[-1] == "Bearer old" else {"code": 0}

    exchange.answers |= {
        "/open-apis/auth/v3/tenant_access_token/internal": lambda got: {"code": 0, "tenant_access_token": next(tokens), "expire": 7200},
        "/open-apis/im/v1/messages": take}
    for _ in range(2):
        bot.send(REPLIED, Reply("zh", "好"))
    assert shown == ["Bearer old", "Bearer new", "Bearer new"]


@pytest.mark.parametrize("refusal", [(400, {"code": 99991400}), (400, {"code": 230020}), (200, {"code": 230020}), (429, {}), (503, {})])
def test_too_many_calls_are_made_again_after_a_while(bot, feishu, exchange, refusal):
    answers = iter((refusal, refusal, {"code": 0}))
    exchange.answers["/open-apis/im/v1/messages"] = lambda got: next(answers)
    bot.send(REPLIED, Reply("zh", "好"))
    assert feishu.heard()[0].json["uuid"] == "om_1"
    assert next(answers, None) is None


@pytest.mark.parametrize(("answer", "said"), [
    ((400, {"code": 230002, "msg": "The bot can not be outside the group."}), "230002"), ((200, {"code": 230013}), "230013"),
    ((400, {"code": 99991400}), "99991400"), ((500, {}), "500"), ((404, ["no object"]), "404")])
def test_an_error_that_stays_is_given_up_and_named(bot, exchange, answer, said):
    exchange.answers["/open-apis/im/v1/messages"] = answer
    with pytest.raises(Undelivered, match=said):
        bot.send(REPLIED, Reply("zh", "好"))


def test_a_silent_platform_is_given_up(bot, exchange):
    exchange.answers["/open-apis/im/v1/messages"] = lambda got: outgoing.time.sleep(1)
    with pytest.raises(Undelivered, match="cannot be reached"):
        bot.send(REPLIED, Reply("zh", "好"))


@pytest.mark.parametrize("answer", [
    {"code": 10014, "msg": "app secret invalid"}, {"code": 0}, {"code": 0, "tenant_access_token": "t", "expire": None}])
def test_without_a_token_nothing_is_sent(bot, exchange, answer):
    exchange.answers["/open-apis/auth/v3/tenant_access_token/internal"] = answer
    with pytest.raises(Undelivered):
        bot.send(REPLIED, Reply("zh", "好"))
    assert "/im/" not in exchange.wait().path
    assert exchange.got.empty()


@pytest.mark.parametrize("answer", [{"code": 0, "bot": {}}, (400, {"code": 230006})])
def test_where_it_cannot_know_whether_it_is_mentioned_it_keeps_silent_and_that_is_counted(
        app, feishu, exchange, counted, eventually, caplog, answer):
    exchange.answers["/open-apis/bot/v3/info"] = answer
    feishu.call(app, feishu.message(f"@_user_1 {QUESTION}", [feishu.bot]))
    eventually(lambda: counted(app) == {"undelivered": 1})
    assert "was not delivered" in caplog.text
    assert "s3cret" not in caplog.text
