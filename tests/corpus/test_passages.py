"""Sentences cover a text, passages are slices of it."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Document, Metadata, check_passages
from corpus.outline import outline
from corpus.passages import cut, sentences

SENTENCE = "全县新建学校三所，改造老旧小区十二个，群众办事更加方便。"


def split(text):
    return [text[start:end] for start, end in sentences(text)]


def document(text, pages=()):
    return Document("0123456789ab", "a.txt", text, Metadata("报告"), outline(text), pages=pages)


def test_marks_quotes_and_lines():
    assert split("增长2.5%。他说：“好！”大家都笑了。（完）\n下一行 没有标点\n真的？！对") == [
        "增长2.5%。", "他说：“好！”", "大家都笑了。", "（完）", "下一行 没有标点", "真的？！", "对"]


def test_straight_quotes_close_only_what_they_opened():
    assert split('他说"好。"然后走了。"再见"是最后一句。') == ['他说"好。"', "然后走了。", '"再见"是最后一句。']


def test_addresses_stay_whole():
    assert split("投资35亿元。2020年开工！3年建成？") == ["投资35亿元。", "2020年开工！", "3年建成？"]
    assert split("见http://a.cn/content?action=new。谢谢") == ["见http://a.cn/content?action=new。", "谢谢"]


def test_wide_gaps_part_paragraphs():
    assert split("各有关单位：\u3000\u3000现将有关事项通知如下") == ["各有关单位：", "现将有关事项通知如下"]


def test_long_sentence_is_split_at_semicolons():
    parts = split("；".join(["安排资金3,000万元支持企业技术改造，按设备投资额给予补助" * 4] * 6) + "。")
    assert len(parts) > 1
    assert all(part.endswith(("；", "。")) and len(part) <= 400 for part in parts)


def test_passages_are_even_and_overlap():
    passages = cut(document(SENTENCE * 40))
    assert len(passages) > 2
    assert all(250 <= len(passage.text) <= 500 for passage in passages)
    assert all(after.start == before.end - len(SENTENCE) for before, after in zip(passages, passages[1:]))


def test_passages_keep_to_their_section_and_leave_headings_out():
    text = f"# 概况\n全县人口五十万。\n# 经济\n一、工业\n{SENTENCE * 3}\n二、农业\n{SENTENCE * 4}"
    assert [(passage.section, passage.text) for passage in cut(document(text))] == [
        (("概况",), "全县人口五十万。"), (("经济", "一、工业"), SENTENCE * 3), (("经济", "二、农业"), SENTENCE * 4)]


def test_table_rows_stand_together():
    rows = "| 年份 | 生产总值 |\n| 2020 | 100亿元 |\n| 2021 | 110亿元 |"
    texts = [passage.text for passage in cut(document(f"{SENTENCE * 2}\n主要指标如下：\n{rows}\n{SENTENCE * 2}"))]
    assert texts == [SENTENCE * 2, f"主要指标如下：\n{rows}", SENTENCE * 2]


def test_pages():
    assert [passage.page for passage in cut(document(f"# 一\n{SENTENCE}\n# 二\n{SENTENCE}", pages=((1, 0), (2, 35))))] == [1, 2]


def test_nothing_to_quote():
    assert cut(document("")) == cut(document(" \n----\n")) == []


texts = st.lists(st.sampled_from([
    "一、", "二、", "（一）", "1.", "# 标题\n", "第一条 ", SENTENCE, SENTENCE * 5, "长句没有标点" * 90, "分号句；" * 130, "\n", "\n\n", " ",
    "\u3000\u3000", "。", "！”", '"', "|甲|乙|\n", "a.b?c=1", "1.5亿元"]), max_size=30).map("".join)


@given(texts)
def test_every_character_is_in_one_sentence(text):
    spans = sentences(text)
    covered = [offset for start, end in spans for offset in range(start, end)]
    assert covered == sorted(set(covered))
    assert {offset for offset, character in enumerate(text) if not character.isspace()} <= set(covered)
    assert all(text[start:end] == text[start:end].strip() and 0 < end - start <= 400 for start, end in spans)


@given(texts)
def test_passages_hold_the_invariants(text):
    source = document(text)
    passages = cut(source)
    check_passages(source, passages)
    assert [passage.start for passage in passages] == sorted({passage.start for passage in passages})
    for passage in passages:
        assert passage.section == source.section_path(passage.end - 1)
        assert not any(passage.start < section.body and section.start < passage.end for section in source.sections)
