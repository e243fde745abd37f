"""Replies as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.bots.rendering import ANCHORS, MARKDOWN, PLAIN, cut, options_in, render
from web.bots.shape import Quote, Reply, Source

LINK = "https://qa.example.org/reports/1?start=3&end=9#quote"
sources = st.builds(Source, st.text(min_size=1, max_size=80), st.sampled_from(["", LINK]))
replies = st.builds(
    Reply, st.sampled_from(["zh", "en"]), st.text(max_size=200), st.lists(st.builds(Quote, st.text(max_size=3000), sources), max_size=4).map(tuple),
    st.lists(sources, max_size=3).map(tuple), st.lists(st.text(max_size=80), max_size=3).map(tuple))


@given(st.text(alphabet="甲乙。！\n", max_size=200), st.integers(4, 100))
def test_a_cut_text_is_a_beginning_of_it(text, length):
    kept, missing = cut(text, length)
    assert text.startswith(kept)
    assert len(kept) <= length
    assert missing == (len(text) > length)


def test_it_is_cut_behind_a_sentence():
    assert cut("第一句话。第二句话。第三句话。", 12) == ("第一句话。第二句话。", True)
    assert cut("没有句号的长句子一直写下去", 6) == ("没有句号的长", True)
    assert cut("短。" + "很长的一句话" * 9, 20)[0] == ("短。" + "很长的一句话" * 9)[:20]


@given(replies, st.sampled_from([PLAIN, ANCHORS, MARKDOWN]), st.integers(60, 4096))
def test_a_reply_keeps_within_the_bytes_of_its_platform(reply, form, limit):
    assert len(render(reply, form, limit).encode()) <= limit


def test_quotes_are_shortened_before_anything_is_left_out():
    reply = Reply("zh", quotes=tuple(Quote("某句话说了些什么。" * 60, Source("报告", LINK)) for _ in range(3)), options=("还有什么？",))
    text = render(reply, ANCHORS, 2048)
    assert text.count("<a href") == 3
    assert "1. 还有什么？" in text
    assert "……" in text
    assert "查看全文" in text


@pytest.mark.parametrize(("form", "expected"), [
    (PLAIN, f"甲。\n【1】报告\n{LINK}"), (ANCHORS, f'甲。\n<a href="{LINK}">【1】报告</a>'), (MARKDOWN, f"> 甲。\n\n[【1】报告]({LINK})")])
def test_each_form_links_to_the_source(form, expected):
    assert render(Reply("zh", quotes=(Quote("甲。", Source("报告", LINK)),)), form) == expected


def test_without_a_link_the_source_is_named():
    assert render(Reply("zh", quotes=(Quote("甲。", Source("报告", "")),)), PLAIN) == "甲。\n【1】报告"


def test_what_a_report_holds_is_no_markup():
    quote = Quote('见<a href="https://evil.example">这里</a>，<@all> **要紧**', Source("[x](y)", ""))
    reply = Reply("zh", quotes=(quote,))
    assert "<a" not in render(reply, ANCHORS)
    assert r"\<@all\> \*\*要紧\*\*" in render(reply, MARKDOWN)
    assert r"\[x\](y)" in render(reply, MARKDOWN)


def test_what_was_offered_is_read_back():
    quote = Quote("目标有：\n1. 保就业\n2. 稳物价", Source("报告", LINK))
    reply = Reply("zh", quotes=(quote,), options=(r"C:\盘里的*什么*？", "[第二个]是什么？"))
    assert options_in(render(reply, MARKDOWN)) == {1: r"C:\盘里的*什么*？", 2: "[第二个]是什么？"}
