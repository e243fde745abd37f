"""Telegram: messages, groups and buttons, called as the platform calls; attacks on the bot."""

import json
import time

import pytest
from telegram import Update
from telegram.constants import InlineKeyboardButtonLimit

from qa.settings import Settings
from web.bots import outgoing
from web.bots.outgoing import Outgoing, Undelivered
from web.bots.shape import FRESH, Message, Reply
from web.bots.telegram import Telegram
from web.records.contacts import SEEN

QUESTION, FIGURE = "2021年云溪市生产总值是多少？", "1286.4亿元"
WRITTEN = Message("1", 0, "1001", facts={"chat": "1001"})
TO_BOT = {"reply_to_message": {"message_id": 5, "from": {"id": 110201543, "is_bot": True}}}


@pytest.fixture
def app(bot_app, telegram):
    return bot_app(**telegram.settings)


@pytest.fixture
def bot(telegram, monkeypatch):
    """The bot alone, which loses patience soon."""
    monkeypatch.setattr(outgoing, "BACKOFF", 0.01)
    monkeypatch.setattr(outgoing, "READ", 0.5)
    return Telegram(Settings(**telegram.settings), Outgoing())


def buttons(said) -> dict[str, str]:
    """What each button hands back or opens."""
    return {button["text"]: button.get("url") or button["callback_data"] for row in said["reply_markup"]["inline_keyboard"] for button in row}


def test_another_implementation_reads_the_calls_that_the_tests_make(telegram):
    message = Update.de_json(telegram.in_group(f"😀 @report_qa_bot /ask@report_qa_bot {QUESTION}")).message
    assert [message.parse_entity(mark) for mark in message.entities] == ["@report_qa_bot", "/ask@report_qa_bot"]
    assert (message.chat.type, message.from_user.id) == ("supergroup", telegram.person)
    query = Update.de_json(telegram.pressed({"chat_id": telegram.chat, "text": "1. 甲"}, "ask:1")).callback_query
    assert (query.data, query.message.text, query.from_user.id) == ("ask:1", "1. 甲", telegram.person)


def test_a_message_is_answered_in_the_response(app, telegram, counted, exchange):
    said = telegram.call(app, telegram.message(QUESTION)).json
    assert (said["method"], said["chat_id"], said["link_preview_options"]) == ("sendMessage", telegram.chat, {"is_disabled": True})
    assert FIGURE in said["text"]
    assert "reply_parameters" not in said
    assert app.test_client().get(buttons(said)["打开报告"].removeprefix("https://qa.example.org")).status_code == 200
    assert counted(app) == {"answered": 1}
    assert exchange.got.empty()


def test_what_takes_long_is_sent(app, telegram, slow, counted, eventually):
    reply = telegram.call(app, telegram.message(QUESTION))
    assert (reply.status_code, reply.data) == (200, b"")
    slow()
    method, said = telegram.heard()
    assert (method, said["chat_id"]) == ("sendMessage", telegram.chat)
    assert FIGURE in said["text"]
    eventually(lambda: counted(app) == {"sent": 1})


def test_an_update_is_answered_once_however_often_it_comes(app, telegram, counted):
    update = telegram.message(QUESTION)
    assert [bool(telegram.call(app, update).data) for _ in range(3)] == [True, False, False]
    assert counted(app) == {"answered": 1, "repeated": 2}


@pytest.mark.parametrize(("text", "fields"), [
    (f"@report_qa_bot {QUESTION}", {}), (f"😀 {QUESTION} @Report_QA_Bot", {}), (f"/ask@report_qa_bot {QUESTION}", {}),
    (f"/ask {QUESTION}", {}), (f"@report_qa_bot /ask {QUESTION}", {}), (QUESTION, TO_BOT),
    ("", {"photo": [{"file_id": "1"}], "caption": f"@report_qa_bot {QUESTION}",
          "caption_entities": [{"type": "mention", "offset": 0, "length": 14}]}),
    (f"@report_qa_bot {QUESTION}", {"from": {"id": 1087968824, "is_bot": True}, "sender_chat": {"id": -1002003004005}})])
def test_in_a_group_it_answers_what_is_meant_for_it_as_a_reply(app, telegram, text, fields):
    update = telegram.in_group(text, **fields)
    said = telegram.call(app, update).json
    assert (said["chat_id"], said["reply_parameters"]["message_id"]) == (telegram.group, update["message"]["message_id"])
    assert FIGURE in said["text"]


@pytest.mark.parametrize(("text", "fields"), [
    (QUESTION, {}), (f"@another_bot {QUESTION}", {}), (f"@report_qa_bot_2 {QUESTION}", {}), (f"/ask@another_bot {QUESTION}", {}),
    (f"/settings {QUESTION}", {}), (f"@report_qa_bot {QUESTION}", {"entities": []}), ("", {"photo": [{"file_id": "1"}]}),
    (QUESTION, {"reply_to_message": {"message_id": 5, "from": {"id": 2002}}}), (QUESTION, {"reply_to_message": {"message_id": 5}}),
    (f"@report_qa_bot {QUESTION}", {"from": {"id": 3003, "is_bot": True}})])
