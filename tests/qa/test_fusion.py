"""Two rankings as one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.fusion import convex, min_max

WEIGHTS = st.floats(0, 1)


@st.composite
def rankings(draw):
    """BM25 scores and cosines of the same passages, on grids that no rounding makes equal."""
    size = draw(st.integers(1, 20))
    column = st.lists(st.integers(0, 400), min_size=size, max_size=size)
    return np.array(draw(column)) / 10, np.array(draw(column)) / 200 - 1


def order(scores):
    return np.argsort(-scores, kind="stable").tolist()


@settings(deadline=None)
@given(rankings(), WEIGHTS)
def test_what_is_better_in_both_is_better_fused(scores, weight):
    lexical, dense = scores
    fused = convex(lexical, dense, weight)
    for i in range(len(fused)):
        worse = (lexical <= lexical[i]) & (dense <= dense[i])
        assert (fused[worse] <= fused[i]).all()


@settings(deadline=None)
@given(rankings(), WEIGHTS)
def test_fused_scores_lie_between_0_and_1(scores, weight):
    fused = convex(*scores, weight)
    assert fused.shape == scores[0].shape
    assert (fused >= 0).all() and (fused <= 1 + 1e-12).all()


@settings(deadline=None)
@given(rankings())
def test_the_ends_of_the_weight_are_the_two_rankings(scores):
    lexical, dense = scores
    assert order(convex(lexical, dense, 0.0)) == order(lexical)
    assert order(convex(lexical, dense, 1.0)) == order(dense)


@settings(deadline=None)
@given(rankings(), WEIGHTS, st.floats(0.01, 100))
def test_the_scale_of_either_score_does_not_matter(scores, weight, factor):
    lexical, dense = scores
    np.testing.assert_allclose(convex(lexical * factor, dense, weight), convex(lexical, dense, weight), atol=1e-9)
    np.testing.assert_allclose(convex(lexical, dense * factor + 3, weight), convex(lexical, dense, weight), atol=1e-9)


def test_no_matching_term_leaves_the_vectors():
    np.testing.assert_allclose(convex(np.zeros(3), np.array([0.1, 0.5, 0.3]), 0.25), [0.0, 0.25, 0.125])


@pytest.mark.parametrize("scores", [[], [0.7], [0.7, 0.7]])
def test_scores_that_do_not_differ_are_scaled_to_0(scores):
    assert min_max(np.array(scores)).tolist() == [0.0] * len(scores)
    assert convex(np.array(scores) * 0, np.array(scores), 0.5).tolist() == [0.0] * len(scores)
