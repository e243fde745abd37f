"""The numbers that the reader weighs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.features import NAMES, features, term_weights
from qa.question import understand

GROWTH = "全市生产总值完成1286.4亿元，比上年增长7.3%。"
TEXTS = st.text("全市生产总值完成1286.4亿元，。：？、年“” a", max_size=30)


def evenly(terms):
    return [1.0 for _ in terms]


def matrix_of(question, candidates, matcher, idf=evenly):
    query = understand(question)
    return features(query, candidates, term_weights(query, idf), idf, matcher)


@pytest.fixture(scope="module")
def table(matcher):
    """A function that gives the features by name, one column an entry."""
    def make(question, candidates):
        return dict(zip(NAMES, matrix_of(question, candidates, matcher).T.tolist(), strict=True))

    return make


def test_names_are_the_columns(candidate, matcher):
    matrix = matrix_of("生产总值是多少？", [candidate(GROWTH), candidate("建设公路。")], matcher)
    assert matrix.shape == (2, len(NAMES))
    assert matrix.dtype == np.float32
    assert len(set(NAMES)) == len(NAMES)


def test_no_candidates_give_no_rows(matcher):
    assert matrix_of("生产总值是多少？", [], matcher).shape == (0, len(NAMES))


def test_weights_are_shares_by_rarity():
    query = understand("粮食粮食产量")
    weights = term_weights(query, lambda terms: [{"粮食": 3.0}.get(term, 1.0) for term in terms])
    assert sum(weights.values()) == pytest.approx(1.0)
    assert max(weights, key=weights.get) == "粮食"
    assert term_weights(understand("？？"), evenly) == {}
    assert set(term_weights(query, lambda terms: [0.0 for _ in terms]).values()) == {0.0}


def test_what_a_sentence_shares_with_the_question(candidate, table):
    found = table("2021年全市生产总值是多少？", [candidate(GROWTH), candidate("新建农村公路180公里。"),
                                        candidate("修缮学校。"), candidate("新增城镇就业3.2万人。", rank=1)])
    assert found["own"][0] > max(found["own"][1:])
    assert found["run"][0] > found["run"][3]
    assert found["named"][0] > found["named"][3]
    assert found["missing_rare"][3] > found["missing_rare"][0]
    assert found["title_only"][3] == 1.0


def test_what_stands_near_and_in_the_passage_counts_there_alone(candidate, table):
    found = table("生产总值", [candidate(GROWTH), candidate("修路。"), candidate("架桥。"), candidate("造林。", rank=1)])
    assert found["near"][1] > found["near"][0] == found["near"][2] == found["near"][3] == 0.0
    assert found["passage"][2] > found["passage"][0] == found["passage"][1] == found["passage"][3] == 0.0


def test_a_title_that_the_question_names(candidate, table):
    titles = "安居补贴办法", "安居补贴、人才引进与柔性用工办法", "渔业公报"
    found = table("安居补贴办法何时施行？", [candidate("甲。", title=title, rank=n) for n, title in enumerate(titles)])
    assert found["title_named"][0] > found["title_named"][1] > found["title_named"][2]


def test_meaning_in_the_sentence_or_above_it(candidate, table):
    found = table("粮食产量", [candidate("粮食产量。", rank=0), candidate("造林。", section=("粮食产量",), rank=1),
                           candidate("造林。", rank=2)])
    assert found["soft_own"] == pytest.approx([1.0, found["soft_own"][1], found["soft_own"][1]])
    assert found["soft_covered"][0] == pytest.approx(1.0)
    assert found["soft_covered"][1] == pytest.approx(1.0)
    assert found["soft_covered"][2] < 0.9
    assert found["soft_missing"][2] > 0.1 > found["soft_missing"][1]


def test_the_kind_of_answer_asked_for(candidate, table):
    found = table("生产总值是多少亿元？", [candidate(GROWTH), candidate("生产总值比上年增长7.3%。"), candidate("生产总值稳步增长。")])
    assert found["kind"] == [1.0, 1.0, 0.0]
    assert found["kind_unit"] == [1.0, 0.0, 0.0]
    assert found["kind_missing"] == [0.0, 0.0, 1.0]
    assert found["unit_missing"] == [0.0, 1.0, 1.0]
    assert found["span_near"][0] > found["span_near"][1] > found["span_near"][2] == 0.0


def test_a_figure_beside_the_words_asked_for_is_nearer_than_one_far_off(candidate, table):
    found = table("造林面积是多少亩？", [candidate("造林面积达到2000亩。"), candidate("造林面积又有扩大，全县共有耕地2000亩。")])
    assert found["span_near"][0] > found["span_near"][1] > 0


def test_a_figure_of_the_question_is_no_answer(candidate, table):
    found = table("1286.4亿元是多少？", [candidate("完成1286.4亿元。"), candidate("完成96.5亿元。")])
    assert found["kind"] == [0.0, 1.0]
    assert found["asked_figure"] == [1.0, 0.0]


def test_years_and_places(candidate, table):
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
def test_words_that_give_reasons_means_and_definitions(candidate, table, question, sentence, name):
    found = table(question, [candidate(sentence), candidate("新增就业。")])
    assert found[name] == [1.0, 0.0]


def test_the_form_of_a_sentence(candidate, table):
    found = table("建成哪些基地？", [candidate("建成以下基地："), candidate("陶瓷、茶叶、木器基地。", before="建成以下基地："),
                              candidate("建成了吗？")])
    assert found["colon"] == [1.0, 0.0, 0.0]
    assert found["list_asked"][1] > found["list_asked"][2]
    assert found["question_mark"] == [0.0, 0.0, 1.0]
    assert found["opening"] == [1.0, 0.0, 1.0]


def test_how_a_passage_was_retrieved_is_kept(candidate, table):
    found = table("粮食产量？", [candidate("甲。", score=0.8, rank=0, vector=0.25), candidate("乙。", score=0.4, rank=3)])
    np.testing.assert_allclose(found["score"], [1.0, 0.5])
    np.testing.assert_allclose(found["first"], [1.0, 0.25])
    np.testing.assert_allclose(found["vector"], [0.25, 0.5])


@settings(deadline=None)
@given(TEXTS, TEXTS.filter(str.strip), TEXTS, TEXTS, st.floats(0, 5), st.floats(0, 1))
def test_features_are_finite_whatever_the_texts(candidate, matcher, question, text, before, after, idf, score):
    one = candidate(text, before, after, score=score, region=None, published=None, report_year=None, section=(before,))
    matrix = matrix_of(question or "？", [one, candidate(text)], matcher, lambda terms: [idf for _ in terms])
    assert np.isfinite(matrix).all()


@settings(deadline=None)
@given(TEXTS, st.lists(TEXTS.filter(str.strip), min_size=1, max_size=5))
def test_shares_are_shares_and_a_passage_is_read_by_itself(candidate, matcher, question, texts):
    both = [candidate(text, rank=rank) for rank in (0, 1) for text in texts]
    matrix = matrix_of(question or "？", both, matcher)
    shares = [NAMES.index(name) for name in (
        "own", "own_rare", "own_words", "near", "passage", "context", "missing_rare", "title_named", "named", "run")]
    assert (matrix[:, shares] >= 0).all() and (matrix[:, shares] <= 1 + 1e-6).all()
    first, second = np.split(np.delete(matrix, NAMES.index("first"), axis=1), 2)
    np.testing.assert_array_equal(first, second)
