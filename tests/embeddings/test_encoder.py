import logging
import shutil
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.encoder import SHIPPED_MODEL, SentenceTransformerEncoder, StaticEncoder, load_encoder
from embeddings.errors import EncoderError

TEXTS = ["云溪市2021年生产总值是多少？", "支持中小企业的措施", "國家級高新區", "GDP growth 7.3%", "", "……", "财政收入 96.5亿元"]


@cache
def shipped():
    return load_encoder("")


@pytest.fixture(scope="module")
def reference():
    return SentenceTransformerEncoder(str(SHIPPED_MODEL))


def test_the_shipped_model_needs_no_torch():
    script = "import sys; from embeddings.encoder import load_encoder as load; load().encode_queries(['甲']); print('torch' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed == "False\n"


def test_the_shipped_model_gives_what_sentence_transformers_gives(reference):
    assert reference.dimension == shipped().dimension
    assert np.abs(shipped().encode_passages(TEXTS) - reference.encode_passages(TEXTS)).max() < 1e-6
    assert np.abs(shipped().encode_queries(TEXTS) - reference.encode_queries(TEXTS)).max() < 1e-6


def test_the_shipped_model_fits_the_repository():
    assert sum(path.stat().st_size for path in SHIPPED_MODEL.iterdir()) <= 25 * 2**20


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_every_vector_is_float32_of_length_one_or_zero(texts):
    vectors = shipped().encode_passages(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(texts), shipped().dimension)
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.all(np.isclose(lengths, 1, atol=1e-5) | (lengths == 0))


def test_traditional_and_full_width_characters_are_read_as_the_usual_ones():
    usual, other = shipped().encode_queries(["国家级高新区GDP增长7.3%", "國家級高新區ＧＤＰ增長７．３％"])
    assert np.allclose(usual, other, atol=1e-6)


def test_words_of_the_same_meaning_are_nearer_than_others():
    question, same, other = shipped().encode_passages(["全市GDP是多少", "全市生产总值完成1286.4亿元", "全市林地面积1286.4亩"])
    assert question @ same > question @ other


def test_a_static_model_is_found_by_its_folder(tmp_path):
    folder = shutil.copytree(SHIPPED_MODEL, tmp_path / "mine")
    encoder = load_encoder(str(folder))
    assert isinstance(encoder, StaticEncoder)
    assert encoder.name.startswith("mine-")


def test_the_name_tells_versions_of_a_model_apart(tmp_path):
    folder = shutil.copytree(SHIPPED_MODEL, tmp_path / "mine")
    before = load_encoder(str(folder)).name
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert load_encoder(str(folder)).name != before


def test_a_damaged_description_is_refused(tmp_path):
    folder = shutil.copytree(SHIPPED_MODEL, tmp_path / "model")
    (folder / "modules.json").write_text("[{", "utf-8")
    with pytest.raises(EncoderError) as caught:
        load_encoder(str(folder))
    assert caught.value.code == "model_corrupt"


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_damaged_and_missing_files_are_refused(tmp_path, name):
    folder = shutil.copytree(SHIPPED_MODEL, tmp_path / "model")
    path = folder / name
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(EncoderError) as damaged:
        load_encoder(str(folder))
    assert damaged.value.code == "model_corrupt"
    path.unlink()
    with pytest.raises(EncoderError) as missing:
        load_encoder(str(folder))
    assert missing.value.code == "model_missing"


def test_a_model_that_is_nowhere_is_said_in_both_languages(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with caplog.at_level(logging.CRITICAL), pytest.raises(EncoderError) as caught:
        load_encoder(str(tmp_path / "no-such-model"))
    assert caught.value.code == "model_missing"
    assert "找不到" in caught.value.message and "neither" in caught.value.message


def test_prompts_of_the_model_are_used_for_queries_and_passages(tmp_path, reference):
    folder = tmp_path / "prompted"
    model = reference._model
    before = dict(model.prompts)
    model.prompts.update(query="问题：", document="文章：")
    model.save_pretrained(str(folder), create_model_card=False)
    model.prompts.update(before)
    encoder = load_encoder(str(folder))
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert np.allclose(encoder.encode_queries(["甲方"]), reference.encode_passages(["问题：甲方"]), atol=1e-6)
    assert np.allclose(encoder.encode_passages(["甲方"]), reference.encode_passages(["文章：甲方"]), atol=1e-6)
