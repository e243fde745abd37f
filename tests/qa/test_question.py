"""Questions: what is refused, what is understood, and follow-ups."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import QuestionError
from qa.question import Kind, check, standalone, understand

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


@pytest.mark.parametrize(("question", "kind"), [
    ("2021年生产总值是多少亿元？", Kind.NUMBER), ("补贴期限是几年？", Kind.NUMBER), ("How many jobs were created?", Kind.NUMBER),
    ("首列班列什么时候发车？", Kind.DATE), ("哪一年建成？", Kind.DATE), ("When did the first train leave?", Kind.DATE),
    ("谁负责受理申请？", Kind.PERSON), ("医院建在哪里？", Kind.PLACE), ("咨询电话是什么？", Kind.CONTACT),
    ("建成了哪些出口基地？", Kind.LIST), ("为什么减收房租？", Kind.REASON), ("如何申请贷款贴息？", Kind.MEANS),
    ("什么是高新技术企业？", Kind.DEFINITION), ("可以减免房租吗？", Kind.POLAR), ("这个项目叫什么名字？", Kind.NAME),
    ("云溪市农村公路", Kind.OTHER)])
def test_what_kind_of_answer_is_asked_for(question, kind):
    assert understand(question).kind is kind


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


@pytest.mark.parametrize(("question", "understood"), [
    ("那2022年呢？", "2022年郑州市粮食产量是多少？"), ("2022年呢", "2022年郑州市粮食产量是多少？"),
    ("那洛阳市呢？", "2021年洛阳市粮食产量是多少？"), ("那洛阳呢？", "2021年洛阳粮食产量是多少？"), ("洛阳的呢？", "2021年洛阳粮食产量是多少？")])
def test_what_is_new_in_a_follow_up_replaces_its_like(question, understood):
    assert standalone(question, [HARVEST]) == understood


def test_a_place_is_replaced_however_it_is_written():
    assert standalone("那洛阳市呢？", ["郑州粮食产量是多少？"]) == "洛阳市粮食产量是多少？"
    assert standalone("那2022年呢？", ["粮食产量是多少？"]) == "2022年粮食产量是多少？"


def test_a_follow_up_takes_over_what_it_lacks():
    query = understand("比上年增长多少？", [HARVEST])
    assert (query.kind, query.years, query.places) == (Kind.NUMBER, (2021,), ("郑州市",))
    assert {"粮食", "产量", "增长"} <= set(query.weights)
    assert understand("其中2022年的小麦呢？", [HARVEST]).years == (2022,)


def test_follow_ups_may_follow_each_other():
    history = [HARVEST, "那2022年呢？", "那洛阳市呢？"]
    assert standalone("那2023年呢？", history) == "2023年洛阳市粮食产量是多少？"
    assert understand("呢？", ["呢？"] * 5000).text


@pytest.mark.parametrize("question", ["云溪市新增城镇就业人数是多少人？", "2022年许可事项压减了多少项？"])
def test_a_question_that_stands_alone_is_left_as_it_is(question):
    assert standalone(question, [HARVEST]) == question
    assert standalone(question, []) == question


@settings(deadline=None)
@given(st.lists(st.text("那它呢2021年郑州市的，？产量多少是a ", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=4))
def test_any_conversation_is_understood(asked):
    query = understand(check(asked[-1], 500), [check(earlier, 500) for earlier in asked[:-1]])
    assert query.text
    assert query.content
    assert all(weight > 0 for weight in query.weights.values())
