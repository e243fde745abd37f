"""Evidence to an answer: which window is chosen, what is quoted and marked, and how sure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.passages import sentences
from qa.evidence import gather
from qa.neural import Finding
from qa.question import understand
from qa.quoting import LONGEST_LIST
from qa.reader import read, signals
from qa.weights import PARTS, SIGNALS, VERDICT, Weights

TEXTS = st.text("全市完成1286.4亿元，；：。“”\n、一是 ", min_size=1, max_size=60)
QUESTIONS = st.sampled_from(["完成多少亿元？", "哪些？", "为什么？", "如何完成？", "谁？", "什么是全市？", "全市"])


class Finds:
    """A reader that finds given words: a window that holds them is relevant, and they are the span."""

    name = "finds"

    def __init__(self, words=""):
        self.words = words

    def read(self, question, windows):
        """Relevance 5 where the words stand, else -5 and the whole text for the span."""
        found = []
        for window in windows:
            at = window.text.find(self.words)
            span = (at, at + len(self.words)) if at >= 0 and self.words else (0, len(window.text))
            found.append(Finding(5.0 if at >= 0 else -5.0, *span, -0.1, span))
        return found


def model(**parts):
    """Weights that are 0 but for those given."""
    empty = {part: np.zeros(len(names)) for part, names in PARTS.items()}
    return Weights(**empty | {part: np.array(weights, float) for part, weights in parts.items()})


BY_RELEVANCE = model(window=[1, 0, 0, 0, 0, 0])


@pytest.fixture(scope="module")
def reading(matcher):
    """A function that reads candidates."""
    def make(question, candidates, reader, weights=BY_RELEVANCE):
        query = understand(question)
        return read(query, gather(query, candidates, lambda terms: [1.0 for _ in terms], matcher, 0.5, weights, reader), weights)

    return make


def of_text(candidate, text, start=30):
    """The sentences of a text as candidates of one passage, the text beginning at ``start`` of its document."""
    return [candidate(text[s:e], text[:s], text[e:], start=start + s) for s, e in sentences(text)]


def quoted(found, text, start=30):
    """The quotes and highlights of a reading, as text."""
    return ([text[q.start - start:q.end - start] for q in found.quotes],
            [text[q.highlight[0] - start:q.highlight[1] - start] for q in found.quotes if q.highlight])


def test_no_candidates_give_no_answer_and_no_confidence(reading):
    found = reading("完成多少？", [], Finds())
    assert (found.quotes, found.confidence) == ((), 0.0)


def test_the_window_that_the_reader_thinks_relevant_is_chosen(candidate, reading):
    apart = [candidate("公路通车五条。", rank=0), candidate("新增就业三万人。", start=400, rank=1)]
    [quote] = reading("情况如何？", apart, Finds("新增就业")).quotes
    assert (quote.start, quote.text) == (400, "新增就业三万人。")


def test_a_short_sentence_around_a_figure_is_quoted_whole(candidate, reading):
    text = "公路通车。全市生产总值完成1286.4亿元，增长7.3%。就业稳定。"
    found = reading("生产总值完成多少亿元？", of_text(candidate, text), Finds("1286.4亿元"))
    assert quoted(found, text) == (["全市生产总值完成1286.4亿元，增长7.3%。"], ["1286.4亿元"])
    assert found.quotes[0].document_id == "0123456789ab"


@pytest.mark.parametrize(("span", "reply"), [
    ("全市生产总值完成1286.4亿元", "1286.4亿元"), ("完成1286.4亿元", "完成1286.4亿元"),
    ("全市生产总值完成1286.4亿元，增长7.3%", "全市生产总值完成1286.4亿元，增长7.3%")])
def test_the_reply_to_a_question_for_a_figure_is_not_what_states_it(candidate, reading, span, reply):
    text = "公路通车。全市生产总值完成1286.4亿元，增长7.3%。就业稳定。"
    found = reading("生产总值完成多少亿元？", of_text(candidate, text), Finds(span))
    assert quoted(found, text) == (["全市生产总值完成1286.4亿元，增长7.3%。"], [reply])


def test_of_a_long_sentence_the_clause_with_the_figure_is_quoted(candidate, reading):
    clause = "各级各部门齐心协力抓好各项重点工作落实，"
    text = clause * 2 + "全市生产总值完成1286.4亿元，" + clause + "社会大局稳定。"
    found = reading("生产总值完成多少亿元？", of_text(candidate, text), Finds("1286.4亿元"))
    assert quoted(found, text) == (["全市生产总值完成1286.4亿元，"], ["1286.4亿元"])


def test_what_is_told_is_quoted_as_far_as_the_reader_found_it(candidate, reading):
    text = "对首次认定的企业，由受益财政按照实际缴纳的税款给予奖励，并且免费提供厂房两年，其余事项另行规定。"
    span = "由受益财政按照实际缴纳的税款给予奖励，并且免费提供厂房两年"
    [quote], [mark] = quoted(reading("怎样支持企业？", of_text(candidate, text), Finds(span)), text)
    assert (quote, mark) == (f"{span}，", span)


def test_a_sentence_that_only_introduces_brings_what_it_introduces(candidate, reading):
    text = "重点抓好以下工作：\n一是建设公路。二是新增就业。三是修缮学校。"
    [quote], _ = quoted(reading("重点抓好哪些工作？", of_text(candidate, text), Finds("重点抓好以下工作：")), text)
    assert quote.startswith("重点抓好以下工作：")
    assert "二是新增就业。" in quote


def test_an_introduced_list_stays_readable(candidate, reading):
    text = "重点抓好以下工作：\n" + "".join(f"第{n}项是继续建设农村公路并且维护好桥梁。" for n in range(40))
    found = reading("重点抓好哪些工作？", of_text(candidate, text), Finds("重点抓好以下工作："))
    [quote], _ = quoted(found, text)
    assert len("重点抓好以下工作：") < len(quote) <= LONGEST_LIST
    assert quote.endswith("。")
    assert found.quotes[0].text == quote


def test_a_figure_asked_for_and_not_quoted_lowers_the_confidence(candidate, reading):
    doubting = model(window=BY_RELEVANCE.window, verdict=[0, 0, 0, -3, 0, 0, 0, 1])
    with_figure = reading("奖励多少万元？", [candidate("首次认定的奖励20万元。")], Finds(), doubting)
    without = reading("奖励多少万元？", [candidate("首次认定的给予奖励。")], Finds(), doubting)
    other_unit = reading("奖励多少万元？", [candidate("首次认定的奖励20人。")], Finds(), doubting)
    assert with_figure.confidence > without.confidence == other_unit.confidence


def test_a_quote_from_a_part_about_another_year_lowers_the_confidence(candidate, reading):
    doubting = model(window=BY_RELEVANCE.window, verdict=[0, 0, 0, 0, 0, 0, -3, 1])
    text = "全市生产总值完成1286.4亿元。"
    asked = "2021年生产总值完成多少亿元？"
    same = reading(asked, [candidate(text)], Finds(), doubting)
    other = reading(asked, [candidate(text, section=("一、2019年工作回顾",))], Finds(), doubting)
    named = reading(asked, [candidate("2021年" + text, section=("一、2019年工作回顾",))], Finds(), doubting)
    unasked = reading("生产总值完成多少亿元？", [candidate(text, section=("一、2019年工作回顾",))], Finds(), doubting)
    assert other.confidence < same.confidence == named.confidence == unasked.confidence


@pytest.mark.parametrize("logit", [-900.0, -30.0, 0.0, 30.0, 900.0])
def test_confidence_is_a_probability(candidate, reading, logit):
    weights = model(related=np.append(np.zeros(len(SIGNALS)), logit), verdict=np.append(np.zeros(len(VERDICT)), logit))
    found = reading("生产总值完成多少亿元？", [candidate("完成1亿元。")], Finds(), weights)
    assert 0 <= found.confidence <= 1
    assert (found.confidence > 0.5) == (logit > 0)


def test_signals_are_finite_and_named(candidate, matcher):
    for count in (1, 3):
        query = understand("生产总值完成多少亿元？")
        texts = [candidate("完成1亿元。", rank=n) for n in range(count)]
        evidence = gather(query, texts, lambda terms: [1.0 for _ in terms], matcher, 0.5, model(), Finds())
        assert sum(evidence.weights.values()) == pytest.approx(1.0)
        found = dict(zip((*SIGNALS, "bias"), signals(evidence), strict=True))
        assert np.isfinite(list(found.values())).all()
        assert found["saturation"] == 0.5
        assert found["probability"] == pytest.approx(1 / count)


@settings(deadline=None)
@given(TEXTS.filter(lambda text: sentences(text)), QUESTIONS, st.integers(0, 2**32 - 1))
def test_quotes_are_slices_with_their_mark_inside_whatever_the_weights(candidate, reading, text, question, seed):
    chance = np.random.default_rng(seed)
    weights = Weights(**{part: chance.normal(size=len(names)) for part, names in PARTS.items()})
    found = reading(question, of_text(candidate, text), Finds(text.split()[0][:2]), weights)
    assert found.quotes
    assert 0 <= found.confidence <= 1
    for quote in found.quotes:
        assert 30 <= quote.start < quote.end <= 30 + len(text)
        assert quote.text == text[quote.start - 30:quote.end - 30]
        if quote.highlight:
            assert quote.start <= quote.highlight[0] < quote.highlight[1] <= quote.end
