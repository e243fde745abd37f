"""The numbers that the reader weighs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.features import NAMES, features, term_weights
from qa.question import understand

GROWTH = "全市生产总值完成1286.4亿元，比上年增长7.3%。"
TEXTS = st.text("全市生产总值完成1286.4亿元，。：？、年“” a", max_size=30)


def table(question, candidates, idf=lambda term: 1.0):
    """Features by name, one column an entry."""
    query = understand(question)
    matrix = features(query, candidates, term_weights(query, idf))
    return dict(zip(NAMES, matrix.T.tolist(), strict=True))


def test_names_are_the_columns(candidate):
    query = understand("生产总值是多少？")
    matrix = features(query, [candidate(GROWTH), candidate("建设公路。")], term_weights(query, lambda term: 1.0))
    assert matrix.shape == (2, len(NAMES))
    assert matrix.dtype == np.float32
    assert len(set(NAMES)) == len(NAMES)


def test_no_candidates_give_no_rows():
    query = understand("生产总值是多少？")
    assert features(query, [], term_weights(query, lambda term: 1.0)).shape == (0, len(NAMES))


def test_weights_are_shares_by_rarity():
    query = understand("粮食粮食产量")
    weights = term_weights(query, lambda term: {"粮食": 3.0}.get(term, 1.0))
    assert sum(weights.values()) == pytest.approx(1.0)
    assert max(weights, key=weights.get) == "粮食"
    assert term_weights(understand("？？"), lambda term: 1.0) == {}
    assert set(term_weights(query, lambda term: 0.0).values()) == {0.0}


def test_what_a_sentence_shares_with_the_question(candidate):
    found = table("2021年全市生产总值是多少？", [candidate(GROWTH), candidate("新建农村公路180公里。", before=GROWTH),
                                        candidate("新增城镇就业3.2万人。")])
    assert found["own"][0] > found["own"][1] >= found["own"][2]
    assert found["run"][0] > found["run"][2]
    assert found["near"][1] > found["near"][0] == 0.0
    assert found["missing_rare"][2] > found["missing_rare"][0]
    assert found["title_only"][2] == 1.0


def test_the_kind_of_answer_asked_for(candidate):
    found = table("生产总值是多少亿元？", [candidate(GROWTH), candidate("生产总值比上年增长7.3%。"), candidate("生产总值稳步增长。")])
    assert found["kind"] == [1.0, 1.0, 0.0]
    assert found["kind_unit"] == [1.0, 0.0, 0.0]
    assert found["kind_missing"] == [0.0, 0.0, 1.0]


def test_a_figure_of_the_question_is_no_answer(candidate):
    found = table("1286.4亿元是多少？", [candidate("完成1286.4亿元。"), candidate("完成96.5亿元。")])
    assert found["kind"] == [0.0, 1.0]


def test_years_and_places(candidate):
    report = {"title": "统计公报", "region": None, "published": "2022-03-01", "report_year": 2021}
    found = table("2021年郑州市粮食产量是多少？", [
        candidate("2021年郑州市粮食产量35吨。", **report), candidate("2019年洛阳市粮食产量35吨。", **report),
        candidate("粮食产量35吨。", **report)])
    assert found["years_agree"] == [1.0, 0.0, 0.0]
    assert found["years_differ"] == [0.0, 1.0, 0.0]
    assert found["years_context"] == [0.0, 0.0, 1.0]
    assert found["places_agree"] == [1.0, 0.0, 0.0]
    assert found["places_differ"] == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(("question", "sentence", "name"), [
    ("为什么减收房租？", "为了减轻负担，减收房租。", "reason"), ("如何申请？", "申请人通过网站办理。", "means"),
    ("什么是班列？", "班列是指按固定时刻开行的列车。", "definition")])
def test_words_that_give_reasons_means_and_definitions(candidate, question, sentence, name):
    found = table(question, [candidate(sentence), candidate("新增就业。")])
    assert found[name] == [1.0, 0.0]


def test_the_form_of_a_sentence(candidate):
    found = table("建成哪些基地？", [candidate("建成以下基地："), candidate("陶瓷、茶叶、木器基地。", before="建成以下基地："),
                              candidate("建成了吗？")])
    assert found["colon"] == [1.0, 0.0, 0.0]
    assert found["list_asked"][1] > found["list_asked"][2]
    assert found["question_mark"] == [0.0, 0.0, 1.0]
    assert found["opening"] == [1.0, 0.0, 1.0]


def test_how_a_passage_was_retrieved_is_kept(candidate):
    found = table("粮食产量？", [candidate("甲。", score=0.8, rank=0, vector=0.25), candidate("乙。", score=0.4, rank=3)])
    np.testing.assert_allclose(found["score"], [1.0, 0.5])
    np.testing.assert_allclose(found["first"], [1.0, 0.25])
    np.testing.assert_allclose(found["vector"], [0.25, 0.5])


@settings(deadline=None)
@given(TEXTS, TEXTS.filter(str.strip), TEXTS, TEXTS, st.floats(0, 5), st.floats(0, 1))
def test_features_are_finite_whatever_the_texts(candidate, question, text, before, after, idf, score):
    query = understand(question or "？")
    one = candidate(text, before, after, score=score, region=None, published=None, report_year=None, section=(before,))
    assert np.isfinite(features(query, [one, candidate(text)], term_weights(query, lambda term: idf))).all()
