"""How the reader's weights are made."""

import json
import sys

import numpy as np
import pytest

from qa import fitting
from qa.evidence import choices
from qa.features import NAMES
from qa.fitting import fit_choice, fit_logistic, fit_windows, labels, look, near_misses, window_labels
from qa.reader import signals
from qa.service import AnswerService
from qa.settings import Settings
from qa.weights import CHOICE, SIGNALS, VERDICT, load_weights

QUESTIONS = [
    {"question": "2021年云溪市生产总值是多少？", "answers": ["1286.4亿元"], "docs": ["growth.md"]},
    {"question": "云溪市一般公共预算收入是多少？", "answers": ["96.5亿元"], "docs": ["growth.md"]},
    {"question": "首次认定为高新技术企业奖励多少万元？", "answers": ["20万元"], "docs": ["firms.md"]},
    {"question": "平川县建成哪些出口基地？", "answers": ["陶瓷、茶叶、木器"], "docs": ["trade.md"]},
    {"question": "平川县博士每月补贴多少元？", "answers": ["1500元"], "docs": ["talent.txt"]},
    {"question": "首列班列什么时候发车？", "answers": ["2023年5月8日"], "docs": ["trade.md"]},
    {"question": "云溪市机场年旅客吞吐量是多少？", "answers": []}, {"question": "平川县有几座大桥？", "answers": []}]
UNRELATED = [
    {"question": "鲸鱼怎样呼吸？", "answers": ["用肺"], "split": "train"}, {"question": "小提琴有几根弦？", "answers": ["四根"]},
    {"question": "留作检验的问题？", "answers": ["不看"], "split": "dev"}]


@pytest.fixture(scope="module")
def seen(service):
    """The evidence of each question and which of it is right."""
    evidence = [service.evidence(question["question"])[1] for question in QUESTIONS]
    return [(found, labels(question, found)) for question, found in zip(QUESTIONS, evidence)]


def test_labels_mark_the_sentences_that_answer(seen):
    for question, (evidence, right) in zip(QUESTIONS, seen):
        assert right.shape == (len(evidence.candidates),)
        texts = [candidate.text for candidate, is_right in zip(evidence.candidates, right) if is_right]
        assert bool(texts) == bool(question["answers"])
        assert all(question["answers"][0] in text for text in texts)


def test_a_right_sentence_of_another_file_is_wrong(service):
    _, evidence = service.evidence(QUESTIONS[0]["question"])
    assert not labels(QUESTIONS[0] | {"docs": ["trade.md"]}, evidence).any()


def test_part_of_a_long_answer_is_right(service):
    answer = "平川县人力资源和社会保障局负责受理申请。博士每月补贴1500元，硕士每月补贴800元，补贴期限为三年。"
    _, evidence = service.evidence("平川县人才住房补贴怎么发？")
    right = labels({"question": "", "answers": [answer], "docs": ["talent.txt"]}, evidence)
    assert right.sum() == 2


def test_fitted_weights_choose_the_right_sentences_and_repeat(seen):
    offered = [(evidence.matrix, right) for evidence, right in seen]
    weights = fit_choice(offered)
    assert weights.shape == (len(NAMES),)
    assert np.isfinite(weights).all()
    for matrix, right in offered:
        if right.any():
            assert right[np.argmax(matrix @ weights)]
    np.testing.assert_array_equal(fit_choice(offered), weights)


def test_a_feature_that_never_varies_weighs_nothing(seen):
    weights = fit_choice([(evidence.matrix, right) for evidence, right in seen])
    matrix = np.concatenate([evidence.matrix for evidence, right in seen if right.any()])
    assert np.abs(weights[np.ptp(matrix, axis=0) == 0]).max(initial=0.0) < 1e-9


def test_fitted_confidence_tells_answerable_questions_and_repeats(seen):
    matrix = np.array([signals(evidence) for evidence, _ in seen])
    answerable = np.array([bool(question["answers"]) for question in QUESTIONS])
    weights = fit_logistic(matrix, answerable)
    assert weights.shape == (len(SIGNALS) + 1,)
    assert np.isfinite(weights).all()
    sure = matrix @ weights
    assert sure[answerable].min() > sure[~answerable].max()
    np.testing.assert_array_equal(fit_logistic(matrix, answerable), weights)


def test_fitted_windows_hold_the_answers(service):
    cases = [*look(service, QUESTIONS), *filter(None, near_misses(service, QUESTIONS))]
    fitted = fit_windows(cases, load_weights())
    assert fitted.window.shape == (len(CHOICE),)
    assert fitted.verdict.shape == (len(VERDICT) + 1,)
    for question in QUESTIONS:
        query, evidence = service.evidence(question["question"])
        right = window_labels(question, evidence)
        assert right.any() == bool(question["answers"])
        if right.any():
            assert right[np.argmax(choices(query, evidence) @ fitted.window)]


def test_leaving_out_the_documents_that_answer_leaves_others(service):
    for question, miss in zip(QUESTIONS[:6], near_misses(service, QUESTIONS[:6])):
        assert miss.evidence.candidates
        assert question["docs"][0] not in {candidate.entry.source for candidate in miss.evidence.candidates}


def test_there_is_no_near_miss_where_no_document_is_left_or_another_answers_too(service):
    everywhere = {"question": "生产总值是多少？", "answers": ["甲"], "docs": ["growth.md", "firms.md", "trade.md", "talent.txt"]}
    elsewhere = QUESTIONS[0] | {"docs": ["trade.md"]}
    assert near_misses(service, [QUESTIONS[-1], everywhere, elsewhere]) == [None, None, None]


def test_few_questions_move_weights_little_from_the_prior():
    chance, prior = np.random.default_rng(1), np.array([3.0, -2.0, 0.5])
    moved = []
    for count in (8, 800):
        matrix = np.column_stack([chance.normal(size=(count, 2)), np.ones(count)])
        moved.append(np.abs(fit_logistic(matrix, matrix[:, 0] < 0, prior) - prior)[0])  # the opposite of the prior's opinion
    assert moved[0] < moved[1] / 2
    same = [(matrix[:6, :2], np.ones(6, bool))]
    np.testing.assert_array_equal(fit_choice(same, prior[:2]), prior[:2])
    np.testing.assert_array_equal(fit_choice(same), np.zeros(2))


def test_the_command_writes_weights_that_load(tiny_reports, tmp_path, monkeypatch, encoder):
    AnswerService.index(Settings(home=tmp_path / "data"), [tiny_reports], encoder=encoder)
    paths = [tmp_path / name for name in ("questions.jsonl", "unrelated.jsonl", "unseen.jsonl")]
    for path, rows in zip(paths, (QUESTIONS, UNRELATED, QUESTIONS)):
        path.write_text("\n".join(json.dumps({"id": str(n), **row}) for n, row in enumerate(rows)), encoding="utf-8")
    out = tmp_path / "reader.json"
    monkeypatch.setenv("QA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "argv", ["qa.fitting", *map(str, paths), "--out", str(out)])
    monkeypatch.setattr(fitting, "load_encoder", lambda name: encoder)
    fitting.main()
    model = load_weights.__wrapped__(out)
    assert all(np.isfinite(getattr(model, part)).all() for part in ("sentence", "window", "related", "answered", "verdict"))
