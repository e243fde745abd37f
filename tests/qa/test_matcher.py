"""Closeness in meaning, by vectors."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import matcher as module
from qa.matcher import Matcher, content_words, words

TEXTS = st.text("粮食产量12.5万吨，。GDPIİ的 \n", max_size=25)


class Counting:
    """An encoder that counts the texts it encodes."""

    def __init__(self, encoder):
        self._encoder, self.encoded, self.dimension = encoder, [], encoder.dimension

    def encode_passages(self, texts):
        self.encoded.extend(texts)
        return self._encoder.encode_passages(texts)

    def encode_queries(self, texts):
        return self._encoder.encode_queries(texts)


def test_words_are_folded_and_bare():
    assert words("糧食，ＧＤＰ。") == ("粮食", "gdp")
    assert words("，。？") == words("") == ()


def test_content_words_say_what_a_question_is_about_once():
    assert content_words("粮食的粮食和造林") == ("粮食", "造林")
    assert content_words("的") == ()


def test_similarity_is_the_cosine(encoder):
    texts = ["粮食产量", "新建公路", "粮食产量"]
    found = Matcher(encoder).similarity("粮食产量", texts)
    np.testing.assert_allclose(found, encoder.encode_passages(texts) @ encoder.encode_queries(["粮食产量"])[0], atol=1e-6)
    assert found[0] == found[2] == pytest.approx(1.0)
    assert found[1] < 0.9


def test_closeness_is_that_of_the_nearest_word(matcher):
    found = matcher.closeness(["粮食", "公路"], ["粮食增产", "公路通车", "粮食和公路", "。"])
    assert found.shape == (4, 2)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[[0, 1, 2, 2], [0, 1, 0, 1]], 1.0, atol=1e-6)
    assert found[0, 1] < 0.9 and found[1, 0] < 0.9
    assert found[3].tolist() == [0.0, 0.0]


def test_nothing_to_compare_is_no_error(matcher):
    assert matcher.closeness([], ["粮食"]).shape == (1, 0)
    assert matcher.closeness(["粮食"], []).shape == (0, 1)
    assert matcher.closeness(["粮食"], ["，"]).tolist() == [[0.0]]


def test_what_was_met_is_not_encoded_again(encoder):
    counting = Counting(encoder)
    matcher = Matcher(counting)
    first = matcher.closeness(["粮食"], ["粮食增产", "粮食增产"])
    assert len(counting.encoded) == len(set(counting.encoded))
    before = len(counting.encoded)
    np.testing.assert_array_equal(matcher.closeness(["粮食"], ["粮食增产", "粮食增产"]), first)
    assert len(counting.encoded) == before


def test_memory_is_bounded_and_forgetting_changes_nothing(encoder, monkeypatch):
    monkeypatch.setattr(module, "SENTENCES", 3)
    counting = Counting(encoder)
    matcher, texts = Matcher(counting), ["粮食", "公路", "学校", "水库", "粮食", "公路"]
    for text in texts:
        assert matcher.similarity("粮食", [text]) == pytest.approx(Matcher(encoder).similarity("粮食", [text]))
    assert counting.encoded == texts  # both were forgotten, and so encoded a second time
    assert len(matcher.similarity("粮食", texts)) == len(texts)


def test_threads_that_forget_for_each_other_see_their_own_vectors(encoder, monkeypatch):
    monkeypatch.setattr(module, "SENTENCES", 3)
    matcher, texts = Matcher(encoder), ["粮食产量", "新建公路", "学校", "水库", "造林"]
    right = Matcher(encoder).similarity("粮食", texts)

    def look(row):
        return matcher.similarity("粮食", [texts[row % 5], texts[(row + 1) % 5]])

    with ThreadPoolExecutor(8) as pool:
        for row, found in enumerate(pool.map(look, range(400))):
            np.testing.assert_allclose(found, right[[row % 5, (row + 1) % 5]], atol=1e-6)


@settings(deadline=None)
@given(TEXTS, st.lists(TEXTS, max_size=4))
def test_closeness_is_a_share_and_full_for_a_word_that_is_there(matcher, question, texts):
    asked = content_words(question)
    found = matcher.closeness(asked, texts)
    assert found.shape == (len(texts), len(asked))
    assert (found >= 0).all() and (found <= 1 + 1e-5).all()
    for row, text in enumerate(texts):
        for column, word in enumerate(asked):
            # The tiny encoder has no vector for a single character.
            if len(word) > 1 and word in words(text):
                assert found[row, column] == pytest.approx(1.0, abs=1e-5)
