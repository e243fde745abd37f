"""Calibration to a user's own models and documents."""

import json

import pytest

from qa import calibration
from qa.__main__ import main
from qa.calibration import answerable_here, calibrate
from qa.errors import QuestionError
from qa.service import AnswerService
from qa.settings import Settings
from qa.weights import CALIBRATED, load_weights

KNOWN = [
    ("2021年云溪市生产总值是多少？", "1286.4亿元", "growth.md"), ("云溪市一般公共预算收入是多少？", "96.5亿元", "growth.md"),
    ("首次认定为高新技术企业奖励多少万元？", "20万元", "firms.md"), ("平川县建成哪些出口基地？", "陶瓷、茶叶、木器", "trade.md"),
    ("平川县博士每月补贴多少元？", "1500元", "talent.txt"), ("首列班列什么时候发车？", "2023年5月8日", "trade.md")]
QUESTIONS = [{"id": str(n), "question": question, "answers": [answer], "docs": [source]} for n, (question, answer, source) in enumerate(KNOWN)]
QUESTIONS += [{"id": "7", "question": "云溪市机场年旅客吞吐量是多少？", "answers": []}]
ELSEWHERE = {"id": "8", "question": "别处的生产总值是多少？", "answers": ["1亿元"], "docs": ["elsewhere.md"]}


def test_questions_on_other_documents_are_not_used(own):
    assert answerable_here(own, [*QUESTIONS, ELSEWHERE]) == QUESTIONS


def test_too_few_questions_are_refused_and_nothing_is_written(own):
    with pytest.raises(QuestionError, match="20") as caught:
        calibrate(own, QUESTIONS)
    assert caught.value.code == "too_few_questions"
    assert not (own.settings.home / CALIBRATED).exists()


def test_a_calibrated_service_is_surer_of_what_it_answered_right(own, encoder, monkeypatch):
    monkeypatch.setattr(calibration, "FEWEST", len(KNOWN))
    calibrate(own, QUESTIONS)
    fitted = AnswerService.open(own.settings, encoder)
    assert fitted.weights is not load_weights()
    assert (fitted.weights.sentence == load_weights().sentence).all()
    known = [fitted.ask(question["question"]).confidence for question in QUESTIONS[:-1]]
    assert min(known) > fitted.ask(QUESTIONS[-1]["question"]).confidence


def test_documents_without_others_and_questions_that_all_have_answers_are_refused(tmp_path, tiny_reports, encoder, monkeypatch):
    monkeypatch.setattr(calibration, "FEWEST", 2)
    service = _open(tmp_path, tiny_reports / "growth.md", encoder)
    with pytest.raises(QuestionError, match="没有答案的问题") as caught:
        calibrate(service, QUESTIONS[:2])
    assert caught.value.code == "no_unanswerable_questions"
    assert not (service.settings.home / CALIBRATED).exists()


def test_each_question_is_measured_by_weights_fitted_without_it(own, monkeypatch):
    fitted, asked = [], []

    def fit(cases, weights):
        fitted.append({case.question["question"] for case in cases})
        return weights

    def evaluate(service, questions):
        asked.append({question["question"] for question in questions})
        return []

    monkeypatch.setattr(calibration, "FEWEST", len(KNOWN))
    monkeypatch.setattr(calibration, "fit_windows", fit)
    monkeypatch.setattr(calibration, "evaluate", evaluate)
    before, after = calibrate(own, QUESTIONS)
    everything = {question["question"] for question in QUESTIONS}
    assert asked[0] == fitted[-1] == everything == set.union(*asked[1:])
    assert all(known == everything - held_out for known, held_out in zip(fitted, asked[1:], strict=False))
    assert before.refused == after.refused is not None


def test_a_calibration_is_for_the_models_that_it_was_made_with(tmp_path, tiny_reports, tiny_models, encoder, monkeypatch, caplog):
    monkeypatch.setattr(calibration, "FEWEST", len(KNOWN))
    models = {"reader_model": str(tiny_models / "spans"), "reranker_model": str(tiny_models / "ranks")}
    calibrate(_open(tmp_path, tiny_reports, encoder, **models), QUESTIONS)
    caplog.clear()
    with_them = AnswerService.open(Settings(home=tmp_path / "data", **models), encoder)
    assert with_them.weights is not load_weights()
    assert caplog.text == ""
    without = AnswerService.open(Settings(home=tmp_path / "data", reader_model=models["reader_model"]), encoder)
    assert without.weights is load_weights()
    assert "calibrate again" in caplog.text


def test_calibrating_again_gives_the_same(own, encoder, monkeypatch):
    monkeypatch.setattr(calibration, "FEWEST", len(KNOWN))
    calibrate(own, QUESTIONS)
    first = (own.settings.home / CALIBRATED).read_text(encoding="utf-8")
    calibrate(AnswerService.open(own.settings, encoder), QUESTIONS)
    assert (own.settings.home / CALIBRATED).read_text(encoding="utf-8") == first


def test_the_command_shows_what_changed(tiny_reports, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QA_HOME", str(tmp_path / "data"))
    assert main(["index", str(tiny_reports)]) == 0
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(_line, [*QUESTIONS, ELSEWHERE])), encoding="utf-8")
    assert main(["calibrate", str(path)]) == 2
    assert "Skipped 1" in capsys.readouterr().err
    monkeypatch.setattr(calibration, "FEWEST", len(KNOWN))
    assert main(["calibrate", str(path)]) == 0
    out = capsys.readouterr().out
    assert "校准前 before" in out
    assert "校准后 after" in out
    assert "refused without the documents that answer" in out
    assert (tmp_path / "data" / CALIBRATED).is_file()


def _line(question):
    return json.dumps(question, ensure_ascii=False)


def _open(folder, reports, encoder, **models):
    """A service over reports with a home in a folder."""
    settings = Settings(home=folder / "data", **models)
    AnswerService.index(settings, [reports], encoder=encoder)
    return AnswerService.open(settings, encoder)