def test_in_a_group_it_leaves_alone_what_is_not_meant_for_it(app, telegram, counted, text, fields):
    reply = telegram.call(app, telegram.in_group(text, **fields))
    assert (reply.status_code, reply.data) == (200, b"")
    assert counted(app) == {}


def test_conversations_in_groups_are_kept_apart_and_topics_are_answered_in(app, telegram):
    def say(text, **fields):
        return telegram.call(app, telegram.in_group(f"@report_qa_bot {text}", **fields)).json

    say(QUESTION)
    assert "2021年社会" in say("社会消费品零售总额呢？")["text"]
    assert "2021年社会" not in say("社会消费品零售总额呢？", chat={"id": -7, "type": "group"})["text"]
    assert say(QUESTION, message_thread_id=42, is_topic_message=True)["message_thread_id"] == 42


@pytest.mark.parametrize("text", ["/start", "/start abc", "/help", "/help@report_qa_bot", "/ask", "帮助"])
def test_commands_say_what_it_can_do(app, telegram, text):
    assert "4 份报告" in telegram.call(app, telegram.message(text)).json["text"]


def test_what_holds_no_words_is_answered_in_words_and_events_are_left_alone(app, telegram, counted):
    assert "只看得懂文字" in telegram.call(app, telegram.message("", voice={"file_id": "1"})).json["text"]
    for update in (telegram.message("", pinned_message={}), telegram.update(edited_message={"text": QUESTION}),
                   telegram.update(channel_post={"text": QUESTION}), telegram.update(),
                   telegram.pressed({"chat_id": 1001}, "another:1"), telegram.pressed({"chat_id": 1001}, "")):
        assert telegram.call(app, update).data == b""
    assert counted(app) == {"answered": 1}


def test_it_greets_the_group_that_it_is_added_to(app, telegram, counted):
    said = telegram.call(app, telegram.added("left", "member")).json
    assert (said["chat_id"], "reply_parameters" in said) == (telegram.group, False)
    assert "4 份报告" in said["text"]
    for update in (telegram.added("left", "member"), telegram.added("member", "administrator"), telegram.added("member", "kicked"),
                   telegram.added("kicked", "member", chat={"id": 1001, "type": "private"})):
        assert telegram.call(app, update).data == b""
    assert counted(app) == {"answered": 1}
    for broken in (telegram.added("left", "member", date=1), telegram.update(my_chat_member={})):
        assert telegram.call(app, broken).status_code == 403


def test_a_question_on_a_button_is_acknowledged_and_asked(app, telegram, counted, eventually):
    offered = telegram.call(app, telegram.message("帮助")).json
    question = next(line for line in offered["text"].splitlines() if line.startswith("2. ")).removeprefix("2. ")
    telegram.call(app, telegram.message(QUESTION))
    update = telegram.pressed(offered, buttons(offered)["2"])
    assert telegram.call(app, update).json == {
        "method": "answerCallbackQuery", "callback_query_id": update["callback_query"]["id"]}
    method, said = telegram.heard()
    assert (method, said["chat_id"]) == ("sendMessage", telegram.chat)
    assert said["text"].startswith(f"{question}\n\n")
    assert said["entities"][0] == {"type": "bold", "offset": 0, "length": len(question)}
    eventually(lambda: counted(app) == {"answered": 2, "sent": 1})


def test_a_question_on_a_button_in_a_group_is_answered_below_it(app, telegram):
    offered = telegram.call(app, telegram.in_group("/help")).json
    telegram.call(app, telegram.pressed(offered, "ask:1", chat={"id": telegram.group, "type": "supergroup"}))
    _, said = telegram.heard()
    assert (said["chat_id"], said["reply_parameters"]["message_id"]) == (telegram.group, 77)


def test_a_button_below_what_can_no_longer_be_read_picks_by_its_number(app, telegram):
    telegram.call(app, telegram.message("帮助"))
    telegram.call(app, telegram.pressed({"chat_id": telegram.chat}, "ask:1"))
    assert "没有编号" not in telegram.heard()[1]["text"]


@pytest.mark.parametrize(("question", "thanks"), [(QUESTION, "谢谢"), ("What was the GDP of Yunxi in 2021?", "Thank you")])
def test_what_did_not_help_is_kept_and_thanked_for(app, telegram, question, thanks):
    said = telegram.call(app, telegram.message(question)).json
    data = next(data for data in buttons(said).values() if data.startswith("unhelpful:"))
    assert len(data.encode()) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    notice = telegram.call(app, telegram.pressed(said, data)).json
    assert notice["method"] == "answerCallbackQuery"
    assert thanks in notice["text"]
    answer = data.removeprefix("unhelpful:")
    assert app.extensions["desk"].questions.said([answer]) == {answer: (-1, "")}


def test_thanks_that_take_long_are_sent(app, telegram, slow):
    assert telegram.call(app, telegram.pressed({"chat_id": 1001}, "unhelpful:nothing")).data == b""
    slow()
    method, said = telegram.heard()
    assert method == "answerCallbackQuery"
    assert "没有这个回答" in said["text"]


