"""Models of the user's own: loaded, kept to the window's text, and refused where they are of another kind."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from qa.errors import ServiceError
from qa.own_models import load_reader
from qa.service import AnswerService
from qa.settings import Settings
from qa.windows import LONGEST, Window

QUESTION = "2021年云溪市生产总值是多少？"
TEXTS = ["2021年，全市生产总值完成1286.4亿元，比上年增长7.3%。", "云溪市GDP\n  增长7.3%，龘龘。", "元", "平川县博士补贴" * 40]


def window(text, context="2021年，云溪市，生产总值，云溪市2021年政府工作报告"):
    return Window("0123456789ab", 0, len(text), text, context, 0, 0)


@pytest.fixture(scope="module")
def spans(tiny_models):
    return load_reader(str(tiny_models / "spans"))


@pytest.fixture(scope="module")
def ranks(tiny_models):
    return load_reader(reranker_model=str(tiny_models / "ranks"))


def test_without_models_the_shipped_reader_reads_and_needs_no_torch():
    script = "import sys; from qa.own_models import load_reader; print(load_reader().name, 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "shipped False\n"


@pytest.mark.parametrize("question", [QUESTION, "什么", "云溪市" * 100])
def test_spans_lie_in_the_text_of_their_window(spans, question):
    for text, found in zip(TEXTS, spans.read(question, [window(text[:LONGEST]) for text in TEXTS])):
        assert 0 <= found.widest[0] <= found.start < found.end <= found.widest[1] <= len(text)
        assert not text[found.start].isspace()
        assert found.certainty <= 0
        assert np.isfinite(found.relevance)


def test_a_window_is_read_alike_whatever_stands_beside_it(spans):
    read = spans.read(QUESTION, [window(text[:LONGEST]) for text in TEXTS])
    for text, beside in zip(TEXTS, read):
        [alone] = spans.read(QUESTION, [window(text[:LONGEST])])
        assert (alone.start, alone.end) == (beside.start, beside.end)
        assert alone.relevance == pytest.approx(beside.relevance, abs=1e-3)


def test_nothing_to_read_gives_no_findings(spans, ranks):
    assert spans.read(QUESTION, []) == ranks.read(QUESTION, []) == []


def test_a_window_that_the_tokenizer_leaves_nothing_of_is_far_behind(spans):
    [found] = spans.read(QUESTION, [window("\u200b\u200e")])
    assert (found.start, found.end) == (0, 0)
    assert found.relevance < -10


def test_relevance_is_what_the_best_span_scores_above_no_answer(spans, tiny_models):
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_models / "spans")
    model = AutoModelForQuestionAnswering.from_pretrained(tiny_models / "spans")
    text = "云溪市增长7.3%。"
    [found] = spans.read(QUESTION, [window(text, "")])
    read = tokenizer(QUESTION, text, return_tensors="pt", return_offsets_mapping=True)
    offsets = read.pop("offset_mapping")[0].tolist()
    with torch.inference_mode():
        said = model.eval()(**read)
    begin, end = said.start_logits[0].numpy(), said.end_logits[0].numpy()
    rows = [row for row, sequence in enumerate(read.sequence_ids(0)) if sequence == 1]
    score, first, last = max((begin[i] + end[j], i, j) for i in rows for j in rows if i <= j)
    assert (found.start, found.end) == (offsets[first][0], offsets[last][1])
    assert found.relevance == pytest.approx(score - begin[0] - end[0], abs=1e-4)


def test_a_reranker_gives_relevance_and_leaves_the_spans(ranks, tiny_models):
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    windows = [window(text[:LONGEST]) for text in TEXTS]
    plain, ranked = load_reader().read(QUESTION, windows), ranks.read(QUESTION, windows)
    assert [(each.start, each.end, each.widest) for each in plain] == [(each.start, each.end, each.widest) for each in ranked]
    model = CrossEncoder(str(tiny_models / "ranks"), device="cpu", activation_fn=Identity())
    scores = model.predict([(QUESTION, f"{each.context}\n{each.text}") for each in windows], show_progress_bar=False)
    assert [each.relevance for each in ranked] == pytest.approx(scores.tolist(), abs=1e-4)


def test_the_name_tells_which_models_read(tiny_models):
    spans, ranks = str(tiny_models / "spans"), str(tiny_models / "ranks")
    assert load_reader(spans).name == spans
    assert load_reader("", ranks).name == f"shipped+{ranks}"
    assert load_reader(spans, ranks).name == f"{spans}+{ranks}"


def test_threads_may_read_at_the_same_time(tiny_models):
    reader = load_reader(str(tiny_models / "spans"), str(tiny_models / "ranks"))
    windows = [[window(text[:size]) for text in TEXTS] for size in range(1, 9)]
    with ThreadPoolExecutor(4) as pool:
        side_by_side = list(pool.map(lambda each: reader.read(QUESTION, each), windows))
    assert side_by_side == [reader.read(QUESTION, each) for each in windows]


@pytest.mark.parametrize(("reader", "reranker", "variable", "code", "chinese", "english"), [
    ("nowhere", "", "QA_READER_MODEL", "missing", "也无法下载", "neither on this machine"),
    ("ranks", "", "QA_READER_MODEL", "unsuitable", "不是抽取式问答模型", "no model for extractive question answering"),
    ("", "nowhere", "QA_RERANKER_MODEL", "missing", "也无法下载", "neither on this machine"),
    ("", "spans", "QA_RERANKER_MODEL", "unsuitable", "不是 CrossEncoder", "no CrossEncoder"),
    ("", "classes", "QA_RERANKER_MODEL", "unsuitable", "给出 2 类", "2 labels"),
])
def test_a_model_that_cannot_be_used_is_refused_at_the_start(tiny_models, reader, reranker, variable, code, chinese, english):
    with pytest.raises(ServiceError) as caught:
        load_reader(reader and str(tiny_models / reader), reranker and str(tiny_models / reranker))
    assert caught.value.code == f"reader_model_{code}"
    assert all(each in caught.value.message for each in (variable, chinese, english))


@pytest.mark.parametrize("kind", ["spans", "ranks"])
def test_missing_weights_are_said_with_the_first_question(tiny_models, tmp_path, kind):
    folder = shutil.copytree(tiny_models / kind, tmp_path / "model")
    (folder / "model.safetensors").unlink()
    reader = load_reader(**{{"spans": "reader_model", "ranks": "reranker_model"}[kind]: str(folder)})
    for _ in range(2):
        with pytest.raises(ServiceError, match="incomplete"):
            reader.read(QUESTION, [window(TEXTS[0])])


def test_a_service_answers_with_them(tiny_reports, tiny_models, encoder, tmp_path):
    settings = Settings(home=tmp_path / "data", threshold=0, reader_model=str(tiny_models / "spans"),
                        reranker_model=str(tiny_models / "ranks"))
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    service = AnswerService.open(settings, encoder)
    answer = service.ask(QUESTION)
    [citation] = answer.citations
    assert service.document(citation.document_id).text[citation.start:citation.end] == citation.quote == answer.text
