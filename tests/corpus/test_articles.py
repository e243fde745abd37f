import json
import re
from bisect import bisect_right
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles import split
from corpus.document import RawText


def squeezed(text):
    return "".join(text.split())


def raw_offset(article, offset):
    clean, raw = article.offsets[bisect_right(article.offsets, (offset, float("inf"))) - 1]
    return raw + offset - clean


def assert_maps_back(raw, articles):
    for article in articles:
        for at, character in enumerate(article.text):
            if not character.isspace():
                assert raw.text[raw_offset(article, at)] == character
        for start, end in article.headings:
            assert article.text[start:end] in article.text.split("\n")


# A page as it comes out of a PDF: the first section's text before the headline, headings behind their text, the
# third section before the first, letter-spacing, columns torn by blank lines, a doubled headline, pictures at the end.
PAGE = """
春天的云溪，处处是建设的热潮。过去一年里，全县上下齐心协力，把规划中的事情一件一件办成了群众看得见的实事，交出了一
份扎实的答卷。
 全县今年把农村公路建设放在
重要位置，新建和改建的里程

达到 180 公里，覆盖了全部乡
镇，沿线村庄的出行条件明显
改 善 ，物 流 成 本 也 随 之 下 降 。

公路通到哪里，产业就跟到
哪里。去年以来，沿线新开的

“ 农 家 小 店 ”超 过 60 家，吸引
返乡青年 300 多名。
奋力建设奋力建设““美丽云溪美丽云溪””
——云溪县乡村建设走笔

本报记者 王小溪

修好乡村公路，方便群众出行

●新建村级卫生室 24 所
●培训乡村医生 96 名

小病不出村，是老百姓最朴素
的愿望。云溪县把卫生室建到
每个行政村，配齐设备和药品，

去 年 累 计 接 诊 8.3 万 人 次 ，群
众 满 意 度 保 持 在 95% 以 上 。

乡村医生队伍也在壮大，经过
系统培训的有 96 名，他们成了

群众身边的健康守门人，签约
服务覆盖全部老年人。

办好乡村医疗，守护群众健康

新建的公路通到村口。

村民在卫生室看病。 本报记者 李川 摄
"""


@pytest.fixture
def page():
    return RawText("page.txt", PAGE, "text")


def test_a_newspaper_page_becomes_its_story_and_its_captions(page):
    story, captions = split(page)
    assert story.title == "奋力建设“美丽云溪”——云溪县乡村建设走笔"
    assert story.notes == {"byline": "本报记者 王小溪"}
    assert captions.title == "奋力建设“美丽云溪”——云溪县乡村建设走笔（图片说明）"
    assert captions.text.split("\n") == ["新建的公路通到村口。", "村民在卫生室看病。本报记者 李川 摄"]
    assert_maps_back(page, [story, captions])


def test_torn_sentences_of_a_page_are_whole(page):
    paragraphs = split(page)[0].text.split("\n")
    assert paragraphs == [
        "本报记者 王小溪",
        "春天的云溪，处处是建设的热潮。过去一年里，全县上下齐心协力，把规划中的事情一件一件办成了群众看得见的实事，交出了一份扎实的答卷。",
        "修好乡村公路，方便群众出行",
        "全县今年把农村公路建设放在重要位置，新建和改建的里程达到180公里，覆盖了全部乡镇，沿线村庄的出行条件明显改善，物流成本也随之下降。",
        "公路通到哪里，产业就跟到哪里。去年以来，沿线新开的“农家小店”超过60家，吸引返乡青年300多名。",
        "办好乡村医疗，守护群众健康",
        "●新建村级卫生室24所",
        "●培训乡村医生96名",
        "小病不出村，是老百姓最朴素的愿望。云溪县把卫生室建到每个行政村，配齐设备和药品，去年累计接诊8.3万人次，群众满意度保持在95%以上。",
        "乡村医生队伍也在壮大，经过系统培训的有96名，他们成了群众身边的健康守门人，签约服务覆盖全部老年人。",
    ]


def test_headings_of_a_page_are_marked(page):
    story = split(page)[0]
    assert [story.text[start:end] for start, end in story.headings] == ["修好乡村公路，方便群众出行", "办好乡村医疗，守护群众健康"]


def test_only_the_copies_of_doubled_headlines_are_lost(page):
    articles = split(page)
    kept = Counter(squeezed("".join(article.text for article in articles) + articles[0].title))
    assert Counter(squeezed(PAGE)) - kept == Counter("奋力建设“美丽云溪”")
    assert kept - Counter(squeezed(PAGE)) == Counter()