def test_without_answers_that_are_kept_nothing_can_be_said_of_them(bot_app, telegram):
    said = telegram.call(bot_app(**telegram.settings, keep_days=0), telegram.message(QUESTION)).json
    assert "没有帮助" not in buttons(said)


@pytest.mark.parametrize("refusal", [(429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 1}}), (500, {}), (502, {})])
def test_a_fault_that_passes_is_outlasted(bot, telegram, exchange, refusal):
    answers = iter((refusal, refusal, {"ok": True}))
    exchange.answers["/bot"] = exchange.answers[f"/bot{telegram.token}/"] = lambda got: next(answers)
    bot.send(WRITTEN, Reply("zh", "好"))
    assert next(answers, None) is None


def test_it_comes_back_when_telegram_says(bot, exchange, telegram, monkeypatch):
    waited = []
    monkeypatch.setattr(time, "sleep", waited.append)
    exchange.faults.append((429, {"Retry-After": "7"}))
    bot.send(WRITTEN, Reply("zh", "好"))
    assert 7 in waited
    assert telegram.heard()[1]["text"] == "好"


@pytest.mark.parametrize(("answer", "said"), [
    ((403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}), "403"),
    ((400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}), "400"), ((401, {}), "401"), ((500, {}), "500")])
def test_an_error_that_stays_is_counted_and_named_without_the_token(app, telegram, exchange, slow, counted, eventually, caplog, answer, said):
    exchange.answers[f"/bot{telegram.token}/"] = answer
    telegram.call(app, telegram.message(QUESTION))
    slow()
    eventually(lambda: counted(app) == {"undelivered": 1})
    assert f"status {said}" in caplog.text
    assert telegram.token not in caplog.text
    assert QUESTION not in caplog.text


def test_a_silent_platform_is_given_up(bot, telegram, exchange):
    exchange.answers[f"/bot{telegram.token}/"] = lambda got: outgoing.time.sleep(1)
    with pytest.raises(Undelivered, match="cannot be reached"):
        bot.send(WRITTEN, Reply("zh", "好"))


def test_calls_without_the_secret_are_refused(app, telegram, exchange, counted):
    for secret in ("", "another", telegram.secret[:-1], telegram.secret + "x", telegram.secret.upper(), "é"):
        for update in (telegram.message(QUESTION), telegram.pressed({"chat_id": 1}, "unhelpful:a")):
            reply = telegram.call(app, update, secret)
            assert reply.status_code == 403
            assert reply.json["error"]["code"] == "call_refused"
    assert app.test_client().post(telegram.path, json=telegram.message(QUESTION)).status_code == 403
    assert app.test_client().get(telegram.path, headers=telegram.headers()).status_code == 403
    assert counted(app) == {"refused": 14}
    assert exchange.got.empty()


def test_what_telegram_kept_for_hours_is_answered_and_what_is_older_refused(app, telegram):
    assert FIGURE in telegram.call(app, telegram.message(QUESTION, after=-20 * 3600)).json["text"]
    for after in (-SEEN.total_seconds() - 30, FRESH + 30, -1e9):
        assert telegram.call(app, telegram.message(QUESTION, after=after)).status_code == 403


@pytest.mark.parametrize("content", [
    "", "[]", "null", "{}", "1", '"text"', "[" * 20_000, '{"update_id": null}', '{"update_id": 1, "message": {}}',
    '{"update_id": 1, "message": []}', '{"update_id": 1, "callback_query": {}}', '{"update_id": "x"}', b"\xff\xfe"])
def test_what_is_no_update_is_refused(app, telegram, content):
    assert telegram.call(app, content).status_code == 403


def test_an_update_that_is_cut_short_is_refused(app, telegram):
    body = json.dumps(telegram.message(QUESTION))
    for cut in (body[:-1], body[1:], body[:100]):
        assert telegram.call(app, cut).status_code == 403


@pytest.mark.parametrize("lacking", ["message_id", "chat", "date", "from"])
def test_a_message_that_is_not_whole_is_refused(app, telegram, lacking):
    update = telegram.in_group(f"@report_qa_bot {QUESTION}")
    del update["message"][lacking]
    assert telegram.call(app, update).status_code == 403


@pytest.mark.parametrize("fields", [
    {"text": 1}, {"date": "now"}, {"date": None}, {"entities": [1]}, {"entities": [{"type": "mention"}]}, {"from": 1}, {"chat": {"id": 1}},
    {"text": "😀", "entities": [{"type": "mention", "offset": 1, "length": 1}]}])
def test_a_message_that_is_not_what_it_says_is_refused(app, telegram, fields):
    update = telegram.message(QUESTION)
    update["message"] |= fields
    assert telegram.call(app, update).status_code == 403


def test_a_body_of_a_megabyte_is_refused(app, telegram):
    assert telegram.call(app, telegram.message("长" * 2**19)).status_code == 413


def test_without_its_settings_there_is_no_bot(bot_app, telegram):
    for lacking in ("telegram_bot_token", "telegram_bot_name", "telegram_secret_token"):
        settings = {name: value for name, value in telegram.settings.items() if name != lacking}
        assert telegram.call(bot_app(**settings), telegram.message(QUESTION)).status_code == 404
