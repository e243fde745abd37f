"""Texts grouped by likeness."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qa.likeness import groups


def test_what_is_near_is_one_group_and_what_is_not_is_not():
    angles = np.array([0, 1.5, 0.1, 1.6, 3.0])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert groups(vectors, 0.9) == [[0, 2], [1, 3], [4]]
    assert groups(vectors[:1], 0.9) == [[0]]
    assert groups(vectors[:0], 0.9) == []


@given(st.integers(0, 30), st.floats(0, 1))
def test_each_row_is_in_one_group(count, nearness):
    vectors = np.random.default_rng(count).standard_normal((count, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = groups(vectors, nearness)
    assert sorted(row for group in found for row in group) == list(range(count))
    assert [group[0] for group in found] == sorted(group[0] for group in found)


def test_questions_about_the_same_are_alike_however_they_ask(shipped):
    asked = ["长葛2019年财政收入有多少？", "2020年许昌市跨境电商交易额是多少？", "长葛市2019年的财政收入是多少", "许昌公租房怎么申请？"]
    assert shipped.alike(asked) == [[0, 2], [1], [3]]
