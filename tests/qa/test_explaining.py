"""An explanation shows the numbers that the answer was made of, and changes nothing."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from qa.explaining import SHOWN
from qa.features import NAMES
from qa.filters import Filters
from qa.settings import SettingsError
from tests.qa.test_service import QUESTIONS

GROWTH = "2021年云溪市生产总值是多少？"
SEVERAL = "云溪市2021年生产总值和一般公共预算收入各是多少？"


def without_clock(answer):
    """What of an answer is the same each time."""
    return replace(answer, id="", timings_ms={})


@settings(deadline=None, max_examples=40)
@given(QUESTIONS, st.floats(0, 1), st.floats(0, 1))
def test_the_explained_answer_is_the_answer(service, question, weight, threshold):
    variant = service.variant(vector_weight=weight, threshold=threshold)
    explanation = variant.explain(question)
    assert without_clock(explanation.answer) == without_clock(variant.ask(question, top_k=SHOWN))
    assert (explanation.vector_weight, explanation.threshold) == (weight, threshold)
    assert explanation.by_parts or explanation.answer.confidence == explanation.confidence


@settings(deadline=None, max_examples=40)
@given(QUESTIONS, st.floats(0, 1))
def test_each_ranking_is_in_the_order_of_its_own_score(service, question, weight):
    explanation = service.variant(vector_weight=weight).explain(question)
    for ranking, score in ((explanation.fused, "score"), (explanation.words, "bm25"), (explanation.meaning, "vector")):
        scores = [getattr(passage, score) for passage in ranking]
        assert scores == sorted(scores, reverse=True)
        assert len({passage.citation for passage in ranking}) == len(ranking) <= SHOWN
    assert all(passage.bm25 > 0 for passage in explanation.words)
    assert len(explanation.meaning) == len(explanation.fused) > 0


@settings(deadline=None, max_examples=20)
@given(QUESTIONS)
def test_at_the_ends_of_the_weight_the_fused_ranking_is_one_of_the_two(service, question):
    by_words, by_vectors = (service.variant(vector_weight=weight).explain(question) for weight in (0.0, 1.0))
    assert by_words.fused[:len(by_words.words)] == by_words.words
    assert by_vectors.fused[0] == by_vectors.meaning[0]


def test_a_passage_has_the_same_numbers_wherever_it_stands(service):
    explanation = service.explain(GROWTH)
    numbers = {passage.citation: passage for passage in explanation.fused}
    answered = {passage.citation: (passage.bm25, passage.vector, passage.matched) for passage in explanation.answer.passages}
    for passage in (*explanation.words, *explanation.meaning):
        assert numbers[passage.citation] == passage
        assert answered[passage.citation] == (passage.bm25, passage.vector, passage.matched)


@settings(deadline=None, max_examples=20)
@given(QUESTIONS)
def test_sentences_and_stretches_are_slices_with_their_scores(service, question):
    explanation = service.explain(question)
    for each in (*explanation.sentences, *explanation.stretches):
        document = service.document(each.citation.document_id)
        assert document.text[each.citation.start:each.citation.end] == each.citation.quote
    for scores in ([each.score for each in found] for found in (explanation.sentences, explanation.stretches)):
        assert scores == sorted(scores, reverse=True)
    assert all(0 <= start < end <= len(each.citation.quote) for each in explanation.stretches for start, end in [each.span])


@settings(deadline=None, max_examples=20)
@given(QUESTIONS)
def test_the_grounds_add_up_to_the_confidence(service, question):
    explanation = service.explain(question)
    assert sum(ground.added for ground in explanation.grounds) == pytest.approx(logit(explanation.confidence), abs=1e-6)


def test_the_reasons_are_what_sets_a_sentence_apart(service):
    _, evidence = service.evidence(GROWTH)
    first = service.explain(GROWTH).sentences[0]
    best = int(evidence.logits.argmax())
    assert first.score == pytest.approx(evidence.logits[best])
    strengths = [abs(reason.added) for reason in first.reasons]
    assert strengths == sorted(strengths, reverse=True)
    for reason in first.reasons:
        column = NAMES.index(reason.name)
        apart = evidence.matrix[best, column] - evidence.matrix[:, column].mean()
        assert reason.added == pytest.approx(apart * service.weights.sentence[column], abs=1e-5)
        assert reason.less == (apart < 0)


def test_it_says_what_was_understood(service):
    explanation = service.explain("2021年郑州生产总值是多少？")
    assert (explanation.query.years, explanation.query.places, explanation.query.kind) == ((2021,), ("郑州市",), "number")
    weights = dict(explanation.terms)
    assert weights["2021"] > weights["总值"] > 0
    assert min(map(len, weights)) > 1


def test_a_question_for_several_things_names_its_parts(service):
    bold = service.variant(threshold=0.0)
    explanation = bold.explain(SEVERAL)
    assert [part.question for part in explanation.parts] == ["云溪市2021年生产总值是多少？", "云溪市2021年一般公共预算收入是多少？"]
    assert explanation.by_parts
    assert explanation.answer.confidence == min(part.confidence for part in explanation.parts)
    assert [part.confidence for part in explanation.parts] == [bold.explain(part.question).confidence for part in explanation.parts]
    assert not service.variant(threshold=1.0).explain(SEVERAL).by_parts


def test_where_no_document_may_answer_there_is_nothing_to_show(service):
    explanation = service.explain(GROWTH, filters=Filters(regions=("无此地",)))
    assert (explanation.words, explanation.meaning, explanation.fused, explanation.sentences, explanation.stretches,
            explanation.grounds) == ((), (), (), (), (), ())
    assert explanation.answer.confidence == 0


def test_a_variant_leaves_the_service_as_it_is(service, encoder):
    before, weights = service.ask(GROWTH), service.weights
    other = service.variant(weights=replace(weights, verdict=np.zeros(len(weights.verdict))), threshold=0.6)
    assert other.ask(GROWTH).confidence == 0.5
    assert not other.ask(GROWTH).answered
    assert without_clock(service.ask(GROWTH)) == without_clock(before)
    assert service.weights is weights
    for value in (1.5, -inf):
        with pytest.raises(SettingsError):
            service.variant(threshold=value)


def test_the_shipped_service_explains_the_citation_that_it_gives(shipped, shipped_questions):
    for question in shipped_questions[::20]:
        answer, explanation = shipped.ask(question["question"]), shipped.explain(question["question"])
        assert explanation.answer.citations == answer.citations
        if answer.answered and not explanation.parts:
            best = explanation.stretches[0].citation
            assert best.document_id == answer.citations[0].document_id
            assert best.start < answer.citations[0].end and answer.citations[0].start < best.end
