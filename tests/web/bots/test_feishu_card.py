"""Replies as cards of Feishu."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.bots.feishu_card import BUTTON, LIMIT, write_card
from web.bots.rendering import CUT
from web.bots.shape import Quote, Reply, Source

SOURCE = Source("报告", "https://qa.example.org/reports/1?start=3&end=9#quote")
NAMELESS = Source("报告", "")


def shown(text: str) -> tuple[list[str], list[dict]]:
    """The texts of a card, and its buttons; both in order."""
    texts, buttons = [], []

    def walk(node):
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif node["tag"] == "plain_text":
            texts.append(node["content"])
        elif node["tag"] == "button":
            buttons.append(node)
        else:
            walk(next(node[name] for name in ("text", "elements", "actions", "columns") if name in node))

    walk(json.loads(text)["elements"])
    return texts, buttons


def test_each_quote_stands_above_its_source_and_has_a_button():
    texts, buttons = shown(write_card(Reply("zh", "您好。", (Quote("甲。", SOURCE), Quote("乙。", SOURCE)), answer_id="a"), True))
    assert texts == ["您好。", "甲。", "【1】报告", "乙。", "【2】报告"]
    assert [button["text"]["content"] for button in buttons] == ["打开报告【1】", "打开报告【2】", "没有帮助"]
    assert [button.get("url") for button in buttons] == [SOURCE.link, SOURCE.link, None]
    assert buttons[2]["value"] == {"unhelpful": "a"}


@pytest.mark.parametrize(("reply", "judged"), [
    (Reply("en", quotes=(Quote("甲。", NAMELESS),), answer_id="a"), False), (Reply("en", "Hello."), True)])
def test_without_a_link_or_an_answer_that_is_kept_there_are_no_buttons(reply, judged):
    assert shown(write_card(reply, judged))[1] == []


def test_an_abstention_shows_where_to_look_and_what_to_ask():
    reply = Reply("en", "Nothing.", nearest=(SOURCE, Source("另一份报告", "")), options=("甲？", "长" * 120), answer_id="a")
    texts, buttons = shown(write_card(reply, True, "oc_1"))
    assert texts == ["Nothing.", "What comes nearest:", "· 另一份报告", "You could also ask (send the number):"]
    assert [button["text"]["content"][:14] for button in buttons] == ["报告", "Not helpful", "1. 甲？", "2. " + "长" * 11]
    assert buttons[3]["value"] == {"ask": "长" * 120, "group": "oc_1"}
    assert len(buttons[3]["text"]["content"]) == BUTTON


def test_a_long_quote_is_cut_at_a_sentence_and_its_button_opens_the_rest():
    texts, buttons = shown(write_card(Reply("zh", quotes=(Quote("某句话说了些什么。" * 100, SOURCE),)), True))
    assert texts[0] == "某句话说了些什么。" * (600 // 9) + CUT
    assert buttons[0]["text"]["content"] == "打开报告（查看全文）"


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=3000), max_size=9))
def test_quotes_are_verbatim_plain_and_fit(quotes):
    card = write_card(Reply("zh", quotes=tuple(Quote(text, SOURCE) for text in quotes)), True)
    assert len(json.dumps({"content": card}, ensure_ascii=False).encode()) <= LIMIT + 100
    texts = shown(card)[0][::2]
    assert len(texts) == len(quotes)
    for text, quote in zip(texts, quotes, strict=True):
        assert quote.startswith(text.removesuffix(CUT) if text != quote else text)


def test_many_long_quotes_are_cut_further_until_they_fit():
    texts, _ = shown(write_card(Reply("zh", quotes=tuple(Quote("某句话说了些什么。" * 300, SOURCE) for _ in range(20))), True))
    assert len(texts[0]) < 400
