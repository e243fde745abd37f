"""Counts of terms as histograms have them, and vocabularies whose counts are fetched."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.milvus.terms import RemoteVocabulary, average_idf, rounded
from qa.vocabulary import raw_idf

COUNTS = st.lists(st.integers(1, 10**8), min_size=1, max_size=50)


@given(st.integers(0, 10**9))
def test_counts_are_rounded_by_little(held):
    assert rounded(held) == pytest.approx(held, rel=0.004, abs=0)
    if held < 256:
        assert rounded(held) == held


@given(COUNTS)
def test_the_mean_idf_is_that_of_all_terms(counts):
    passages = 2 * max(counts)
    histogram = Counter(map(rounded, counts))
    exact = sum(raw_idf(held, passages) for held in counts) / len(counts)
    assert average_idf(histogram, passages) == pytest.approx(exact, abs=0.02)
    assert average_idf({}, passages) == average_idf({0: 3, 5: 0}, passages) == 0.0


@given(st.text("甲乙丙丁", max_size=6), st.dictionaries(st.sampled_from("甲乙丙丁"), st.integers(0, 9)))
def test_what_is_looked_up_is_fetched_together_and_once(question, held):
    fetched = []

    def fetch(wanted):
        fetched.append(sorted(wanted))
        return [held.get(term, 0) for term in wanted]

    def work(of):
        return [(term, of(term), of("甲") if of(term) > 4 else None) for term in question]

    vocabulary = RemoteVocabulary(fetch, 100, {})
    assert vocabulary.consulted(work) == vocabulary.consulted(work) == work(lambda term: held.get(term, 0))
    assert len(fetched) <= 2
    assert sorted(term for batch in fetched for term in batch) == sorted({term for batch in fetched for term in batch})
    vocabulary.expect([question, "甲乙"])
    before = len(fetched)
    vocabulary.known_idf("甲乙")
    assert len(fetched) == before
    assert vocabulary.present(question) == tuple(term for term in question if held.get(term))
