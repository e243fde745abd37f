"""The service as it ships: the reports, the model and the weights together."""

import pytest


@pytest.mark.parametrize(("question", "reply"), [
    ("2020年许昌市生产总值是多少？", "3449.2亿元"), ("2021年许昌市生产总值增长目标是多少？", "7.5%"),
    ("How many 5G base stations did Xuchang build in 2020?", "1893个")])
def test_a_figure_is_answered_highlighted_and_cited(shipped, shipped_reports, question, reply):
    answer = shipped.ask(question)
    start, end = answer.highlights[0]
    assert reply in answer.text[start:end]
    assert (shipped_reports / answer.citations[0].source).is_file()


def test_a_follow_up_is_answered_from_its_conversation(shipped):
    assert "2.7%" in shipped.ask("比上年增长多少？", ("2020年许昌市生产总值是多少？",)).text


@pytest.mark.parametrize("question", [
    "你好", "今天天气怎么样？", "苹果手机多少钱", "怎么做红烧肉", "洛阳市2020年生产总值是多少？", "2023年北京市生产总值是多少？"])
def test_what_the_reports_are_not_about_is_refused(shipped, question):
    answer = shipped.ask(question)
    assert not answer.answered
    assert answer.passages
