"""Users' own models: tiny ones of the real kinds, made here, with weights at random."""

import numpy as np
import pytest

from qa.errors import ServiceError
from qa.neural import NeuralReader
from qa.own_models import RerankingReader, SpanReader, load_reader
from qa.service import AnswerService
from qa.settings import Settings
from qa.windows import Window

TEXTS = ("全市森林覆盖率稳步提升。", "2021年，全市生产总值完成1286.4亿元，增长7.3%。", "新建农村公路八十公里。" * 9)
CHARACTERS = sorted(set("".join(TEXTS) + "云溪市是多少？"))
QUESTION = "2021年云溪市生产总值是多少？"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Folders of a span model and of a cross-encoder, both a BERT of one layer."""
    from transformers import BertConfig, BertForQuestionAnswering, BertForSequenceClassification, BertTokenizerFast

    root = tmp_path_factory.mktemp("models")
    (root / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *CHARACTERS]), encoding="utf-8")
    tokenizer = BertTokenizerFast(vocab=str(root / "vocab.txt"))
    shape = {"vocab_size": len(CHARACTERS) + 5, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 16, "max_position_embeddings": 128}
    for name, kind, config in (("span", BertForQuestionAnswering, BertConfig(**shape)),
                               ("cross", BertForSequenceClassification, BertConfig(**shape, num_labels=1))):
        kind(config).save_pretrained(root / name)
        tokenizer.model_max_length = 128
        tokenizer.save_pretrained(root / name)
    return root


def windows(texts=TEXTS):
    return [Window("0123456789ab", 0, len(text), text, "2021年，云溪市，政府工作报告", 0, 0) for text in texts]


def test_a_span_model_finds_spans_in_the_text_and_nowhere_else(models):
    found = SpanReader(str(models / "span")).read(QUESTION, windows())
    assert len(found) == len(TEXTS)
    for text, each in zip(TEXTS, found):
        assert 0 <= each.widest[0] <= each.start < each.end <= each.widest[1] <= len(text)
        assert np.isfinite(each.relevance)
        assert each.certainty <= 0


def test_the_relevance_is_the_best_span_over_no_answer(models):
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    reader, window = SpanReader(str(models / "span")), windows()[1]
    found = reader.read(QUESTION, [window])[0]
    tokenizer, model = (kind.from_pretrained(models / "span") for kind in (AutoTokenizer, AutoModelForQuestionAnswering))
    inputs = tokenizer(QUESTION, f"{window.context}\n{window.text}", return_tensors="pt", return_offsets_mapping=True)
    offsets, second = inputs.pop("offset_mapping")[0].tolist(), inputs.sequence_ids(0)
    output = model.eval()(**inputs)
    begins, ends = output.start_logits[0].tolist(), output.end_logits[0].tolist()
    inside = [i for i, (start, end) in enumerate(offsets) if second[i] == 1 and start > len(window.context)]
    best = max(begins[i] + ends[j] for i in inside for j in inside if i <= j)
    assert found.relevance == pytest.approx(best - begins[0] - ends[0], abs=1e-4)


def test_windows_are_read_alike_alone_and_together(models):
    reader = SpanReader(str(models / "span"))
    together = reader.read(QUESTION, windows(TEXTS * 4))
    for window, found in zip(windows(TEXTS * 4), together):
        alone = reader.read(QUESTION, [window])[0]
        assert (alone.start, alone.end) == (found.start, found.end)
        assert alone.relevance == pytest.approx(found.relevance, abs=1e-4)
    assert reader.read(QUESTION, []) == []


def test_a_cross_encoder_ranks_and_leaves_the_spans(models):
    shipped = NeuralReader()
    reader = RerankingReader(shipped, str(models / "cross"))
    before, after = shipped.read(QUESTION, windows()), reader.read(QUESTION, windows())
    assert [(each.start, each.end, each.widest) for each in before] == [(each.start, each.end, each.widest) for each in after]
    assert [each.relevance for each in before] != [each.relevance for each in after]
    assert len({each.relevance for each in after}) == len(TEXTS)
    assert reader.read(QUESTION, []) == []


def test_the_settings_choose_the_reader(models):
    assert load_reader().name == "shipped"
    assert load_reader(str(models / "span")).name == str(models / "span")
    assert load_reader("", str(models / "cross")).name == f"shipped+{models / 'cross'}"
    assert load_reader(str(models / "span"), str(models / "cross")).name == f"{models / 'span'}+{models / 'cross'}"


@pytest.mark.parametrize("setting", ["reader_model", "reranker_model"])
def test_a_model_that_is_not_there_is_said_at_the_start(tmp_path, tiny_reports, encoder, setting, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings = Settings(home=tmp_path / "data", **{setting: str(tmp_path / "none")})
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    with pytest.raises(ServiceError, match="neither on this machine") as caught:
        AnswerService.open(settings, encoder)
    assert caught.value.code == "reader_model_missing"


def test_a_service_answers_by_them(tmp_path, tiny_reports, encoder, models):
    settings = Settings(home=tmp_path / "data", threshold=0, reader_model=str(models / "span"), reranker_model=str(models / "cross"))
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    answer = AnswerService.open(settings, encoder).ask(QUESTION)
    assert answer.answered
    assert answer.citations[0].quote
