"""Slack: events, the command and buttons, called as the platform calls."""

import pytest

from qa.settings import Settings
from tests.web.bots.test_feishu import parts
from web.bots import outgoing
from web.bots.outgoing import Outgoing, Undelivered
from web.bots.shape import Call, Message, Reply
from web.bots.slack import Slack

QUESTION, FIGURE = "2021年云溪市生产总值是多少？", "1286.4亿元"
WRITTEN = Message("Ev1", 0, "U_ZHANG", facts={"channel": "D_CHAT"})


@pytest.fixture
def app(bot_app, slack):
    return bot_app(**slack.settings)


@pytest.fixture
def bot(slack, monkeypatch):
    """The bot alone, which loses patience soon."""
    monkeypatch.setattr(outgoing, "BACKOFF", 0.01)
    monkeypatch.setattr(outgoing, "READ", 0.5)
    return Slack(Settings(**slack.settings), Outgoing())


def words(sent) -> str:
    """All that is written in the blocks."""
    return "\n".join(part["text"] for part in parts(sent["blocks"]) if isinstance(part.get("text"), str))


def button(sent, name) -> dict:
    """The first button whose name begins so."""
    return next(part for part in parts(sent["blocks"]) if part.get("action_id", "").startswith(name))


def test_a_message_is_acknowledged_at_once_and_answered_with_blocks(app, slack, slow, counted, eventually):
    reply = slack.call(app, slack.message(QUESTION))
    assert (reply.status_code, reply.data) == (200, b"")
    slow()
    got, sent = slack.heard()
    assert (got.path, got.headers["Authorization"]) == ("/api/chat.postMessage", "Bearer xoxb-1")
    assert (sent["channel"], sent["unfurl_links"], "thread_ts" in sent) == (slack.chat, False, False)
    assert FIGURE in words(sent)
    assert FIGURE in sent["text"]
    link = button(sent, "open")["url"]
    assert app.test_client().get(link.removeprefix("https://qa.example.org")).status_code == 200
    eventually(lambda: counted(app) == {"sent": 1})


def test_an_event_is_answered_once_however_often_it_comes(app, slack, counted, eventually):
    body, headers = slack.signed(slack.message(QUESTION))
    for tried in range(3):
        again = {"X-Slack-Retry-Num": str(tried), "X-Slack-Retry-Reason": "http_timeout"} if tried else {}
        assert app.test_client().post(slack.path, data=body, headers=headers | again).status_code == 200
    eventually(lambda: counted(app) == {"sent": 1, "repeated": 2})


def test_in_a_channel_it_answers_in_the_thread_of_what_mentions_it(app, slack):
    slack.call(app, slack.mention(QUESTION))
    _, sent = slack.heard()
    assert (sent["channel"], sent["thread_ts"]) == (slack.channel, "1355517523.000006")
    assert "已理解为" not in words(sent)
    slack.call(app, slack.mention("社会消费品零售总额呢？", thread_ts="1355517523.000006", ts="1355517540.000007"))
    _, sent = slack.heard()
    assert sent["thread_ts"] == "1355517523.000006"
    assert "2021年社会" in words(sent)
    slack.call(app, slack.mention("社会消费品零售总额呢？", channel="C_ANOTHER"))
    assert "2021年社会" not in words(slack.heard()[1])


def test_between_two_it_stays_in_the_thread_that_someone_writes_in(app, slack):
    slack.call(app, slack.message(QUESTION, thread_ts="1355517000.000001"))
    assert slack.heard()[1]["thread_ts"] == "1355517000.000001"


@pytest.mark.parametrize(("written", "read"), [
    ("<!here> <@U_LI|li> 云溪市 <#C1|general>", "云溪市 general"), ("&lt;R&amp;D&gt; &amp;amp;", "<R&D> &amp;"),
    ("<https://x.example/a|这里> <https://y.example/?a=1&amp;b=2>", "这里 https://y.example/?a=1&b=2")])
