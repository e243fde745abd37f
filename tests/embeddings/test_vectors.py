import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import EncoderError
from embeddings.vectors import Vectors

DIMENSION = 8


def unit(count, seed):
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def filled(vectors):
    index = Vectors.build(DIMENSION)
    index.add(vectors)
    return index


def test_each_vector_is_its_own_nearest_neighbour():
    vectors = unit(50, 1)
    scores, rows = filled(vectors).search(vectors, 3)
    assert rows[:, 0].tolist() == list(range(50))
    assert np.allclose(scores[:, 0], 1, atol=1e-6)


def test_rows_continue_over_additions():
    vectors = unit(6, 2)
    index = filled(vectors[:4])
    index.add(vectors[4:])
    assert len(index) == 6
    assert index.search(vectors[5:], 1)[1].tolist() == [[5]]


@given(st.integers(1, 30), st.integers(1, 40), st.data())
def test_search_among_allowed_rows_is_exact(count, k, data):
    vectors, query = unit(count, 3), unit(1, 4)
    allowed = np.array(sorted(data.draw(st.sets(st.integers(0, count - 1)))), np.int64)
    scores, rows = filled(vectors).search(query, k, allowed)
    wanted = allowed[np.argsort(-(vectors[allowed] @ query[0]))][:k]
    assert rows[0].tolist() == wanted.tolist()
    assert np.allclose(scores[0], vectors[wanted] @ query[0], atol=1e-6)


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_keep_renumbers_in_order(mask):
    vectors = unit(len(mask), 5)
    kept = filled(vectors).keep(np.array(mask))
    assert len(kept) == sum(mask)
    rows = np.arange(len(kept))
    for vector, similar in zip(vectors[mask], rows, strict=True):
        assert np.isclose(kept.similarity(vector, np.array([similar]))[0], 1, atol=1e-6)


def test_similarity_follows_the_order_asked_for():
    vectors = unit(5, 6)
    got = filled(vectors).similarity(vectors[0], np.array([3, 0, 1]))
    assert np.allclose(got, vectors[[3, 0, 1]] @ vectors[0], atol=1e-6)


def test_an_empty_index_finds_nothing():
    scores, rows = Vectors.build(DIMENSION).search(unit(2, 7), 5)
    assert scores.shape == rows.shape == (2, 0)


def test_saved_vectors_come_back(tmp_path):
    index = filled(unit(9, 8))
    index.save(tmp_path / "vectors")
    loaded = Vectors.load(tmp_path / "vectors")
    query = unit(1, 9)
    assert len(loaded) == 9 and loaded.dimension == DIMENSION
    for before, after in zip(index.search(query, 9), loaded.search(query, 9), strict=True):
        assert np.array_equal(before, after)


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[: len(data) // 2], lambda data: b"x" * 200])
def test_damaged_vectors_are_refused_with_the_remedy(tmp_path, damage):
    path = tmp_path / "vectors"
    filled(unit(9, 10)).save(path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(EncoderError) as caught:
        Vectors.load(path)
    assert caught.value.code == "vectors_corrupt"
    assert "python -m qa index" in caught.value.message


def test_missing_vectors_are_refused(tmp_path):
    with pytest.raises(EncoderError, match="python -m qa index"):
        Vectors.load(tmp_path / "vectors")
