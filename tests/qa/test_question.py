"""Questions: what is refused, what is understood, and follow-ups."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.asking import Kind
from qa.errors import QuestionError
from qa.question import check, understand

HARVEST = "2021年郑州市粮食产量是多少？"


@pytest.mark.parametrize(("question", "code"), [
    (None, "question_not_text"), (5, "question_not_text"), (["问"], "question_not_text"), (b"?", "question_not_text"),
    ("", "question_empty"), (" \n\u3000\t", "question_empty"), ("问" * 501, "question_too_long"),
    ("多少\x00？", "question_control_characters"), ("多少\x1b[1m？", "question_control_characters"),
    ("多\x7f少", "question_control_characters"), ("多\x9f少", "question_control_characters"),
    ("多\ud800少", "question_control_characters")])
def test_a_bad_question_is_refused_in_both_languages(question, code):
    with pytest.raises(QuestionError) as caught:
        check(question, 500)
    assert caught.value.code == code
    assert any("\u4e00" <= c <= "\u9fff" for c in caught.value.message)
    assert "question" in caught.value.message


def test_a_good_question_is_kept_but_for_its_white_space():
    assert check(" 生产总值\t是\n多少？ \u3000", 500) == "生产总值 是 多少？"
    assert check(" " + "问" * 500 + " ", 500) == "问" * 500


def test_the_limit_is_said():
    with pytest.raises(QuestionError, match="30") as caught:
        check("问" * 31, 30)
    assert caught.value.detail == {"length": 31, "limit": 30}


def test_years_and_places_are_understood():
    query = understand("2019年至2021年郑州和洛阳市的粮食产量是多少？")
    assert query.years == (2019, 2020, 2021)
    assert query.places == ("郑州市", "洛阳市")
    assert understand("粮食产量是多少？").years == ()


def test_words_that_ask_are_not_searched():
    query = understand("请问粮食产量是多少？")
    assert {"粮食", "产量"} <= set(query.weights)
    assert {"多少", "请问", "？"}.isdisjoint(query.weights)
    assert understand("多少？").content
    assert understand("？？").weights == {}


def test_a_term_weighs_as_often_as_it_is_asked():
    assert understand("小麦和小麦种子").weights["麦"] == 2.0


def test_a_question_in_english_is_searched_in_chinese():
    query = understand("What was the grain output of Zhengzhou in 2021?")
    assert (query.kind, query.years, query.places) == (Kind.NUMBER, (2021,), ("郑州市",))
    assert query.text == "2021年郑州粮食总产量是多少？"
    assert query.weights["郑州"] == understand(query.text).weights["郑州"]
    assert 0 < query.weights["zhengzhou"] < 1.0


def test_other_wordings_weigh_less_than_what_is_said():
    query = understand("住建部在哪里？")
    assert query.weights["住建"] == 1.0
    assert 0 < query.weights["城乡"] < 1.0


def test_traditional_characters_and_wide_digits_are_understood():
    query = understand("２０２１年鄭州市糧食產量是多少？")
    assert (query.kind, query.years, query.places) == (Kind.NUMBER, (2021,), ("郑州市",))
    assert {"粮食", "产量"} <= set(query.weights)


def test_what_the_questions_before_say_weighs_less():
    query = understand("那2022年计划多少？", [HARVEST.replace("产量是多少", "完成了多少产量")])
    assert query.text == "2022年郑州市粮食计划多少？"
    assert 0 < query.weights["产量"] < query.weights["粮食"]


def test_a_follow_up_takes_over_what_it_lacks():
    query = understand("比上年增长多少？", [HARVEST])
    assert (query.kind, query.years, query.places) == (Kind.NUMBER, (2021,), ("郑州市",))
    assert {"粮食", "产量", "增长"} <= set(query.weights)
    assert understand("其中2022年的小麦呢？", [HARVEST]).years == (2022,)


@settings(deadline=None)
@given(st.lists(st.text("那它呢2021年郑州市的，？产量多少是a ", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=4))
def test_any_conversation_is_understood(asked):
    query = understand(check(asked[-1], 500), [check(earlier, 500) for earlier in asked[:-1]])
    assert query.text
    assert query.content
    assert all(weight > 0 for weight in query.weights.values())
