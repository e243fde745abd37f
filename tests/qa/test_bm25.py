"""BM25 over postings against rank_bm25's own loop."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from qa.bm25 import PostingsBM25
from qa.postings import Postings
from qa.vocabulary import LEAST_IDF

TERM = st.sampled_from("甲乙丙丁戊己")
TEXT = st.lists(TERM, max_size=8)
CORPUS = st.lists(TEXT, min_size=1, max_size=12).filter(any)  # BM25Okapi divides by the number of terms
CUTS = st.lists(st.integers(0, 12), max_size=3)
QUERY = st.lists(st.sampled_from("甲乙丙丁戊己庚"), max_size=6)  # 庚 is never in a corpus


def build(corpus, cuts=(), **parameters):
    """BM25 over a corpus in one part, or in several that are cut at these places."""
    cuts = [0, *sorted(min(cut, len(corpus)) for cut in cuts), len(corpus)]
    return PostingsBM25([Postings.of(corpus[start:stop]) for start, stop in pairwise(cuts)], **parameters)


@settings(deadline=None)
@given(CORPUS, CUTS, QUERY, st.floats(0.1, 3), st.floats(0, 0.99), st.floats(0, 1))
def test_scores_are_those_of_rank_bm25(corpus, cuts, query, k1, b, epsilon):
    expected = BM25Okapi(corpus, k1=k1, b=b, epsilon=epsilon).get_scores(query)
    np.testing.assert_allclose(build(corpus, cuts, k1=k1, b=b, epsilon=epsilon).get_scores(query), expected, atol=1e-9)


@settings(deadline=None)
@given(CORPUS, QUERY, st.dictionaries(TERM, st.floats(0, 5), max_size=4))
def test_weights_multiply_what_a_term_contributes(corpus, query, weights):
    bm25 = build(corpus)
    expected = sum((weight * bm25.get_scores([term]) for term, weight in weights.items()), np.zeros(len(corpus)))
    np.testing.assert_allclose(bm25.weighted_scores(weights), expected, atol=1e-9)
    np.testing.assert_array_equal(bm25.get_scores([*query, "庚"]), bm25.get_scores(query))


@settings(deadline=None)
@given(CORPUS, CUTS, TERM)
def test_passages_that_hold_a_term_are_counted(corpus, cuts, term):
    bm25 = build(corpus, cuts)
    assert bm25.vocabulary.held(term) == sum(term in text for text in corpus)
    assert (term in bm25.vocabulary) == any(term in text for text in corpus)


@settings(deadline=None)
@given(CORPUS)
def test_an_unknown_term_is_as_rare_as_one_that_a_single_passage_holds(corpus):
    bm25 = build([*corpus, ["独"]])
    assert bm25.vocabulary.known_idf(["庚"]) == [pytest.approx(max(LEAST_IDF, np.log((len(corpus) + 0.5) / 1.5)))]
    for term in {term for text in corpus for term in text}:
        assert bm25.vocabulary.known_idf([term]) == [max(LEAST_IDF, bm25.vocabulary.idf(term))]
    assert bm25.vocabulary.idf("庚") == 0.0


@settings(deadline=None)
@given(CORPUS, st.dictionaries(TERM, st.floats(0, 5), max_size=4))
def test_no_passage_scores_above_the_highest_score(corpus, weights):
    bm25 = build([*corpus, *[[f"独{i}"] for i in range(2 * len(corpus))]])  # so that no term is in half of them
    assert bm25.weighted_scores(weights).max() <= bm25.vocabulary.highest_score(weights) + 1e-9


@settings(deadline=None)
@given(CORPUS, CUTS)
def test_rows_hold_the_terms_of_their_passages(corpus, cuts):
    assert build(corpus, cuts).holding("庚己戊丁丙乙甲", np.arange(len(corpus))) == [
        tuple(term for term in "己戊丁丙乙甲" if term in text) for text in corpus]


@pytest.mark.parametrize("corpus", [[], [[]], [[], []]])
def test_a_corpus_without_terms_scores_nothing(corpus):
    bm25 = build(corpus)
    assert bm25.get_scores(["甲"]).tolist() == [0.0] * len(corpus)
    assert bm25.vocabulary.known_idf("甲") == [LEAST_IDF]
    assert bm25.vocabulary.highest_score({"甲": 1.0}) > 0
