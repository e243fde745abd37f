"""Reports and answers laid out: nothing lost, nothing added, the right places marked, no part too large."""

from html import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document, Metadata, Section
from corpus.outline import outline
from web.viewer import HEADINGS, PART, TAGS, lay_out, mark, part_at, parts
from web.viewer import outline as contents

TEXTS = st.text(st.sampled_from("一二、.（）第条章#报告增长。5% \n"), max_size=120)
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4)


def document(text, sections=(), pages=()):
    return Document("0" * 12, "a.txt", text, Metadata("标题"), tuple(sections), pages=tuple(pages))


def words(blocks):
    return "".join(piece for block in blocks for piece, _ in block.lead + block.pieces)


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


@settings(max_examples=30, deadline=None)
@given(lines=st.lists(st.text("一二、章增长。<&\" ", max_size=40).map(lambda line: line * 150), max_size=60), at=st.integers(0, 300_000))
def test_parts_show_a_report_once_and_none_is_large(lines, at):
    text = "\n".join(lines)
    report = document(text, outline(text))
    found = parts(report)
    assert [part.number for part in found] == list(range(1, len(found) + 1))
    assert [0, *(part.end for part in found)] == [*(part.start for part in found), len(text)]
    shown = [lay_out(report, part=part) for part in found]
    assert "".join("".join(words(blocks).split()) for blocks in shown) == "".join(words(lay_out(report)).split())
    sizes = [sum(len(escape(piece).encode()) + TAGS for block in blocks for piece, _ in block.pieces) for blocks in shown]
    assert all(size <= PART + 30_000 for size in sizes)  # one paragraph at the least
    assert len(found) == 1 or sum(sizes) > 0.3 * PART * len(found)
    part = part_at(found, at)
    assert part.start <= at < part.end or part == found[-1]


def test_a_part_says_on_which_page_it_begins():
    text = ("甲" * 4000 + "\n") * 12
    report = document(text, pages=[(7, 0), (8, 12_000)])
    second = parts(report)[1]
    assert lay_out(report, part=second)[0].page == report.page(second.start)


def test_the_contents_show_as_many_levels_as_fit_and_where_one_is():
    text = "".join(f"{'#' * (1 + (at % 10 > 0))} 标题{at}\n正文。\n" for at in range(HEADINGS))
    report = document(text, outline(text))
    assert len(contents(report, 0)) == HEADINGS
    text *= 2
    report = document(text, outline(text))
    found = contents(report, text.index("标题57\n") + 8)
    assert [entry.heading for entry in found if entry.level == 2] == ["标题57"]
    assert len(found) == 1 + HEADINGS // 5
    assert [entry.heading for entry in found if entry.present] == ["标题57"]


def test_contents_that_do_not_fit_are_those_around_where_one_is():
    text = "".join(f"# 标题{at}\n正文。\n" for at in range(1000))
    report = document(text, outline(text))
    for at, first in ((0, 0), (500, 500 - HEADINGS // 2), (999, 1000 - HEADINGS)):
        found = contents(report, text.index(f"标题{at}\n"))
        assert [entry.heading for entry in found] == [f"标题{each}" for each in range(first, first + HEADINGS)]
        assert [entry.heading for entry in found if entry.present] == [f"标题{at}"]
    assert contents(document("正文。"), 0) == ()
