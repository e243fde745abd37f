"""The neural reader that ships, its tokens and its windows."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.passages import sentences
from qa.errors import ServiceError
from qa.neural import SHIPPED, NeuralReader, finding
from qa.premise import without_premise
from qa.tokens import LONGEST_TEXT, Vocabulary
from qa.windows import LONGEST, Window, windows

VOCABULARY = Vocabulary.read(SHIPPED / "vocabulary.txt")


def window(text):
    return Window("0123456789ab", 0, len(text), text, "2021年，云溪市", 0, 0)


def test_the_shipped_reader_finds_the_window_and_the_figure():
    texts = ["全市森林覆盖率稳步提升。", "2021年，全市生产总值完成1286.4亿元，增长7.3%。", "新建农村公路八十公里。"]
    found = NeuralReader().read("2021年云溪市生产总值是多少？", [window(text) for text in texts])
    assert int(np.argmax([each.relevance for each in found])) == 1
    assert texts[1][found[1].start:found[1].end].startswith("1286.4亿元")


def test_the_reader_reports_nothing_to_anybody(tmp_path):
    script = ("from qa.neural import NeuralReader; from qa.windows import Window;"
              "NeuralReader().read('问', [Window('0123456789ab', 0, 2, '答。', '', 0, 0)])")
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment, timeout=60)
    assert [path for path in tmp_path.rglob("*") if "onnxruntime" in path.name] == []  # where it keeps what it is about to send


def test_a_missing_model_says_what_to_do(tmp_path):
    with pytest.raises(ServiceError, match="install the program again"):
        NeuralReader(tmp_path)


@given(st.text(max_size=80))
def test_tokens_are_the_characters_that_are_no_white_space(text):
    ids, offsets = VOCABULARY.encode(text)
    assert [text[at] for at in offsets] == [character for character in text if not character.isspace()]
    assert len(ids) == len(offsets)


def test_forms_of_a_character_are_read_alike():
    assert VOCABULARY.encode("國Ａ")[0].tolist() == VOCABULARY.encode("国a")[0].tolist()


@given(st.integers(1, LONGEST_TEXT), st.integers(0, 2**32 - 1))
def test_the_span_lies_in_the_text_and_the_widest_around_it(length, seed):
    found = finding(0.0, np.random.default_rng(seed).normal(size=(length, 2)) * 4, np.stack([np.arange(length), np.arange(length) + 1], axis=1))
    assert 0 <= found.widest[0] <= found.start < found.end <= found.widest[1] <= length
    assert found.certainty <= 0


@given(st.text("全市完成1286.4亿元，；：。\n ", min_size=1, max_size=900).filter(lambda text: sentences(text)))
def test_windows_cover_every_sentence_once_and_stay_short(candidate, text):
    made = windows([candidate(text[s:e], text[:s], text[e:], start=s) for s, e in sentences(text)])
    assert all(text[each.start:each.end] == each.text and len(each.text) <= LONGEST for each in made)
    assert all(before.end <= after.start for before, after in zip(made, made[1:]))
    covered = {at for each in made for at in range(each.start, each.end)}
    assert all(at in covered for s, e in sentences(text) for at in range(s, e))


@pytest.mark.parametrize(("question", "whole", "asking"), [
    ("2020年云溪投了46亿元，2021年计划投多少？", "云溪投了，2021年计划投多少？", "2021年计划投多少？"),
    ("营业收入首次超过5亿元的，奖励多少？", None, None), ("2020年云溪投了多少？", None, None)])
def test_what_a_comparison_states_is_not_asked(question, whole, asking):
    assert without_premise(question) == (whole or question, asking or question)
