"""Sentences to an answer: what is quoted, what is marked, and how sure."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.passages import sentences
from qa.features import NAMES
from qa.question import understand
from qa.reader import LONGEST, LONGEST_LIST, NEARLY, SIGNALS, Evidence, Model, load_model, read, signals, weigh

TEXTS = st.text("全市完成1286.4亿元，；：。“”\n、一是 ", min_size=1, max_size=60)
QUESTIONS = st.sampled_from(["完成多少亿元？", "哪些？", "为什么？", "如何完成？", "谁？", "什么是全市？", "全市"])


@pytest.fixture
def by_overlap():
    """A model that chooses the sentence which shares most with the question."""
    sentence = np.zeros(len(NAMES))
    sentence[NAMES.index("own")] = 10.0
    return Model(sentence, np.zeros(len(SIGNALS) + 1), np.zeros(len(SIGNALS) + 1))


@pytest.fixture(scope="module")
def reading(matcher):
    """A function that reads candidates."""
    def make(question, candidates, model):
        query = understand(question)
        return read(query, weigh(query, candidates, lambda term: 1.0, matcher, 0.5), model)

    return make


def of_text(candidate, text, start=30):
    """The sentences of a text as candidates of one passage, the text beginning at ``start`` of its document."""
    return [candidate(text[s:e], text[:s], text[e:], start=start + s) for s, e in sentences(text)]


def quoted(found, text, start=30):
    """The quotes and highlights of a reading, as text."""
    return ([text[q.start - start:q.end - start] for q in found.quotes],
            [text[q.highlight[0] - start:q.highlight[1] - start] for q in found.quotes if q.highlight])


def test_no_candidates_give_no_answer_and_no_confidence(reading, by_overlap):
    found = reading("完成多少？", [], by_overlap)
    assert (found.quotes, found.confidence) == ((), 0.0)


def test_the_answer_is_the_sentence_and_its_mark_the_figure(candidate, reading, by_overlap):
    text = "公路通车。全市生产总值完成1286.4亿元，增长7.3%。就业稳定。"
    found = reading("生产总值完成多少亿元？", of_text(candidate, text), by_overlap)
    assert quoted(found, text) == (["全市生产总值完成1286.4亿元，增长7.3%。"], ["1286.4亿元"])
    assert found.quotes[0].document_id == "0123456789ab"


def test_a_very_long_sentence_is_cut_to_clauses_around_the_mark(candidate, reading, by_overlap):
    clause = "各级各部门齐心协力抓好各项重点工作落实，"
    text = clause * 6 + "全市生产总值完成1286.4亿元，" + clause * 6 + "社会大局稳定。"
    assert LONGEST < len(text) < 400
    [quote], [mark] = quoted(reading("生产总值完成多少亿元？", of_text(candidate, text), by_overlap), text)
    assert mark == "1286.4亿元"
    assert "全市生产总值完成1286.4亿元，" in quote
    assert len(quote) <= LONGEST
    assert quote[0] in "各全" and quote[-1] in "，。"


def test_a_sentence_that_only_introduces_brings_what_it_introduces(candidate, reading, by_overlap):
    text = "重点抓好以下工作：\n一是建设公路。二是新增就业。三是修缮学校。"
    [quote], _ = quoted(reading("重点抓好哪些工作？", of_text(candidate, text), by_overlap), text)
    assert quote.startswith("重点抓好以下工作：")
    assert "二是新增就业。" in quote
    [quote], _ = quoted(reading("三是修缮什么学校？", of_text(candidate, text), by_overlap), text)
    assert quote == "三是修缮学校。"


def test_an_introduced_list_stays_readable(candidate, reading, by_overlap):
    text = "重点抓好以下工作：\n" + "".join(f"第{n}项是继续建设农村公路并且维护好桥梁。" for n in range(40))
    [quote], _ = quoted(reading("重点抓好哪些工作？", of_text(candidate, text), by_overlap), text)
    assert len("重点抓好以下工作：") < len(quote) <= LONGEST_LIST
    assert quote.endswith("。")


TALE = "公路通车。降雨偏多，水库水位上涨。水库泄洪，水位回落。学校放假。"


def told(question, candidates, scores, model):
    """The reading of candidates whose scores under ``by_overlap`` are given."""
    matrix = np.zeros((len(candidates), len(NAMES)), np.float32)
    matrix[:, NAMES.index("own")] = np.array(scores) / 10
    return read(understand(question), Evidence(candidates, {}, matrix, 0.5), model)


@pytest.mark.parametrize(("question", "scores", "told_by"), [
    ("为什么水库泄洪？", [0, 9, 9 - NEARLY / 2, 0], "降雨偏多，水库水位上涨。水库泄洪，水位回落。"),
    ("为什么水库泄洪？", [0, 9 - NEARLY / 2, 9, 0], "降雨偏多，水库水位上涨。水库泄洪，水位回落。"),
    ("为什么水库泄洪？", [9 - NEARLY / 2, 9 - NEARLY / 2, 9, 9 - NEARLY / 2], TALE),
    ("为什么水库泄洪？", [9 - NEARLY / 2, 0, 9, 0], "水库泄洪，水位回落。"),
    ("为什么水库泄洪？", [0, 9, 9 - NEARLY * 2, 0], "降雨偏多，水库水位上涨。"),
    ("几时水库泄洪？", [0, 9, 9 - NEARLY / 2, 0], "降雨偏多，水库水位上涨。")])
def test_sentences_beside_that_score_nearly_as_well_are_quoted_where_an_answer_is_told(
        candidate, by_overlap, question, scores, told_by):
    [quote], _ = quoted(told(question, of_text(candidate, TALE), scores, by_overlap), TALE)
    assert quote == told_by


def test_a_sentence_of_another_passage_is_not_quoted_along(candidate, by_overlap):
    beside = [candidate("水库水位上涨。", rank=0), candidate("水库泄洪。", start=400, rank=1)]
    [quote] = told("为什么水库泄洪？", beside, [9, 9 - NEARLY / 2], by_overlap).quotes
    assert (quote.start, quote.end) == (0, 7)


def test_sentences_quoted_along_stay_readable_with_what_they_introduce(candidate, by_overlap):
    text = "水库泄洪的原因如下。" * 12 + "一是：\n" + "持续降雨导致上游来水明显增加。" * 30
    candidates = of_text(candidate, text)
    scores = [9.0] * 13 + [0.0] * (len(candidates) - 13)
    [quote], _ = quoted(told("为什么水库泄洪？", candidates, scores, by_overlap), text)
    assert LONGEST < len(quote) <= LONGEST_LIST
    assert quote.startswith("水库泄洪的原因如下。") and quote.endswith("来水明显增加。")


@pytest.mark.parametrize("logit", [-900.0, -30.0, 0.0, 30.0, 900.0])
def test_confidence_is_a_probability(candidate, reading, logit):
    model = Model(np.zeros(len(NAMES)), *2 * [np.append(np.zeros(len(SIGNALS)), logit)])
    found = reading("生产总值完成多少亿元？", [candidate("完成1亿元。")], model)
    assert 0 <= found.confidence <= 1
    assert (found.confidence > 0.5) == (logit > 0)


def test_signals_are_finite_and_named(candidate, matcher, by_overlap):
    for count in (1, 3):
        query = understand("生产总值完成多少亿元？")
        texts = [candidate("完成1亿元。", rank=n) for n in range(count)]
        evidence = weigh(query, texts, lambda term: 1.0, matcher, 0.5)
        assert sum(evidence.weights.values()) == pytest.approx(1.0)
        found = dict(zip(SIGNALS, signals(evidence, evidence.matrix @ by_overlap.sentence), strict=True))
        assert np.isfinite(list(found.values())).all()
        assert found["saturation"] == 0.5
        assert found["probability"] == pytest.approx(1 / count)


@settings(deadline=None)
@given(TEXTS.filter(lambda text: sentences(text)), QUESTIONS, st.integers(0, 2**32 - 1))
def test_quotes_are_slices_with_their_mark_inside_whatever_the_weights(candidate, reading, text, question, seed):
    chance = np.random.default_rng(seed)
    model = Model(chance.normal(size=len(NAMES)), *chance.normal(size=(2, len(SIGNALS) + 1)))
    candidates = of_text(candidate, text)
    found = reading(question, candidates, model)
    assert found.quotes
    assert 0 <= found.confidence <= 1
    for quote in found.quotes:
        assert 30 <= quote.start < quote.end <= 30 + len(text)
        assert quote.start in {c.start for c in candidates} or text[quote.start - 31] in "，；,;"
        if quote.highlight:
            assert quote.start <= quote.highlight[0] < quote.highlight[1] <= quote.end


def test_the_shipped_weights_fit_the_features():
    model = load_model()
    assert model.sentence.shape == (len(NAMES),)
    assert model.related.shape == model.answered.shape == (len(SIGNALS) + 1,)
    assert all(np.isfinite(weights).all() for weights in (model.sentence, model.related, model.answered))


def test_weights_of_other_features_are_refused(tmp_path):
    path = tmp_path / "reader.json"
    path.write_text(json.dumps({"sentence": {"own": 1.0}, "signals": {"bias": 0.0}}))
    with pytest.raises(ValueError, match="other features"):
        load_model.__wrapped__(path)
