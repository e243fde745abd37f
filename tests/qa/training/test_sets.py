"""The questions that ship with the code to learn from."""

import json
from pathlib import Path

import pytest

from embeddings.training.text import read_lines
from qa.training import documents
from qa.training.sets import OWN, own_questions

SHARED = Path(__file__).resolve().parents[4] / "shared"


def test_every_question_is_one_and_asked_once():
    questions = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
    assert len(questions) > 1000
    assert len({question["id"] for question in questions}) == len({question["question"] for question in questions}) == len(questions)
    for question in questions:
        assert (question["answers"] == []) == (question["type"] == "unanswerable")
        assert all(0 <= start < end for start, end in question["answers"])
        assert bool(question.get("history")) == (question["type"] == "followup")


def test_answers_are_read_from_the_documents(shared, own, monkeypatch):
    monkeypatch.setattr("qa.training.sets.OWN", own)
    assert [question["answers"] for question in own_questions(shared)] == [["每亩补贴80元"], []]


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
def test_every_answer_stands_in_a_document_that_may_be_learnt_from():
    lengths = {document["id"]: len(document["text"]) for _, document in documents.written(SHARED)}
    for question in read_lines(OWN):
        assert all(end <= lengths[question["context_id"]] for _, end in question["answers"])
    assert len(list(own_questions(SHARED))) == len(list(read_lines(OWN)))
