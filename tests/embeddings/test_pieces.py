import pickle
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

import corpus
from embeddings.encoder import SHIPPED_MODEL
from embeddings.pieces import Pieces
from embeddings.training.tokenizer import UNKNOWN, build_tokenizer, with_vocabulary

REPORTS = sorted((Path(corpus.__file__).parent / "reports").glob("*.md"))
# Known and rare characters, compatibility ones, marks that combine, some of them Han, and what makes words and numbers.
WRITTEN = "云溪市国國家經濟的龘〇々〡㐀𠀀豈﨑⼈〪〭\u0301\u0308\u3099e5.%２％．…， \n\u200d\u00e9ⅫＧdp"


@cache
def shipped():
    return Tokenizer.from_file(str(SHIPPED_MODEL / "tokenizer.json"))


def assert_same(tokenizer, texts):
    ids, starts = Pieces.of(tokenizer)(texts)
    assert ids.dtype == np.int32
    assert starts[-1] == len(ids)
    for i, text in enumerate(texts):
        assert ids[starts[i]:starts[i + 1]].tolist() == tokenizer.encode(text, add_special_tokens=False).ids


def test_reports_have_the_tokens_that_the_tokenizer_finds():
    assert_same(shipped(), [line for path in REPORTS for line in path.read_text("utf-8").splitlines()])


def test_they_can_be_sent_to_another_process():
    texts = ["云溪市2021年生产总值", "國家"]
    sent = pickle.loads(pickle.dumps(Pieces.of(shipped())))
    for there, here in zip(sent(texts), Pieces.of(shipped())(texts)):
        np.testing.assert_array_equal(there, here)


@given(st.lists(st.text(WRITTEN) | st.text(), max_size=5))
def test_any_texts_have_the_tokens_that_the_tokenizer_finds(texts):
    assert_same(shipped(), texts)


def test_each_character_has_the_tokens_that_the_tokenizer_finds():
    assert_same(shipped(), [f"云{chr(code)}溪 {chr(code)}" for code in range(0x3200) if chr(code) != "\n"])
    assert_same(shipped(), [f"云{chr(code)}溪" for code in range(0x3200, 0x33000, 7) if not 0xD800 <= code < 0xE000])


@pytest.mark.parametrize("pieces", [["云"], ["云", "gdp", "5%"], ["云", "溪", "云溪", "2021", "gdp"]])
def test_any_vocabulary_will_do(pieces):
    assert_same(with_vocabulary([UNKNOWN, *pieces], {"雲": "云"}), ["雲溪GDP增长5%", "云 溪云溪2021", ""])


def test_texts_that_have_just_been_met_are_read_as_before():
    pieces = Pieces.of(build_tokenizer(["云溪市2021年"], {}, 100))
    assert [array.tolist() for array in pieces(["云溪乙"])] == [array.tolist() for array in pieces(["云溪乙"])]


@pytest.mark.parametrize("change", [
    {"normalizer": normalizers.NFKC()},
    {"normalizer": None},
    {"pre_tokenizer": pre_tokenizers.WhitespaceSplit()},
    {"pre_tokenizer": pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex("[a-z]+"), "isolated")])},
    {"model": models.WordLevel({UNKNOWN: 0, "云": 1, "溪": 2}, unk_token=UNKNOWN)},  # 溪 is not written three times
    {"model": models.WordLevel({UNKNOWN: 0, "云": 1, "云云云": 2}, unk_token=UNKNOWN)},
    {"model": models.BPE({UNKNOWN: 0}, [], unk_token=UNKNOWN)},
])
def test_another_tokenizer_is_left_to_itself(change):
    tokenizer = with_vocabulary([UNKNOWN, "云"], {})
    for part, value in change.items():
        setattr(tokenizer, part, value)
    assert Pieces.of(tokenizer) is None


def test_a_tokenizer_with_added_tokens_is_left_to_itself():
    tokenizer = with_vocabulary([UNKNOWN, "云"], {})
    tokenizer.add_tokens(["云溪"])
    assert Pieces.of(tokenizer) is None
