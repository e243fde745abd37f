import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning.columns import blocks, in_order, printed_lines
from corpus.cleaning.headlines import is_byline, is_caption, is_note_label, undouble
from corpus.cleaning.listing import listed
from corpus.cleaning.plain import paragraphs
from corpus.cleaning.seams import is_torn, is_word_torn
from corpus.cleaning.spacing import close_spaces, is_letter_spaced
from corpus.cleaning.wrapped import unwrapped
from corpus.mapping import MappedText

texts = st.text(alphabet="甲乙丙 \u3000发展改革1290aB，。“”（）\n—●", max_size=80)


def squeezed(text):
    return "".join(text.split())


@pytest.mark.parametrize(("printed", "meant"), [
    ("我 市 始 终 坚 持 改 革", "我市始终坚持改革"),
    ("创 业 带 动 就 业 ，去 年 新 增 5.04 万 人", "创业带动就业，去年新增5.04万人"),
    ("实现了“ 一 网 通 办 ”改 革 目 标", "实现了“一网通办”改革目标"),
    ("共有 1000 余名、70%以上", "共有1000余名、70%以上"),
    ("夯基础 拓新路 稳步推进", "夯基础 拓新路 稳步推进"),
    ("本报记者 王小溪", "本报记者 王小溪"),
    ("use Open Data now", "use Open Data now"),
    ("中心（B 型）在 A 股上市", "中心（B型）在A股上市"),
])
def test_letter_spacing_goes_and_meant_spaces_stay(printed, meant):
    assert close_spaces(MappedText(printed)).text == meant


@given(texts)
def test_closing_spaces_twice_is_closing_them_once_and_loses_no_character(text):
    closed = close_spaces(MappedText(text))
    assert squeezed(closed.text) == squeezed(text)
    if not is_letter_spaced(closed.text):
        assert close_spaces(closed).text == closed.text


@pytest.mark.parametrize(("printed", "meant"), [
    ("改善生态改善生态————", "改善生态——"),
    ("奋力建设美丽云溪奋力建设美丽云溪", "奋力建设美丽云溪"),
    ("发展路上的发展路上的““云溪答卷云溪答卷””", "发展路上的“云溪答卷”"),
    ("稳中求进 进中提质稳中求进 进中提质", "稳中求进 进中提质"),
    ("————云溪——云溪", "———云溪"),  # the first run is one dash, though two would be doubled as well
])
def test_doubled_headlines_become_single(printed, meant):
    assert undouble(MappedText(printed)).text == meant


@pytest.mark.parametrize("line", ["方方面面", "——", "……", "发展永远在路上", "研究问题，研究办法", ""])
def test_other_lines_are_not_doubled(line):
    assert undouble(MappedText(line)) is None


@given(st.lists(st.text(alphabet="云溪发展“”2—", min_size=1, max_size=6), min_size=1, max_size=4))
def test_a_line_printed_twice_run_by_run_is_recognized(runs):
    printed = "".join(run * 2 for run in [*runs, "高质量"])
    single = undouble(MappedText(printed))
    assert single is not None
    assert set(single.text) == set(printed)
    assert len(single) <= len(printed) / 2


@pytest.mark.parametrize("line", ["本报记者 王小溪", "本报记者 李 川 通讯员 周平", "王小溪/文 李川/图", "新华社记者 王小溪"])
def test_bylines(line):
    assert is_byline(line)


@pytest.mark.parametrize("line", ["记者在现场看到，车间一片繁忙", "本报记者报道说，全市", "云溪发展"])
def test_running_text_is_no_byline(line):
    assert not is_byline(line)


def test_captions_say_what_they_are():
    assert is_caption("云溪湿地公园 本报记者 王小溪 摄")
    assert is_caption("左图:工人在生产线上忙碌。")
    assert not is_caption("图书馆全年开放，群众拍手称快。")
    assert is_note_label("编者按")


