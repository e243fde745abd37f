"""A query to ranked passages."""

import numpy as np
import pytest

from corpus.library import Library
from qa.assembling import indexed_text
from qa.filters import NO_FILTERS, Filters
from qa.local_index import load
from qa.question import understand
from qa.retriever import retrieve
from qa.terms import terms

QUESTION = "2021年云溪市生产总值是多少？"


@pytest.fixture(scope="module")
def index(service):
    return load(service.settings.home)


@pytest.fixture(scope="module")
def snapshot(service, index):
    return Library(service.settings.home).snapshot(index.manifest.generation)


@pytest.fixture(scope="module")
def search(index, encoder, snapshot):
    """A function from a question to its hits."""
    def found(question=QUESTION, limit=20, candidates=100, weight=0.3, filters=NO_FILTERS):
        return retrieve(understand(question), index, encoder, candidates, weight, filters, snapshot).best(limit)

    return found


def test_hits_come_best_first_and_once(index, search):
    hits = search()
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.passage_id for hit in hits}) == len(hits) == len(index)


def test_the_limit_cuts_the_end_off(search):
    assert search(limit=2) == search()[:2]


def test_hits_carry_both_scores(index, encoder, search):
    row_of = {i: row for row, i in enumerate(index.passage_ids.tolist())}
    query = understand(QUESTION)
    lexical = index.bm25.weighted_scores(query.searched)
    [vector] = encoder.encode_queries([query.text])
    for hit in search():
        assert hit.bm25 == pytest.approx(lexical[row_of[hit.passage_id]])
        assert hit.vector == pytest.approx(index.vectors.similarity(vector, [row_of[hit.passage_id]])[0], abs=1e-5)


@pytest.mark.parametrize("question", [QUESTION, "第一条", "旅游 5G", "？"])
def test_hits_say_which_terms_they_hold(search, snapshot, question):
    query = understand(question)
    for hit in search(question):
        [(_, passage, metadata)] = snapshot.iter_passages([hit.passage_id])
        held = terms(indexed_text(passage, metadata))
        assert hit.matched == tuple(term for term in query.weights if term in held)


@pytest.mark.parametrize(("weight", "score"), [(0.0, lambda hit: hit.bm25), (1.0, lambda hit: hit.vector)])
def test_the_ends_of_the_weight_are_one_ranking_alone(search, weight, score):
    hits = search(weight=weight)
    assert hits[0] == max(hits, key=score)
    assert [score(hit) for hit in hits if score(hit) > 0] == sorted((score(hit) for hit in hits if score(hit) > 0), reverse=True)


def test_each_ranking_hands_over_its_best(search):
    best = {max(search(), key=lambda hit: hit.bm25).passage_id,
            max(search(), key=lambda hit: hit.vector).passage_id}
    assert {hit.passage_id for hit in search(candidates=1)} == best


def test_only_passages_that_pass_the_filters_are_found(search, snapshot):
    allowed = set(snapshot.live_passage_ids(regions=["平川县"]).tolist())
    filters = Filters(regions=("平川县",))
    assert {hit.passage_id for hit in search(filters=filters)} == allowed
    assert {hit.passage_id for hit in search(filters=filters, candidates=1)} <= allowed
    assert search(filters=Filters(regions=("云溪",))) == []


@pytest.mark.parametrize("question", ["？", "xyzzy", "ｘ"])
def test_a_question_without_known_terms_is_left_to_the_vectors(search, question):
    hits = search(question)
    assert {hit.bm25 for hit in hits} <= {0.0}
    assert np.isfinite([hit.score for hit in hits]).all()
