"""Postings: what is counted, what is joined and left out, and what is found again."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.postings import Postings, hashed

TERMS = "甲乙丙丁戊己"
CORPUS = st.lists(st.lists(st.sampled_from(TERMS), max_size=8), max_size=12)


def hashes(terms):
    return np.array([hashed(term) for term in terms], np.uint64)


def counted(postings):
    """What each passage holds: term to count."""
    found = [{} for _ in range(len(postings))]
    for term, place in zip(TERMS, postings.find(hashes(TERMS)).tolist(), strict=True):
        span = slice(*postings.starts[place:place + 2]) if place >= 0 else slice(0)
        for row, count in zip(postings.rows[span].tolist(), postings.counts[span].tolist(), strict=True):
            assert term not in found[row]
            found[row][term] = count
    return found


def expected(corpus):
    return [{term: text.count(term) for term in text} for text in corpus]


def assert_sound(postings, corpus):
    assert counted(postings) == expected(corpus)
    assert postings.lengths.tolist() == list(map(len, corpus))
    assert set(postings.terms.tolist()) == {hashed(term) for text in corpus for term in text}
    assert (np.diff(postings.terms) > 0).all()
    assert all((np.diff(postings.rows[start:stop].astype(int)) > 0).all()
               for start, stop in pairwise(postings.starts))
    assert postings.starts[-1] == len(postings.rows) == len(postings.counts)


@given(CORPUS)
def test_terms_are_counted(corpus):
    assert_sound(Postings.of(corpus), corpus)


@settings(deadline=None)
@given(st.lists(CORPUS, min_size=1, max_size=4))
def test_parts_are_joined_in_order(parts):
    assert_sound(Postings.joined([Postings.of(part) for part in parts]), [text for part in parts for text in part])


@given(CORPUS, st.data())
def test_what_is_kept_is_renumbered(corpus, data):
    mask = data.draw(st.lists(st.booleans(), min_size=len(corpus), max_size=len(corpus)))
    assert_sound(Postings.of(corpus).keep(np.array(mask, bool)), [text for text, kept in zip(corpus, mask) if kept])


@given(CORPUS)
def test_terms_are_found_that_a_passage_holds(corpus):
    places = Postings.of(corpus).find(hashes(TERMS + "庚"))
    assert [place >= 0 for place in places] == [any(term in text for text in corpus) for term in TERMS + "庚"]


@given(CORPUS)
def test_postings_are_turned_round(corpus):
    starts, terms, counts = Postings.of(corpus).by_passage()
    assert [dict(zip(terms[start:stop].tolist(), counts[start:stop].tolist())) for start, stop in pairwise(starts)] == [
        {hashed(term): count for term, count in Counter(text).items()} for text in corpus]


def test_a_term_may_stand_in_a_passage_more_often_than_a_byte_counts():
    corpus = [["甲"] * 300, ["甲", "乙"]]
    assert_sound(Postings.of(corpus), corpus)
    assert_sound(Postings.joined([Postings.of(corpus[:1]), Postings.of(corpus[1:])]), corpus)


@pytest.mark.parametrize("corpus", [[], [[]], [["甲", "乙", "甲"], ["丙"]]])
def test_saved_postings_come_back(tmp_path, corpus):
    Postings.of(corpus).save(tmp_path)
    assert_sound(Postings.load(tmp_path), corpus)
