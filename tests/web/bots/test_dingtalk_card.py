"""Replies as cards of DingTalk."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from web.bots.dingtalk_card import BUTTON, LONGEST, TITLE, make_card
from web.bots.rendering import CUT
from web.bots.shape import Quote, Reply, Source

SOURCE = Source("报告", "https://qa.example.org/reports/1?start=3&end=9#quote")
NAMELESS = Source("报告", "")
SAY = "dtmd://dingtalkclient/sendMessage?content="
OPTIONS = ("2021年生产总值？", "甲&乙？")


def test_each_quote_stands_above_its_source_and_has_a_button():
    card = make_card(Reply("zh", "您好。", (Quote("甲。", SOURCE), Quote("乙。", SOURCE))))
    assert card.text == f"您好。\n\n> 甲。\n\n[【1】报告]({SOURCE.link})\n\n> 乙。\n\n[【2】报告]({SOURCE.link})"
    assert card.buttons == (("打开报告【1】", SOURCE.link), ("打开报告【2】", SOURCE.link))
    assert card.title == "甲。"


def test_an_only_quote_needs_no_number():
    card = make_card(Reply("en", quotes=(Quote("甲。", SOURCE),)))
    assert card.buttons == (("Open the report", SOURCE.link),)
    assert card.of_robot() == ("sampleActionCard", {"title": card.title, "text": card.text, "singleTitle": "Open the report",
                                                    "singleURL": SOURCE.link})


def test_what_can_be_asked_is_on_buttons_that_say_it():
    card = make_card(Reply("zh", "没有。", nearest=(SOURCE, NAMELESS), options=OPTIONS))
    assert card.text == f"没有。\n\n最接近的内容：  \n· [报告]({SOURCE.link})  \n· 报告\n\n还可以问（回复编号）："
    assert card.buttons == (("1. 2021年生产总值？", f"{SAY}2021%E5%B9%B4%E7%94%9F%E4%BA%A7%E6%80%BB%E5%80%BC%EF%BC%9F"),
                            ("2. 甲&乙？", f"{SAY}%E7%94%B2%26%E4%B9%99%EF%BC%9F"))
    template, filled = card.of_robot()
    assert template == "sampleActionCard2"
    assert filled == {"title": card.title, "text": card.text, "actionTitle1": card.buttons[0][0], "actionURL1": card.buttons[0][1],
                      "actionTitle2": card.buttons[1][0], "actionURL2": card.buttons[1][1]}
    assert [button["actionURL"] for button in card.in_conversation()["actionCard"]["btns"]] == [address for _, address in card.buttons]


@pytest.mark.parametrize("reply", [Reply("en", quotes=(Quote("甲。", NAMELESS),)), Reply("en", "Hello.")])
def test_without_buttons_it_is_markdown(reply):
    card = make_card(reply)
    assert card.in_conversation() == {"msgtype": "markdown", "markdown": {"title": card.title, "text": card.text}}
    assert card.of_robot() == ("sampleMarkdown", {"title": card.title, "text": card.text})


def test_there_are_no_more_buttons_than_a_robot_can_send():
    card = make_card(Reply("zh", quotes=(Quote("甲。", SOURCE),) * 9, options=OPTIONS))
    assert [words for words, _ in card.buttons] == ["打开报告【1】", "打开报告【2】", "打开报告【3】", "1. 2021年生产总值？", "2. 甲&乙？"]
    assert card.of_robot()[0] == "sampleActionCard5"


def test_a_question_that_an_address_cannot_hold_is_asked_by_its_number():
    card = make_card(Reply("zh", "好", options=("问" * 50, "问" * 51)))
    assert [address for _, address in card.buttons] == [SAY + "%E9%97%AE" * 50, SAY + "2"]


def test_in_a_group_what_was_asked_stands_above():
    assert make_card(Reply("zh", "好"), "*多少*\n是？").text == "**\\*多少\\* 是？**\n\n好"
    long = make_card(Reply("zh", "好" * 100, options=("长" * 100,)), "问" * 100)
    assert long.text.startswith("**" + "问" * (BUTTON - 1) + "…**")
    assert (len(long.title), len(long.buttons[0][0])) == (TITLE, BUTTON)


def test_a_long_quote_is_cut_at_a_sentence_and_its_link_opens_the_rest():
    text = make_card(Reply("zh", quotes=(Quote("某句话说了些什么。" * 100, SOURCE),))).text
    assert text == "> " + "某句话说了些什么。" * (600 // 9) + f"{CUT}\n\n[【1】报告（查看全文）]({SOURCE.link})"


@example(["-", "+ 甲", "1. 甲", "12) 甲", "===", "---", "2.5亿元", "-3%"])
@given(st.lists(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=3000), min_size=1, max_size=9))
def test_quotes_are_verbatim_no_markup_and_fit(quotes):
    card = make_card(Reply("zh", quotes=tuple(Quote(text, SOURCE) for text in quotes), options=OPTIONS), "问")
    assert len(json.dumps(card.of_robot()[1], ensure_ascii=False).encode()) <= LONGEST
    tokens = MarkdownIt().parse(card.text)
    shown = [token.children for token in tokens if token.type == "inline" and token.level == 2]
    assert len(shown) == len(quotes)
    for children, quote in zip(shown, quotes, strict=True):
        assert {child.type for child in children} <= {"text", "text_special"}
        text = "".join(child.content for child in children)
        assert quote.startswith(text.removesuffix(CUT) if text != quote else text)
