"""Questions made from the reports."""

import pytest

from corpus.document import Metadata, Passage
from corpus.snapshot import Entry
from qa.question import check
from qa.suggestions import RELATED, questions_of, related, varied

REPORT = Metadata("云溪市2021年政府工作报告", region="云溪市", published="2022-02-16", report_year=2021)


def passage(text, document_id="d1", section=()):
    return Passage(document_id, 0, len(text), text, section)


@pytest.mark.parametrize(("text", "question", "figure"), [
    ("2021年，全市生产总值完成1286.4亿元。", "2021年云溪市生产总值是多少？", "1286.4亿元"),
    ("2020年，农村公路里程达到180公里。", "2020年云溪市农村公路里程是多少？", "180公里"),
    ("2021年，一般公共预算收入达到96.5亿元，其中税收占比71.2%。", "2021年云溪市一般公共预算收入是多少？", "96.5亿元")])
def test_a_plain_statement_of_a_figure_gives_its_question(text, question, figure):
    assert questions_of(passage(text), REPORT) == [(question, figure)]


@pytest.mark.parametrize("text", [
    "2021年，其中完成1286.4亿元。", "2019年和2021年生产总值达到1286.4亿元。", "修缮学校，新建公路。", "", "2021年，全市达到35亿元。"])
def test_what_is_vague_gives_none(text):
    assert questions_of(passage(text), REPORT) == []


def test_a_place_in_the_subject_is_not_said_twice():
    [(question, _)] = questions_of(passage("2021年，云溪市生产总值完成1286.4亿元。"), REPORT)
    assert question == "2021年云溪市生产总值是多少？"


def test_documents_take_turns():
    made = [("d1", "一？", "1"), ("d1", "二？", "2"), ("d1", "一？", "1"), ("d2", "三？", "3"), ("d2", "一？", "1"), ("d1", "四？", "4")]
    assert varied(made, 10) == ["一？", "三？", "二？", "四？"]
    assert varied(made, 2) == ["一？", "三？"]
    assert varied([], 3) == []


def test_beside_an_answer_stand_other_questions_of_the_passages():
    found = [passage("2021年，全市生产总值完成1286.4亿元。2021年，社会消费品零售总额达到512.7亿元。")]
    suggestions = related("2021年云溪市生产总值是多少？", found, {"d1": Entry("d1", "a.md", REPORT)})
    assert suggestions == ("2021年云溪市社会消费品零售总额是多少？",)


def test_without_figures_the_nearest_headings_are_offered():
    found = [passage("修缮学校。", section=("一、回顾", "（一）教育")), passage("兴修水利。", section=("一、回顾", "（一）教育")),
             passage("植树。"), *[passage("办好。", section=(f"第{n}条",)) for n in range(9)]]
    suggestions = related("？", found, {"d1": Entry("d1", "a.md", REPORT)})
    assert suggestions[0] == "云溪市2021年政府工作报告：（一）教育"
    assert len(suggestions) == len(set(suggestions)) == RELATED
    assert related("？", [], {}) == ()


def test_what_is_suggested_may_be_asked(service):
    for question in service.suggestions():
        assert check(question, service.settings.max_question) == question
