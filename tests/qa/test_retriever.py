"""A query to ranked passages."""

import numpy as np
import pytest

from corpus.library import Library
from qa.assembling import indexed_text
from qa.index import load
from qa.question import understand
from qa.retriever import retrieve
from qa.terms import terms

QUESTION = "2021年云溪市生产总值是多少？"


@pytest.fixture(scope="module")
def index(service):
    return load(service.settings.home)


def search(index, encoder, question=QUESTION, limit=20, candidates=100, weight=0.3, rows=None):
    return retrieve(understand(question), index, encoder, candidates, weight, rows).best(limit)


def test_hits_come_best_first_and_once(index, encoder):
    hits = search(index, encoder)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.row for hit in hits}) == len(hits) == len(index)


def test_the_limit_cuts_the_end_off(index, encoder):
    assert search(index, encoder, limit=2) == search(index, encoder)[:2]


def test_hits_carry_both_scores(index, encoder):
    query = understand(QUESTION)
    lexical = index.bm25.weighted_scores(query.searched)
    [vector] = encoder.encode_queries([query.text])
    for hit in search(index, encoder):
        assert hit.bm25 == pytest.approx(lexical[hit.row])
        assert hit.vector == pytest.approx(index.vectors.similarity(vector, [hit.row])[0], abs=1e-5)


@pytest.mark.parametrize("question", [QUESTION, "第一条", "旅游 5G", "？"])
def test_hits_say_which_terms_they_hold(index, encoder, service, question):
    query = understand(question)
    snapshot = Library(service.settings.home).snapshot(index.manifest.generation)
    for hit in search(index, encoder, question):
        [(_, passage, metadata)] = snapshot.iter_passages(index.passage_ids[[hit.row]])
        held = terms(indexed_text(passage, metadata))
        assert hit.matched == tuple(term for term in query.weights if term in held)


@pytest.mark.parametrize(("weight", "score"), [(0.0, lambda hit: hit.bm25), (1.0, lambda hit: hit.vector)])
def test_the_ends_of_the_weight_are_one_ranking_alone(index, encoder, weight, score):
    hits = search(index, encoder, weight=weight)
    assert hits[0] == max(hits, key=score)
    assert [score(hit) for hit in hits if score(hit) > 0] == sorted((score(hit) for hit in hits if score(hit) > 0), reverse=True)


def test_each_ranking_hands_over_its_best(index, encoder):
    best = {max(search(index, encoder), key=lambda hit: hit.bm25).row,
            max(search(index, encoder), key=lambda hit: hit.vector).row}
    assert {hit.row for hit in search(index, encoder, candidates=1)} == best


def test_only_allowed_rows_are_found(index, encoder):
    rows = np.array([1, 3])
    assert {hit.row for hit in search(index, encoder, rows=rows)} == {1, 3}
    assert {hit.row for hit in search(index, encoder, rows=rows, candidates=1)} <= {1, 3}
    assert search(index, encoder, rows=np.empty(0, np.int64)) == []


@pytest.mark.parametrize("question", ["？", "xyzzy", "ｘ"])
def test_a_question_without_known_terms_is_left_to_the_vectors(index, encoder, question):
    hits = search(index, encoder, question)
    assert {hit.bm25 for hit in hits} <= {0.0}
    assert np.isfinite([hit.score for hit in hits]).all()
