import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import vectors as module
from embeddings.errors import EncoderError
from embeddings.vectors import MANY, Block, Vectors

DIMENSION = 8
NEAR = 0.01  # how far a byte a dimension may move an inner product of unit vectors


def unit(count, seed, dimension=DIMENSION):
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def whole(vectors):
    """All rows as they are kept."""
    return np.concatenate([block.codes * block.scales[:, None] for block in vectors.blocks])


def blocks(matrix, cuts=()):
    return Vectors([Block.of(part) for part in np.split(matrix, sorted(min(cut, len(matrix)) for cut in cuts))])


@pytest.fixture(scope="module")
def many():
    """So many vectors that they are searched by sketches, in heaps as texts are, and questions near some of them."""
    chance = np.random.default_rng(0)
    heaps = unit(400, 1, 64)
    rows = heaps[chance.integers(400, size=MANY + 500)] + 0.15 * chance.standard_normal((MANY + 500, 64)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    asked = rows[:100] + 0.1 * chance.standard_normal((100, 64)).astype(np.float32)
    return rows.astype(np.float32), asked / np.linalg.norm(asked, axis=1, keepdims=True)


def test_each_vector_is_its_own_nearest_neighbour():
    matrix = unit(50, 1)
    vectors = blocks(matrix, (20, 30))
    for row, vector in enumerate(matrix):
        scores, rows = vectors.search(vector, 3)
        assert rows[0] == row
        assert scores[0] == pytest.approx(1, abs=NEAR)


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 40), st.lists(st.integers(0, 30), max_size=3), st.data())
def test_search_among_few_is_exact(count, k, cuts, data):
    matrix, [query] = unit(count, 3), unit(1, 4)
    vectors = blocks(matrix, cuts)
    allowed = data.draw(st.none() | st.sets(st.integers(0, count - 1)).map(lambda rows: np.array(sorted(rows), np.int64)))
    scores, rows = vectors.search(query, k, allowed)
    among = np.arange(count) if allowed is None else allowed
    kept = whole(vectors)
    wanted = among[np.argsort(-(kept[among] @ query))][:k]
    assert rows.tolist() == wanted.tolist()
    np.testing.assert_allclose(scores, kept[wanted] @ query, atol=1e-6)
    np.testing.assert_allclose(scores, matrix[wanted] @ query, atol=NEAR)


def test_among_many_the_nearest_are_found(many):
    matrix, asked = many
    vectors = blocks(matrix, (MANY,))
    found = [set(vectors.search(query, 10)[1]) & set(np.argsort(-(matrix @ query))[:10]) for query in asked]
    assert sum(map(len, found)) >= 0.97 * 10 * len(asked)


@pytest.mark.parametrize("share", [2, 900])
def test_among_many_only_allowed_rows_are_found(many, share, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 100)  # so that few are many
    matrix, asked = many
    vectors = blocks(matrix, (300,))
    allowed = np.arange(0, len(matrix), share)
    for query in asked[:20]:
        scores, rows = vectors.search(query, 9, allowed)
        assert len(rows) == 9
        assert set(rows) <= set(allowed)
        best = allowed[np.argsort(-(matrix[allowed] @ query))[:9]]
        assert len(set(rows) & set(best)) >= 7


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_keep_renumbers_in_order(mask):
    matrix = unit(len(mask), 5)
    kept = Block.of(matrix).keep(np.array(mask))
    assert len(kept) == sum(mask)
    for row, vector in enumerate(matrix[mask]):
        assert kept.similarity(vector, np.array([row]))[0] == pytest.approx(1, abs=NEAR)


def test_blocks_that_are_joined_or_taken_apart_keep_their_vectors():
    matrix = unit(20, 5)
    joined = Block.joined([Block.of(matrix[:7]), Block.of(matrix[7:])])
    np.testing.assert_array_equal(joined.codes, Block.of(matrix).codes)
    np.testing.assert_array_equal(joined.scales, Block.of(matrix).scales)


def test_similarity_follows_the_order_asked_for():
    matrix = unit(5, 6)
    got = blocks(matrix, (2,)).similarity(matrix[0], np.array([3, 0, 1]))
    np.testing.assert_allclose(got, matrix[[3, 0, 1]] @ matrix[0], atol=NEAR)


@pytest.mark.parametrize("vectors", [Vectors([]), Vectors([Block.of(unit(0, 1))])])
def test_an_empty_index_finds_nothing(vectors):
    [query] = unit(1, 7)
    scores, rows = vectors.search(query, 5)
    assert scores.shape == rows.shape == (0,)
    assert len(vectors) == 0


def test_a_text_without_tokens_is_near_nothing():
    assert Block.of(np.zeros((1, DIMENSION), np.float32)).similarity(unit(1, 8)[0], np.array([0])).tolist() == [0.0]


@pytest.mark.parametrize("count", [0, 9, MANY])
def test_saved_vectors_come_back(tmp_path, count):
    block, [query] = Block.of(unit(count, 8)), unit(1, 9)
    block.save(tmp_path)
    loaded = Block.load(tmp_path)
    assert (len(loaded), loaded.dimension) == (count, DIMENSION)
    for before, after in zip(Vectors([block]).search(query, 9), Vectors([loaded]).search(query, 9), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b""), lambda path: path.unlink(), lambda path: path.write_bytes(b"x" * 200),
                                    lambda path: path.write_bytes(path.read_bytes()[:-40])])
@pytest.mark.parametrize("name", ["codes.npy", "scales.npy", "sketches.faiss"])
def test_damaged_vectors_are_refused_with_the_remedy(tmp_path, name, damage):
    Block.of(unit(MANY, 10)).save(tmp_path)
    damage(tmp_path / name)
    with pytest.raises(EncoderError) as caught:
        Block.load(tmp_path)
    assert caught.value.code == "vectors_corrupt"
    assert "python -m qa index" in caught.value.message


def test_parts_of_different_lengths_are_refused(tmp_path):
    Block.of(unit(9, 10)).save(tmp_path)
    np.save(tmp_path / "scales.npy", np.ones(8, np.float32))
    with pytest.raises(EncoderError, match="python -m qa index"):
        Block.load(tmp_path)
