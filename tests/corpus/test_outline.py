"""The heading ladder, on lines of their own and run on in one line."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.outline import outline

BODY = "全县新建学校三所，改造老旧小区十二个，群众办事更加方便，企业开办时间进一步缩短。" * 4


def paths(text, **more):
    return [(section.level, section.heading) for section in outline(text, **more)]


def test_ladder_on_lines():
    text = f"一、总体要求\n（一）基本原则\n{BODY}\n（二）主要目标\n{BODY}\n二、保障措施\n1.加强领导\n{BODY}\n2.强化督查\n{BODY}\n"
    assert paths(text) == [
        (1, "一、总体要求"), (2, "（一）基本原则"), (2, "（二）主要目标"),
        (1, "二、保障措施"), (2, "1.加强领导"), (2, "2.强化督查")]


def test_headings_run_on_in_one_line():
    text = (f"各位代表: 现在报告工作。 一、2020年工作回顾 2020年极不平凡。{BODY} (一)稳增长,发展走在前列。全县投入2.7亿元。{BODY}"
            f" (二)惠民生,生活持续改善。{BODY} 二、2021年工作安排2021年是关键一年。{BODY}")
    assert paths(text) == [
        (1, "一、2020年工作回顾"), (2, "(一)稳增长,发展走在前列"), (2, "(二)惠民生,生活持续改善"), (1, "二、2021年工作安排")]


def test_numbered_paragraph_keeps_its_text_quotable():
    text = "".join(f"{number}、对本县生产防护用品的中小企业，在规定期限内按规定减免其房产税和城镇土地使用税，{BODY}\n" for number in "一二")
    first = outline(text)[0]
    assert first.heading == "一、"
    assert text[first.body:].startswith("对本县")


def test_short_items_are_a_list():
    text = f"一、申请材料\n1.申请表原件；\n2.身份证复印件；\n3.营业执照。\n二、办理程序\n{BODY}"
    assert paths(text) == [(1, "一、申请材料"), (1, "二、办理程序")]


def test_steps_are_a_list():
    assert paths("".join(f"{number}. 点击 确定。\n" for number in range(1, 9))) == []


def test_law():
    text = (f"第一章  总则\n第一条 为了规范供水，制定本条例。\n第二条【适用范围】本县适用本条例。{BODY}\n"
            f"第二章  供水\n第三条 水质应当符合第一条规定的要求。\n（一）清澈；\n（二）无味。\n")
    assert paths(text) == [
        (1, "第一章  总则"), (2, "第一条"), (2, "第二条【适用范围】"), (1, "第二章  供水"), (2, "第三条")]


def test_markdown_and_contents():
    text = f"# 报告\n目录\n一、回顾\n二、安排\n## 正文\n一、回顾\n{BODY}\n二、安排\n{BODY}"
    assert paths(text) == [(1, "报告"), (2, "正文"), (3, "一、回顾"), (3, "二、安排")]


def test_layout_headings():
    text = f"新区建设提速\n{BODY}\n招商成果丰硕\n{BODY}"
    start = text.index("招商")
    assert paths(text, headings=[(0, 6), (start, start + 6)]) == [(1, "新区建设提速"), (1, "招商成果丰硕")]


def test_enumerations_inside_sentences_are_no_headings():
    assert paths("重点做好三件事。一是修路；二是架桥；三是植树。投资1.5亿元，系统升级到2.0版，以全国第 七、全省第一的成绩通过。按第（一）项规定办理。") == []


pieces = st.lists(st.sampled_from([
    "一、", "二、", "三、", "（一）", "（二）", "1.", "2、", "（1）", "①", "第一章 总则", "第一条 ", "第二条 ", "# 标题", "## 小节",
    "1.1 目的", "1 总则", "。", "；", "：", "\n", " ", "\u3000\u3000", "工作回顾", BODY, "2020年", "增长2.5%", "“引文”", "|甲|乙|"]), max_size=40)


@given(pieces.map("".join) | st.text(alphabet="第一二十百0123章条节编、（）().①# \n\u3000。：甲乙", max_size=60))
def test_sections_nest_in_order(text):
    sections = outline(text)
    open_sections = []
    offset = 0
    for section in sections:
        assert offset <= section.start < section.body <= section.end <= len(text)
        assert section.heading and section.heading in text[section.start:section.body]
        offset = section.body
        while open_sections and open_sections[-1].end <= section.start:
            open_sections.pop()
        assert section.level == len(open_sections) + 1
        assert all(section.end <= outer.end for outer in open_sections)
        open_sections.append(section)
