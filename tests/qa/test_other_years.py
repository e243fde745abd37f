"""What is shown of other years where nothing answers for the one that is asked about."""

import pytest

from qa.answer import Answer
from qa.filters import Filters


@pytest.mark.parametrize(("question", "figures"), [
    ("2018年许昌市生产总值是多少？", {2020: "3449.2亿元", 2019: "3395.7亿元"}),
    ("2021年长葛市一般公共预算收入是多少？", {2019: "32.2亿元"}),
    ("What was Xuchang's GDP in 2023?", {2022: "3746.8亿元", 2020: "3449.2亿元"})])
def test_the_figure_of_other_years_is_shown_newest_first_and_verbatim(shipped, question, figures):
    answer = shipped.ask(question)
    assert not answer.answered
    assert [each.year for each in answer.other_years] == list(figures)
    for each in answer.other_years:
        cited = each.citation
        assert figures[each.year] in cited.quote
        assert shipped.document(cited.document_id).text[cited.start:cited.end] == cited.quote


@pytest.mark.parametrize("question", [
    "2020年许昌市生产总值是多少？",  # answered
    "2020年许昌市城镇居民人均可支配收入是多少元？",  # only another place has it
    "许昌振德2022年净利润有多少？", "2018年和2017年许昌市生产总值各是多少？", "许昌地铁建设投资多少？", "2018年许昌市市长是谁？"])
def test_nothing_is_shown_that_answers_something_else(shipped, question):
    assert shipped.ask(question).other_years == ()


def test_they_come_from_what_the_filters_allow(shipped):
    answer = shipped.ask("2018年许昌市生产总值是多少？", filters=Filters(years=(2019,)))
    assert [each.year for each in answer.other_years] == [2019]


def test_they_are_kept_with_the_answer(shipped):
    answer = shipped.ask("2018年许昌市生产总值是多少？")
    assert Answer.from_dict(answer.to_dict()) == answer
    assert answer.to_dict()["other_years"][0]["year"] == 2020