SEQUENCE = """扬帆起航新征程 建设美丽新云溪

——云溪县改革纪事

本报记者 王小溪/文 李川/图

编者按

改革是发展的动力。云溪县坚持问题导向,办成了一批实事。

高位推动 明确年度改革事项

年初以来,全县谋划了32项改革,明确了责任单位和完成时限,其中面向企业的事项占一半以上,不断完善新型城

镇化体制,要素保障更加有力。

部门联动 推进医疗服务下乡

卫生部门把专家门诊开到乡镇,群众在家门口就能看病,不仅

省去了奔波,也节约了费用。群众对此普遍表示满意,希望长期坚持下去,形成制度

安排,惠及更多乡镇。

改革没有完成时

溪言

改革只有进行时。改出活力,改出动力,关键在落实。



群众生活更幸福。



上图:云溪县湿地公园。
"""


def test_headlines_before_their_texts_part_a_page():
    raw = RawText("page.txt", SEQUENCE, "text")
    articles = split(raw)
    assert [article.title for article in articles] == [
        "扬帆起航新征程 建设美丽新云溪——云溪县改革纪事",
        "扬帆起航新征程 建设美丽新云溪——云溪县改革纪事（编者按）",
        "改革没有完成时",
        "扬帆起航新征程 建设美丽新云溪——云溪县改革纪事（图片说明）",
    ]
    assert len(articles[0].headings) == 2
    assert "不断完善新型城镇化体制,要素保障更加有力。" in articles[0].text
    assert "不仅省去了奔波" in articles[0].text
    assert articles[2].notes == {"byline": "溪言"}
    assert articles[3].text == "群众生活更幸福。\n上图:云溪县湿地公园。"
    assert_maps_back(raw, articles)


def test_the_first_line_of_ordinary_text_is_its_title():
    [article] = split(RawText("a.txt", "云溪县公路建设进展\n\n\u3000\u3000全年新建180公里。\n", "text"))
    assert (article.title, article.text) == ("云溪县公路建设进展", "全年新建180公里。")
    assert raw_offset(article, 0) == 13


@pytest.mark.parametrize("text", ["全年新建180公里。\n群众满意。", "一、总体要求\n坚持创新。", "事项名称：办证\n主管部门：公安局", "只有一行"])
def test_text_without_a_title_keeps_its_first_line(text):
    [article] = split(RawText("a.txt", text, "text"))
    assert article.title is None
    assert article.text == text


def test_a_markdown_heading_at_the_top_is_the_title_and_the_rest_stays():
    text = "# 云溪县公报\n\n## 一、交通\n\n- 新建\n公路\n\n\n\n2 0 2 0\n"
    [article] = split(RawText("a.md", text, "markdown"))
    assert article.title == "云溪县公报"
    assert article.text == "## 一、交通\n\n- 新建\n公路\n\n2 0 2 0"


def test_nothing_comes_of_nothing():
    assert split(RawText("a.txt", " \n\u3000\n", "text")) == []


def test_pages_begin_where_their_text_begins():
    text = "云溪县公报\n第一页的内容。\n第二页的内容。\n"
    [article] = split(RawText("a.pdf", text, "pdf", pages=((1, 0), (2, 14))))
    assert article.pages == ((1, 0), (2, article.text.index("第二页")))


@given(st.text(alphabet="云溪发展改革1290aB ，。：“”（）\n—●#-\u3000", max_size=200), st.sampled_from(["text", "pdf", "markdown"]))
def test_any_text_maps_back(text, kind):
    raw = RawText("a", text, kind)
    assert_maps_back(raw, split(raw))


def test_the_real_reports_become_their_articles(shared):
    found = {path.name: split(RawText(path.name, path.read_text(encoding="utf-8"), "text"))
             for path in sorted((shared / "source-reports").glob("*.txt"))}
    assert [len(articles) for articles in found.values()] == [5, 2, 4, 2, 8]
    assert all(article.title and len(article.title) <= 80 for articles in found.values() for article in articles)
    dates = [article.notes["published"] for article in list(found.values())[-1]]
    assert dates == ["2025-07-08"] * 3 + ["2025-07-07"] * 2 + ["2025-07-02"] * 3
    for line in (shared / "eval" / "reports-dev.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        texts = [squeezed(article.text) for name in question.get("docs", ()) for article in found[name]]
        assert not texts or any(squeezed(question["evidence"]) in text for text in texts)


def test_paragraphs_of_the_real_pages_end_as_paragraphs_do(shared):
    """Whatever ends otherwise is a heading, a bullet, a byline or a phrase from a box; there are few."""
    for path in sorted((shared / "source-reports").glob("00[0-3]*.txt")):
        raw = RawText(path.name, path.read_text(encoding="utf-8"), "text")
        articles = split(raw)
        assert_maps_back(raw, articles)
        loose = [line for article in articles[:-1] for line in article.text.split("\n")
                 if not re.search(r"[。！？!?…；：—][”’]?$", line) and not line.startswith(("●", "本报记者"))
                 and line not in [article.text[start:end] for start, end in article.headings]]
        assert len(loose) <= 4
        assert not any(re.search(r"[\u4e00-\u9fff] [\u4e00-\u9fff] [\u4e00-\u9fff] ", article.text) for article in articles)
