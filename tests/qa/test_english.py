"""English questions in Chinese."""

import pytest

from qa.asking import Kind
from qa.english import is_english, restated
from qa.question import understand


@pytest.mark.parametrize(("question", "expected"), [
    ("what was the grain output of zhengzhou in 2021?", True), ("郑州gdp是多少", False), ("gdp", False), ("郑州的 5g 基站有多少", False),
    ("how many 农民工 were hired in zhengzhou?", True)])
def test_english_is_told_from_chinese_with_a_name_in_it(question, expected):
    assert is_english(question) == expected


@pytest.mark.parametrize(("question", "kind", "expected"), [
    ("what was the grain output of zhengzhou in 2021?", Kind.NUMBER, "2021年郑州粮食总产量是多少？"),
    ("how many patents does zhengzhou have?", Kind.NUMBER, "郑州专利有多少？"),
    ("when did the regulation come into force?", Kind.DATE, "条例施行是什么时候？"),
    ("how many 5g base stations are there?", Kind.NUMBER, "5g基站有多少？")])
def test_what_the_lexicon_knows_is_asked_in_chinese(question, kind, expected):
    assert restated(question, kind) == expected


def test_what_is_understood_is_the_restated_question():
    query = understand("What was Zhengzhou's GDP in 2021?")
    assert query.text == "2021年郑州地区生产总值是多少？"
    assert (query.years, query.places) == ((2021,), ("郑州市",))