def test_what_slack_makes_of_words_is_read_as_people_read_it(app, slack, written, read):
    slack.call(app, slack.command(written))
    assert words(slack.heard()[1]).splitlines()[0] == read


def test_files_alone_are_answered_in_words(app, slack):
    slack.call(app, slack.message("", subtype="file_share", files=[{"id": "F1"}]))
    assert "只看得懂文字" in words(slack.heard()[1])


def test_who_opens_the_chat_is_greeted_once(app, slack, counted, eventually):
    slack.call(app, slack.event("app_home_opened", channel=slack.chat, tab="messages"))
    _, sent = slack.heard()
    assert sent["channel"] == slack.chat
    assert "4 份报告" in words(sent)
    slack.call(app, slack.event("app_home_opened", channel=slack.chat, tab="messages"))
    slack.call(app, slack.message(QUESTION))
    assert FIGURE in words(slack.heard()[1])
    eventually(lambda: counted(app) == {"sent": 2})


def test_what_bots_write_what_is_edited_and_other_events_are_left_alone(app, slack, exchange, counted):
    for content in (
            slack.message(QUESTION, bot_id="B1"), slack.message(QUESTION, subtype="message_changed"), slack.mention(QUESTION, bot_id="B1"),
            slack.mention(QUESTION, edited={"user": slack.person, "ts": "1"}), slack.message(QUESTION, channel_type="channel"),
            slack.event("app_home_opened", channel=slack.chat, tab="home"), slack.event("reaction_added"),
            {"type": "app_rate_limited", "team_id": "T1"}, {"ssl_check": "1", "token": "t"}, {"payload": '{"type": "view_closed"}'},
            slack.pressed({"action_id": "open", "type": "button"}), slack.pressed({"action_id": "another", "type": "button"})):
        assert slack.call(app, content).data == b""
    assert counted(app) == {}
    assert exchange.got.empty()


def test_the_command_is_answered_to_who_gave_it_alone(app, slack, counted, eventually):
    reply = slack.call(app, slack.command(QUESTION))
    assert (reply.status_code, reply.data) == (200, b"")
    got, sent = slack.heard()
    assert got.path == "/commands/T1/2/3"
    assert "Authorization" not in got.headers
    assert (sent["response_type"], sent["replace_original"]) == ("ephemeral", False)
    assert words(sent).startswith(QUESTION)
    assert FIGURE in words(sent)
    eventually(lambda: counted(app) == {"sent": 1})
    option = button(sent, "ask")
    slack.call(app, slack.pressed(option, slack.channel, is_ephemeral=True))
    got, sent = slack.heard()
    assert got.path == "/commands/T1/2/3"
    assert words(sent).startswith(option["value"])
    slack.call(app, slack.command(""))
    assert "4 份报告" in words(slack.heard()[1])


def test_replies_go_to_no_address_but_slacks(app, slack, exchange):
    own = exchange.address.removeprefix("http://")
    for address in ("https://evil.example/", f"https://{own}/", f"http://{own}@evil.example/", f"http://evil.{own}/", f"http://{own}.evil.example/",
                    f"http://{own}\\@evil.example/", "", f"//{own}/", "http://[/"):
        assert slack.call(app, slack.command(QUESTION, response_url=address)).status_code == 403
    address = "https://hooks.slack.com/commands/1"
    body, headers = slack.signed(slack.command(QUESTION, response_url=address))
    bot = Slack(Settings(slack_signing_secret=slack.secret), Outgoing())
    assert bot.receive(Call("POST", {}, headers, body)).facts["address"] == address


@pytest.mark.parametrize(("write", "channel", "thread"), [("message", "D_CHAT", None), ("mention", "C_CHANNEL", "1355517530.000001")])
def test_a_question_on_a_button_is_asked_where_the_button_is(app, slack, write, channel, thread):
    slack.call(app, getattr(slack, write)("帮助"))
    option = button(slack.heard()[1], "ask")
    assert slack.call(app, slack.pressed(option, channel)).data == b""
    _, sent = slack.heard()
    assert (sent["channel"], sent.get("thread_ts")) == (channel, thread)
    assert words(sent).startswith(option["value"])
    slack.call(app, getattr(slack, write)("1"))
    assert "没有编号" not in words(slack.heard()[1])


