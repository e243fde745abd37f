import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import normalizers

from embeddings.encoder import StaticEncoder
from embeddings.training.charsmap import compile_charsmap
from embeddings.training.evaluate import QuestionSet, recall
from embeddings.training.export import save_model
from embeddings.training.pairs import Pairs, Wordings, training_documents, written_questions
from embeddings.training.text import passages, read_lines
from embeddings.training.tokenizer import build_tokenizer
from embeddings.training.trainer import Plan, train

TOPICS = ["造林面积", "粮食产量", "公路里程", "班列数量", "医院床位", "学校学位", "港口吞吐", "电力装机"]


@given(st.dictionaries(st.characters(min_codepoint=0x80, exclude_categories=["Cs", "M"]), st.text("abc好 ", max_size=4)))
def test_a_character_map_replaces_each_of_its_characters(replacements):
    normalizer = normalizers.Precompiled(compile_charsmap(replacements | {"好": "良"}))
    for character, replacement in replacements.items():
        if character != "好":
            assert normalizer.normalize_str(character) == replacement
    assert normalizer.normalize_str("x好z") == "x良z"


def test_tokens_are_characters_pairs_words_and_numbers():
    tokenizer = build_tokenizer(["云溪市2021年国家GDP增长7.3%"], {"國": "国"}, 100)
    tokens = tokenizer.encode("2021年國家GDP，7.3%").tokens
    assert tokens == ["2021", "年", "年", "年国", "国", "国家", "家", "家", "gdp", "7.3%"]


def test_passages_hold_every_sentence_once():
    text = "甲乙。丙丁！" * 60 + "\n末句"
    runs = passages(text, 50)
    assert "".join(sentence for run in runs for sentence in run) == text.replace("\n", "")
    assert all(sum(map(len, run)) <= 50 for run in runs)


def test_official_terms_become_everyday_words(tmp_path):
    for name in ("everyday_official", "abbreviations", "english"):
        (tmp_path / f"{name}.tsv").write_text("经济总量\t生产总值\teconomy\n", "utf-8")
    wordings = Wordings.read(tmp_path)
    varied = {wordings.vary("全市生产总值多少", random.Random(seed)) for seed in range(20)}
    assert varied == {"全市生产总值多少", "全市经济总量多少"}


def tiny_pairs():
    pairs = Pairs()
    for topic in TOPICS:
        for year in (2019, 2020):
            pairs.passages.append(f"{year}年，全县{topic}稳步提高，各项工作有序推进。")
            pairs.documents.append(len(pairs.drawn))
            pairs.written.append((f"{year}年{topic}怎么样", len(pairs.passages) - 1))
            pairs.made.append((f"{topic}稳步提高", len(pairs.passages) - 1))
        pairs.drawn.append(1)
    return pairs


def test_training_learns_which_passage_answers(tmp_path):
    pairs = tiny_pairs()
    tokenizer = build_tokenizer(pairs.passages + [question for question, _ in pairs.written], {}, 500)
    vectors = train(pairs, tokenizer, Plan(dimension=32, batch=16, neighbours=2, rate=0.01, steps=80), 1, lambda *_: None)
    save_model(tmp_path, tokenizer, vectors)
    right = [frozenset([row]) for _, row in pairs.written]
    questions = QuestionSet("tiny", [question for question, _ in pairs.written], pairs.passages, right)
    assert recall(StaticEncoder(tmp_path), questions, (1,)) == [1.0]


def test_a_saved_model_keeps_directions(tmp_path):
    tokenizer = build_tokenizer(["云"], {}, 10)
    vectors = np.random.default_rng(1).standard_normal((tokenizer.get_vocab_size(), 16)).astype(np.float32)
    save_model(tmp_path, tokenizer, vectors)
    wanted = vectors[tokenizer.token_to_id("云")]
    saved = StaticEncoder(tmp_path).encode_passages(["云"])[0]
    assert saved @ wanted / np.linalg.norm(wanted) > 0.999


def test_nothing_that_measures_is_trained_on(shared):
    documents = {line["id"] for line, _ in training_documents(shared, random.Random(1))}
    asked = {line["id"] for line in written_questions(shared)}
    held = list(read_lines(shared / "eval/official/dev.jsonl"))
    held += [line for line in read_lines(shared / "eval/cmrc2018/questions.jsonl.gz") if line["split"] == "dev"]
    held += [line for line in read_lines(shared / "eval/drcd_hans/questions.jsonl.gz") if line["split"] == "test"]
    assert documents and asked
    assert not documents & {line["context_id"] for line in held}
    assert not asked & {line["id"] for line in held}