@pytest.mark.parametrize(("before", "after"), [
    ("加快完善新型城", "镇化体制"), ("新建学校20", "24所"), ("坚持创新，", "推动发展"), ("外贸转型升级基地", "（陶瓷）"),
    ("（镇、街道", "办）改革"),
])
def test_torn_seams(before, after):
    assert is_torn(before, after)


def test_seams_between_words():
    assert not is_word_torn("共建共享美好生活", "翻看成绩单")
    assert not is_torn("支持措施", "如何落实")


def test_a_torn_paragraph_is_brought_back_to_where_it_was_torn_off():
    raw = ("新区建设全面铺开,各项工作有序推进,群众反映良好。\n\n省重点项目之一,并列入年度计划。\n\n"
           "近日,有关部门公布了名单,新区成功入选。\n\n新区建设得到各方支持,成为全\n\n根据有关部门意见,新区成立了专班。\n")
    page = [block.text for block in in_order(blocks(printed_lines(MappedText(raw))))]
    assert page.index("省重点项目之一,并列入年度计划。") == page.index("新区建设得到各方支持,成为全") + 1


LETTER = "云溪县今年继续推进农村公路建设，全年计划新建改建里程一百八十公里，覆盖全部乡镇，预计惠及群众二十余万人，沿线村庄出行条件将明显改善，物流成本也会随之下降。"


def wrap(text, width):
    return "\n".join(text[at:at + width] for at in range(0, len(text), width))


@pytest.mark.parametrize("width", [16, 22, 30])
def test_hard_wrapped_text_is_joined(width):
    letters = [LETTER, "此外，" + LETTER, "同时，" + LETTER]
    raw = "\n\n".join(wrap(letter, width) for letter in letters) + "\n— 3 —\n"
    assert [part.text for part in unwrapped(MappedText(raw))] == letters


def test_lists_and_records_are_not_taken_for_hard_wrapped_text():
    names = "\n".join(f"云溪第{number}数据科技有限公司" for number in "一二三四五六七八九")
    rows = "\n".join(f"项目：道路{number}；里程：{number}公里；投资：{number}亿元" for number in range(10, 20))
    assert unwrapped(MappedText(names)) == []
    assert unwrapped(MappedText(rows)) == []


def test_inline_markup_does_not_break_lines():
    raw = "上次会议\n[\n1\n]\n以来的工作，依据《\n公路法\n》，已经完成。\n下一段。"
    assert [part.text for part in paragraphs(MappedText(raw))] == ["上次会议[1]以来的工作，依据《公路法》，已经完成。", "下一段。"]


def test_one_long_line_becomes_paragraphs():
    first, second = "甲" * 150 + "。", "乙" * 100 + "。"
    raw = f"{first} {second}\u3000\u3000一、保供应 " + "丙" * 10
    assert [part.text[:2] for part in paragraphs(MappedText(raw))] == ["甲甲", "乙乙", "一、"]


@given(texts)
def test_ordinary_text_loses_no_character(text):
    assert squeezed("".join(part.text for part in paragraphs(MappedText(text)))) == squeezed(text)


LISTING = """-
云溪县公路建设进展
全年新建公路180公里。群众满意。
2025-07-08
-
云溪县陶瓷出口增长
陶瓷出口增长一成。
2025年7月2日
点我投稿

- 联系我们
"""


def test_a_listing_gives_its_items_with_their_dates_and_drops_the_footer():
    items = listed(MappedText(LISTING))
    assert [(item.title, item.notes["published"]) for item in items] == [
        ("云溪县公路建设进展", "2025-07-08"), ("云溪县陶瓷出口增长", "2025-07-02")]
    assert items[1].paragraphs[-1].text.text == "陶瓷出口增长一成。"


def test_dashes_between_paragraphs_are_no_listing():
    assert listed(MappedText("标题\n第一段。\n---\n第二段。\n---\n第三段。\n")) == []