def test_a_question_on_a_button_in_a_thread_is_answered_there(app, slack):
    slack.call(app, slack.pressed({"action_id": "ask-1", "value": QUESTION}, slack.channel, thread_ts="1355517000.000001"))
    assert slack.heard()[1]["thread_ts"] == "1355517000.000001"


@pytest.mark.parametrize(("question", "thanks"), [(QUESTION, "谢谢"), ("What was the GDP of Yunxi in 2021?", "Thank you")])
def test_what_did_not_help_is_kept_and_thanked_for(app, slack, question, thanks):
    slack.call(app, slack.message(question))
    unhelpful = button(slack.heard()[1], "unhelpful")
    slack.call(app, slack.pressed(unhelpful))
    got, sent = slack.heard()
    assert got.path == "/commands/T1/2/3"
    assert sent["response_type"] == "ephemeral"
    assert thanks in words(sent)
    assert app.extensions["desk"].questions.said([unhelpful["value"]]) == {unhelpful["value"]: (-1, "")}


def test_what_is_said_of_an_answer_that_is_not_kept(bot_app, app, slack):
    slack.call(app, slack.pressed({"action_id": "unhelpful", "value": "nothing", "text": {"text": "没有帮助"}}))
    assert "没有这个回答" in words(slack.heard()[1])
    slack.call(bot_app(**slack.settings, keep_days=0), slack.message(QUESTION))
    assert "没有帮助" not in words(slack.heard()[1])


def test_what_is_quoted_calls_nobody(bot, slack):
    bot.send(WRITTEN, Reply("zh", "<!channel> R&D *甲*"))
    _, sent = slack.heard()
    assert sent["text"] == "&lt;!channel&gt; R&amp;D *甲*"
    assert sent["blocks"] == [{"type": "rich_text", "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "<!channel> R&D *甲*"}]}]}]


@pytest.mark.parametrize("refusal", [{"ok": False, "error": "ratelimited"}, {"ok": False, "error": "internal_error"}, (429, {}), (503, {})])
def test_too_many_calls_are_made_again_after_a_while(bot, slack, exchange, refusal):
    answers = iter((refusal, refusal, {"ok": True}))
    exchange.answers["/api/chat.postMessage"] = lambda got: next(answers)
    bot.send(WRITTEN, Reply("zh", "好"))
    assert next(answers, None) is None


@pytest.mark.parametrize(("answer", "said"), [
    ({"ok": False, "error": "not_in_channel"}, "not_in_channel"), ({"ok": False, "error": "invalid_auth"}, "invalid_auth"),
    ({"ok": False, "error": "ratelimited"}, "ratelimited"), ((500, {}), "500"), ((404, ["no object"]), "404"), ([], "JSON object")])
def test_an_error_that_stays_is_given_up_and_named(bot, exchange, answer, said):
    exchange.answers["/api/chat.postMessage"] = answer
    with pytest.raises(Undelivered, match=said):
        bot.send(WRITTEN, Reply("zh", "好"))


def test_a_silent_platform_is_given_up(bot, exchange):
    exchange.answers["/api/chat.postMessage"] = lambda got: outgoing.time.sleep(1)
    with pytest.raises(Undelivered, match="cannot be reached"):
        bot.send(WRITTEN, Reply("zh", "好"))


def test_an_address_that_has_run_out_is_counted_and_not_named(app, slack, exchange, counted, eventually, caplog):
    exchange.answers["/commands/"] = (404, {"ok": False, "error": "expired_url"})
    slack.call(app, slack.command(QUESTION))
    eventually(lambda: counted(app) == {"undelivered": 1})
    assert "status 404" in caplog.text
    assert "/commands/" not in caplog.text
    assert QUESTION not in caplog.text
