"""Replies as blocks of Slack."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from web.bots.rendering import CUT
from web.bots.shape import Quote, Reply, Source
from web.bots.slack_blocks import BUTTON, LIMIT, write_blocks

SOURCE = Source("报告", "https://qa.example.org/reports/1?start=3&end=9#quote")
NAMELESS = Source("报告", "")


def shown(blocks) -> tuple[list[str], list[dict]]:
    """The texts of the blocks, and their buttons; both in order. Slack's SDK knows every block and finds nothing wrong."""
    for block in Block.parse_all(blocks):
        block.validate_json()
    texts, buttons = [], []
    for block in blocks:
        if block["type"] == "rich_text":
            texts += [text["text"] for element in block["elements"] for text in element["elements"]]
        elif block["type"] == "section":
            texts.append(block["text"]["text"])
            buttons += [block["accessory"]] if "accessory" in block else []
        else:
            buttons += block["elements"]
    return texts, buttons


def test_each_quote_stands_above_its_source_beside_which_a_button_opens_it():
    blocks = write_blocks(Reply("zh", "您好。", (Quote("甲。", SOURCE), Quote("乙。", SOURCE)), answer_id="a"), True)
    texts, buttons = shown(blocks)
    assert texts == ["您好。", "甲。", "【1】报告", "乙。", "【2】报告"]
    assert [block["elements"][0]["type"] for block in blocks if block["type"] == "rich_text"] == [
        "rich_text_section", "rich_text_quote", "rich_text_quote"]
    assert [(button["text"]["text"], button.get("url")) for button in buttons] == [
        ("打开报告", SOURCE.link), ("打开报告", SOURCE.link), ("没有帮助", None)]
    assert buttons[2]["value"] == "a"


@pytest.mark.parametrize(("reply", "judged"), [
    (Reply("en", quotes=(Quote("甲。", NAMELESS),), answer_id="a"), False), (Reply("en", "Hello."), True)])
def test_without_a_link_or_an_answer_that_is_kept_there_are_no_buttons(reply, judged):
    assert shown(write_blocks(reply, judged))[1] == []


def test_an_abstention_shows_where_to_look_and_what_to_ask():
    reply = Reply("en", "Nothing.", nearest=(SOURCE, Source("另一份报告", "")), options=("甲？", "长" * 120), answer_id="a")
    texts, buttons = shown(write_blocks(reply, True, "问题？"))
    assert texts == ["问题？", "Nothing.", "What comes nearest:", "· 报告", "· 另一份报告", "You could also ask (send the number):"]
    assert [button["text"]["text"][:14] for button in buttons] == ["Open the repor", "Not helpful", "1. 甲？", "2. " + "长" * 11]
    assert buttons[3]["value"] == "长" * 120
    assert len(buttons[3]["text"]["text"]) == BUTTON
    assert len({button["action_id"] for button in buttons}) == 4


def test_a_long_quote_is_cut_at_a_sentence_and_its_button_opens_the_rest():
    texts, buttons = shown(write_blocks(Reply("zh", quotes=(Quote("某句话说了些什么。" * 100, SOURCE),)), True))
    assert texts[0] == "某句话说了些什么。" * (600 // 9) + CUT
    assert buttons[0]["text"]["text"] == "打开报告（查看全文）"


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=3000), max_size=9))
def test_quotes_are_verbatim_and_fit(quotes):
    blocks = write_blocks(Reply("zh", quotes=tuple(Quote(text, SOURCE) for text in quotes)), True)
    assert len(json.dumps(blocks, ensure_ascii=False)) <= LIMIT
    texts = shown(blocks)[0][::2]
    assert len(texts) == len(quotes)
    for text, quote in zip(texts, quotes, strict=True):
        assert quote.startswith(text.removesuffix(CUT) if text != quote else text)


def test_many_long_quotes_are_cut_further_until_they_fit():
    texts, _ = shown(write_blocks(Reply("zh", quotes=tuple(Quote("某句话说了些什么。" * 300, SOURCE) for _ in range(20))), True))
    assert len(texts[0]) < 400
