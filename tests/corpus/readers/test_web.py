import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import readers
from corpus.errors import DocumentError
from corpus.readers import web

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>供水改造通告 - 平川县人民政府网</title>
<meta name="PubDate" content="2023-05-06 09:00"><meta name="ContentSource" content="平川县水利局">
<link rel="canonical" href="https://example.org/1.html"><style>p{color:red}</style></head><body>
<header><a href="/">平川县人民政府网</a></header>
<div class="top_nav"><a href="/a">政务公开</a><a href="/b">办事服务</a></div>
<div class="crumbs">当前位置：首页 &gt; 通知公告</div>
<h1>供水改造通告</h1><div class="info">发布时间：2023-05-06　来源：平川县水利局　浏览次数：12</div>
<div id="zoom"><h2>一、停水范围</h2><p>老城区<b>东街</b>、西街。<br>共计
   八百户。</p><p style="display:none">隐藏</p>
<table><tr><th>街道</th><th>开始</th><th>结束</th></tr><tr><td>东街</td><td rowspan=2>8时</td><td>12时</td></tr>
<tr><td>西街</td><td>18时</td></tr></table>
<h2>二、注意事项</h2><ol start=3><li>提前储水</li><li>关闭阀门</li></ol><script>var a = "脚本";</script></div>
<div>【打印】【关闭】</div>
<ul><li><a href="1">别的通告甲</a></li><li><a href="2">别的通告乙</a></li><li><a href="3">别的通告丙</a></li></ul>
<footer>版权所有</footer></body></html>"""


def only(data, name="a.html"):
    reading = readers.read(name, data)
    assert reading.problems == ()
    return reading.texts[0]


def test_the_article_is_kept_and_the_page_around_it_is_not():
    raw = only(PAGE.encode())
    assert raw.format == "html"
    assert raw.text.split("\n\n") == [
        "# 供水改造通告", "发布时间：2023-05-06 来源：平川县水利局 浏览次数：12", "## 一、停水范围", "老城区东街、西街。\n共计 八百户。", "街道：东街；开始：8时；结束：12时\n街道：西街；开始：8时；结束：18时",
        "## 二、注意事项", "3. 提前储水", "4. 关闭阀门",
    ]


def test_title_and_meta_tags_are_metadata():
    assert only(PAGE.encode()).metadata == {
        "title": "供水改造通告", "published": "2023-05-06 09:00", "source": "平川县水利局", "url": "https://example.org/1.html",
    }


def test_the_line_under_the_headline_serves_where_tags_are_missing():
    page = "<title>甲_乙网</title><p>发布日期：2022年1月5日 信息来源：县统计局 【字体：大 中 小】</p><p>正文一段。</p>"
    assert only(page.encode()).metadata == {"title": "甲", "published": "2022年1月5日", "source": "县统计局"}


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "big5"])
def test_the_declared_encoding_is_followed(charset):
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head><body><p>人口三十万</p></body></html>'
    encoding = {"big5": "big5"}.get(charset, "gb18030")
    text = "人口三十萬" if charset == "big5" else "人口三十万"
    assert only(page.replace("人口三十万", text).encode(encoding)).text == text


def test_a_wrong_declaration_does_not_spoil_utf8():
    assert only('<meta charset="gb2312"><p>财政收入稳步增长，民生支出占比提高。</p>'.encode()).text == "财政收入稳步增长，民生支出占比提高。"


def test_tables_that_lay_out_the_page_are_no_tables():
    page = f"<table><tr><td>左栏</td><td><table><tr><td>甲</td><td>1</td></tr><tr><td>乙</td><td>2</td></tr></table><p>{'长文。' * 150}</p></td></tr></table>"
    assert only(page.encode()).text.split("\n\n") == ["左栏", "甲；1\n乙；2", "长文。" * 150]


def test_a_page_of_links_is_not_emptied():
    page = "<ul>" + "".join(f"<li><a href='{n}'>关于事项{n}的通知</a></li>" for n in range(5)) + "</ul>"
    assert only(page.encode()).text.startswith("关于事项0的通知")


def test_a_page_without_text_is_empty_and_text_without_tags_no_page():
    with pytest.raises(DocumentError) as caught:
        readers.read("a.html", b"<html><body><script>render()</script></body></html>")
    assert caught.value.code == "file_empty"
    with pytest.raises(DocumentError) as caught:
        readers.read("a.html", "没有任何标签".encode())
    assert caught.value.code == "wrong_type"


def test_pages_nest_deeper_than_python():
    assert only(b"<div>" * 3000 + "深处".encode()).text == "深处"


TREE = st.recursive(
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x4EFF), min_size=1, max_size=8),
    lambda inner: st.tuples(st.sampled_from(["div", "p", "ul", "li", "table", "tr", "td", "span", "nav", "a href=x", "div class=nav"]),
                            st.lists(inner, max_size=4)).map(lambda n: f"<{n[0]}>{''.join(n[1])}</{n[0].split()[0]}>"), max_leaves=25)


@settings(deadline=None)
@given(TREE)
def test_no_tree_breaks_the_reader_and_no_character_is_made_up(markup):
    page = f"<body>{markup}<p>正文</p>"
    text = web.read("a.html", page.encode()).texts[0].text
    assert set(text) <= set(page) | set("；：\n 0123456789.")
