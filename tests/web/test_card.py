"""An answer laid out: each quote with its own highlights, and the passages that are left."""

from dataclasses import replace

import pytest

from qa.answer import Answer, Citation, RankedPassage
from web.app import create_app
from web.card import certainty, lay_out


def citation(document_id, start, quote):
    return Citation(document_id, "标题", None, None, None, None, "a.txt", None, (), start, start + len(quote), quote, "/")


def test_highlights_go_to_the_quote_they_are_in():
    quotes = ("修路12公里。", "建桥3座。")
    answer = Answer("1", "问", "问", "\n".join(quotes), 0.9, (citation("a", 0, quotes[0]), citation("a", 20, quotes[1])),
                    highlights=((10, 12), (2, 6)))
    card = lay_out(answer, {})
    assert [quote.number for quote in card.quotes] == [1, 2]
    assert [quote.pieces for quote in card.quotes] == [
        (("修路", False), ("12公里", True), ("。", False)), (("建桥", False), ("3座", True), ("。", False))]


def test_passages_that_hold_a_quote_are_not_shown_again():
    quoted = citation("a", 10, "修路12公里。")
    passages = tuple(RankedPassage(each, 1.0, 1.0, 0.5, ()) for each in (
        citation("a", 0, "今年修了很多条路。修路12公里。"), citation("a", 18, "另一段。"), citation("b", 10, "修路12公里。")))
    card = lay_out(Answer("1", "问", "问", quoted.quote, 0.7, (quoted,), passages=passages), {})
    assert card.others == passages[1:]


@pytest.mark.parametrize(("confidence", "name"), [
    (1.0, "sure"), (0.85, "sure"), (0.849, "fair"), (0.65, "fair"), (0.649, "slight"), (0.0, "slight")])
def test_confidence_has_three_names(confidence, name):
    assert certainty(confidence) == name


def test_what_was_said_of_an_answer_is_on_its_card():
    answer = Answer("1", "问", "问", None, 0.1)
    assert (lay_out(answer, {"1": (-1, "不对")}).verdict, lay_out(answer, {"1": (-1, "不对")}).comment) == (-1, "不对")
    assert lay_out(answer, {"2": (1, "")}).verdict is None


def test_a_copied_answer_says_who_says_it_and_where_it_stands():
    cited = replace(citation("a", 0, "完成1亿元。"), issuer="云溪市人民政府", published="2022-02-16", page=3)
    text = lay_out(Answer("1", "问", "问", cited.quote, 0.9, (cited,)), {}).as_text("https://reports.example.org/", "zh")
    quote, facts, address = text.split("\n")
    assert quote == "完成1亿元。"
    assert facts.startswith("—— ")
    assert all(each in facts for each in (cited.title, "云溪市人民政府", "2022-02-16", "3"))
    assert address == f"https://reports.example.org{cited.url}#quote"


def test_figures_of_other_years_stand_under_their_year(shipped, tmp_path):
    client = create_app(shipped, replace(shipped.settings, home=tmp_path)).test_client()
    html = client.post("/fragments/answer", json={"question": "2018年许昌市生产总值是多少？"}).text
    assert html.count('class="year"') == html.count("<figure") == 2
    assert html.index("2020 年") < html.index("3449.2亿元") < html.index("2019 年") < html.index("3395.7亿元")
    assert "没有找到这一年的数据" in html
