"""What is escaped reads as it was said, to an independent reader of Markdown."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from web.exports.markdown import Markdown, escape, quoted
from web.exports.references import Reference

ANYTHING = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1) | st.text("-+=#1.)(*_`~<>[]!&|\\ a", min_size=1)
READER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def paragraphs(markdown):
    """The text of each paragraph, and what stands around it."""
    tokens = READER.parse(markdown)
    kinds = [token.type for token in tokens if token.type != "inline"]
    texts = [child for token in tokens if token.type == "inline" for child in [token.children]]
    assert {child.type for children in texts for child in children} <= {"text", "text_special"}
    return kinds, ["".join(child.content for child in children) for children in texts]


@given(ANYTHING.filter(str.strip))
@example("1. 标题")
@example("---")
@example("a\\")
@example("2020-2021年 *增长* <b>5%</b> &amp; [1]: x")
def test_a_line_reads_as_it_was_said(text):
    kinds, texts = paragraphs(escape(text))
    assert kinds == ["paragraph_open", "paragraph_close"]
    assert [each.split() for each in texts] == [text.split()]


@given(st.lists(ANYTHING.filter(str.strip), min_size=1, max_size=3))
def test_a_quote_keeps_its_lines(lines):
    kinds, texts = paragraphs(quoted("\n".join(lines)))
    assert (kinds[0], kinds[-1], len(kinds)) == ("blockquote_open", "blockquote_close", 2 + 2 * len(lines))
    assert [each.split() for each in texts] == [line.split() for line in lines]


@pytest.mark.parametrize("text", ["2021年完成1286.4亿元，增长7.3%。", "2021.5", "（一）新增3.2万人"])
def test_ordinary_text_stays_as_it_is(text):
    assert escape(text) == text


def test_a_reference_can_be_clicked():
    writer = Markdown()
    writer.reference(Reference(3, "云溪市人民政府. 报告[Z/OL]. 2022[2026-05-01]", "https://qa.example/reports/a?start=0&end=2"))
    page = READER.render(writer.finish().decode())
    assert '<p>[3] 云溪市人民政府. 报告[Z/OL]. 2022[2026-05-01]. <a href="https://qa.example/reports/a?start=0&amp;end=2">' in page
