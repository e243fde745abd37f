"""Raw text beside repaired text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from corpus.articles import split
from corpus.document import Document, Metadata, RawText
from corpus.mapping import MappedText
from corpus.outline import outline
from corpus.passages import cut
from web.preview import HEADING, PART, PASSAGE, REST, lay_out


def made(raw):
    """A document as intake makes it of a text that is one article."""
    [article] = split(RawText("a.md", raw, "markdown"))
    return Document("id", "a.md", article.text, Metadata("题"), outline(article.text, article.headings), article.offsets, article.pages)


def repaired(raw):
    """A document of a text without its blanks, which map to where they stood."""
    text = MappedText(raw).without([(match.start(), match.end()) for match in re.finditer(" |(?<=，)\n", raw)])
    return Document("id", "a.txt", text.text, Metadata("题"), outline(text.text), text.offsets)


def test_a_passage_stands_beside_what_it_was_read_from():
    raw = "一、造林\n全 市 去 年 造 林 二 十 三 万 亩 ，\n比上年多两万亩。其中西山造林八万亩。\n二、防火\n防火队伍新增三百人。"
    document = repaired(raw)
    [rows] = lay_out(document, raw, cut(document))
    assert [(row.kind, row.number) for row in rows] == [(HEADING, 1), (PASSAGE, 1), (HEADING, 1), (PASSAGE, 2)]
    assert rows[1].text == "全市去年造林二十三万亩，比上年多两万亩。其中西山造林八万亩。"
    assert rows[1].raw == ("全 市 去 年 造 林 二 十 三 万 亩 ，\n比上年多两万亩。其中西山造林八万亩。",)
    assert [row.start for row in rows] == sorted(row.start for row in rows)


def test_a_sentence_that_the_next_passage_repeats_is_told_apart():
    raw = "全县粮食总产量比上年有所增长，农户安居乐业。" * 40
    document = repaired(raw)
    [rows] = lay_out(document, raw, cut(document))
    assert len(rows) > 1
    assert all(row.repeated and before.text.endswith(row.repeated) for before, row in zip(rows, rows[1:], strict=False))


texts = st.lists(st.sampled_from(["北村修路三里。", "南 村 打 井 两 口 。", "\n", "## 二、打井\n", "——\n", "东村植树千棵，长势很好，已见成效。" * 20]), max_size=60)


@given(texts)
def test_nothing_is_left_out_and_every_character_of_raw_text_is_found(pieces):
    raw = "# 题\n" + "".join(pieces) + "尾声。"
    document = made(raw)
    parts = lay_out(document, raw, cut(document))
    rows = [row for part in parts for row in part]
    assert "".join("".join(row.text.split()) for row in rows) == "".join(document.text.split())
    for row in rows:
        whole = row.repeated + row.text
        assert whole == document.text[row.start:row.end]
        found = "".join("".join(row.raw).split())
        assert all(character in found for character in "".join(whole.split()))
        assert row.kind in (HEADING, PASSAGE, REST)
    assert all(sum(row.end - row.start for row in part[:-1]) <= PART for part in parts)


def test_columns_read_one_after_the_other_are_pieces():
    raw = "左上右上" + "　" * 300 + "左下右下。"
    text = "左上左下。"
    document = Document("id", "a", text, Metadata("题"), offsets=((0, 0), (2, 304), (4, 308)))
    [[row]] = lay_out(document, raw, cut(document))
    assert row.raw == ("左上", "左下右下。")


def test_a_document_without_text_has_one_part():
    document = Document("id", "a", "", Metadata("题"))
    assert lay_out(document, "", []) == [[]]
