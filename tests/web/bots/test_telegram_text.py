"""Replies as messages of Telegram."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Message
from telegram.constants import MessageLimit

from web.bots.rendering import CUT
from web.bots.shape import Quote, Reply, Source
from web.bots.telegram_text import write_text

LIMIT = MessageLimit.MAX_TEXT_LENGTH
SOURCE = Source("报告", "https://qa.example.org/reports/1?start=3&end=9#quote")
NAMELESS = Source("报告", "")
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=3000)


def marked(said) -> list[tuple[str, str]]:
    """Each mark: its kind, and the words that it is on as python-telegram-bot counts them."""
    message = Message.de_json({"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}} | said)
    return [(mark.type, message.parse_entity(mark)) for mark in message.entities]


def keyboard(said) -> list[list[str]]:
    return [[button["text"] for button in row] for row in said.get("reply_markup", {}).get("inline_keyboard", [])]


def test_each_quote_is_marked_and_has_its_source_below_and_a_button():
    said = write_text(Reply("zh", "您好。", (Quote("甲。", SOURCE), Quote("乙。", SOURCE)), answer_id="a"), True)
    assert said["text"] == "您好。\n\n甲。\n【1】报告\n\n乙。\n【2】报告"
    assert marked(said) == [("blockquote", "甲。"), ("blockquote", "乙。")]
    assert keyboard(said) == [["打开报告【1】", "打开报告【2】"], ["没有帮助"]]
    opening, judging = said["reply_markup"]["inline_keyboard"]
    assert [button["url"] for button in opening] == [SOURCE.link] * 2
    assert judging[0]["callback_data"] == "unhelpful:a"


@pytest.mark.parametrize(("reply", "judged"), [
    (Reply("en", quotes=(Quote("甲。", NAMELESS),), answer_id="a"), False), (Reply("en", "Hello."), True)])
def test_without_a_link_or_an_answer_that_is_kept_there_are_no_buttons(reply, judged):
    assert "reply_markup" not in write_text(reply, judged)


def test_an_abstention_shows_where_to_look_and_what_to_ask():
    reply = Reply("en", "Nothing.", nearest=(SOURCE, Source("另一份报告", "")), options=("甲？", "乙？"), answer_id="a")
    said = write_text(reply, True, "问题？")
    assert said["text"] == ("问题？\n\nNothing.\n\nWhat comes nearest:\n· 报告\n· 另一份报告\n\n"
                            "You could also ask (send the number):\n1. 甲？\n2. 乙？")
    assert marked(said) == [("bold", "问题？"), ("text_link", "报告")]
    assert said["entities"][1]["url"] == SOURCE.link
    assert keyboard(said) == [["1", "2"], ["Not helpful"]]


def test_what_a_report_holds_is_no_markup():
    text = "见<a href='x'>这里</a>，**要紧** _甲_ 😀 & `乙`"
    assert marked(write_text(Reply("zh", "😀😀", (Quote(text, SOURCE),)), True)) == [("blockquote", text)]


def test_a_long_quote_is_cut_at_a_sentence():
    said = write_text(Reply("zh", quotes=(Quote("某句话说了些什么。" * 100, SOURCE),)), True)
    assert marked(said)[0][1] == "某句话说了些什么。" * (600 // 9) + CUT


@given(st.text(st.characters(codec="utf-8"), max_size=300), st.lists(TEXT, max_size=9), st.lists(TEXT, max_size=3))
def test_quotes_are_verbatim_and_fit(words, quotes, options):
    said = write_text(Reply("zh", words, tuple(Quote(text, SOURCE) for text in quotes), options=tuple(options)), True)
    assert len(said["text"].encode("utf-16-le")) // 2 <= LIMIT
    shown = marked(said)
    assert len(shown) == len(quotes)
    for (kind, text), quote in zip(shown, quotes, strict=True):
        assert kind == "blockquote"
        assert quote.startswith(text.removesuffix(CUT) if text != quote else text)


def test_what_never_fits_is_left_out_from_the_end_and_never_halves_a_character():
    said = write_text(Reply("zh", "1" + "😀" * 3000, (Quote("甲。", SOURCE),)), True)
    assert said["text"] == "1" + "😀" * (LIMIT // 2 - 1)
    assert said["entities"] == []
