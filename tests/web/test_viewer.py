"""Reports and answers laid out: nothing lost, nothing added, the right places marked."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Document, Metadata, Section
from corpus.outline import outline
from web.viewer import lay_out, mark

TEXTS = st.text(st.sampled_from("一二、.（）第条章#报告增长。5% \n"), max_size=120)
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4)


def document(text, sections=(), pages=()):
    return Document("0" * 12, "a.txt", text, Metadata("标题"), tuple(sections), pages=tuple(pages))


@given(text=TEXTS, spans=SPANS)
def test_marking_cuts_a_text_without_changing_it(text, spans):
    pieces = mark(text, spans)
    assert "".join(piece for piece, _ in pieces) == text
    marked = [marked for piece, marked in pieces for _ in piece]
    assert marked == [any(start <= i < end for start, end in spans) for i in range(len(text))]
    assert all(one[1] != other[1] for one, other in zip(pieces, pieces[1:], strict=False))


@given(text=TEXTS, start=st.integers(0, 60), end=st.integers(0, 60))
def test_a_report_is_shown_whole(text, start, end):
    text = text.replace("#", "＃")
    blocks = lay_out(document(text, outline(text)), start, end)
    shown = [(piece, marked) for block in blocks for piece, marked in block.lead + block.pieces]
    assert "".join("".join(piece for piece, _ in shown).split()) == "".join(text.split())
    marked = "".join("".join(piece for piece, marked in shown if marked).split())
    assert marked == "".join(text[start:max(start, end)].split())


def test_headings_markers_and_pages_are_told_apart():
    text = "# 年度总结\n一、工业 工业增长较快。\n第一条 给予奖励。\n"
    at = text.index
    sections = [Section("年度总结", 1, 0, at("一"), len(text)), Section("一、工业", 2, at("一"), at("工业增"), at("第")),
                Section("第一条", 3, at("第"), at("给"), len(text))]
    blocks = lay_out(document(text, sections, [(1, 0), (2, at("第"))]), at("给予"), at("给予") + 4)
    assert [(b.level, b.lead, b.pieces, b.page) for b in blocks] == [
        (1, (), (("年度总结", False),), 1), (2, (), (("一、工业", False),), None), (0, (), (("工业增长较快。", False),), None),
        (0, (("第一条", False),), (("给予奖励", True), ("。", False)), 2)]
    assert [block.marked for block in blocks] == [False, False, False, True]


def test_a_marker_at_the_end_is_not_lost():
    blocks = lay_out(document("正文。\n第一条 ", [Section("第一条", 1, 4, 8, 8)]))
    assert [block.lead or block.pieces for block in blocks] == [(("正文。", False),), (("第一条", False),)]
