"""The questions about the reports that ship are sound: what they call an answer stands there, and nothing else does."""

import re
from collections import Counter

import pytest

from corpus.passages import sentences
from qa.evaluation import normalize

TYPES = {"number": 40, "date": 8, "entity": 12, "list": 12, "policy": 8, "condition": 5, "definition": 5, "why_how": 6,
         "comparison": 12, "followup": 8, "unanswerable": 28}  # at least so many of each
PHRASINGS = {"close": 40, "paraphrase": 40, "colloquial": 40, "typo": 8, "english": 8}
LONGEST = 60  # characters of a reply


@pytest.fixture(scope="module")
def texts(shipped) -> dict[str, str]:
    """The clean text of each report by its file name."""
    return {document.source: document.text for document in shipped.documents(limit=1000)[0]}


def test_ids_and_questions_are_unique(shipped_questions):
    assert len({q["id"] for q in shipped_questions}) == len(shipped_questions)
    assert len({(q["question"], *q.get("history", ())) for q in shipped_questions}) == len(shipped_questions)


@pytest.mark.parametrize(("field", "wanted"), [("type", TYPES), ("phrasing", PHRASINGS)])
def test_every_kind_is_there_in_number(shipped_questions, field, wanted):
    counts = Counter(q[field] for q in shipped_questions)
    assert set(counts) == set(wanted)
    assert {kind: counts[kind] for kind, least in wanted.items() if counts[kind] < least} == {}


def test_every_report_is_asked_about(shipped_questions, texts):
    assert {name for q in shipped_questions for name in q["docs"]} == set(texts)


def test_answers_are_short_and_stand_in_every_report_named(shipped_questions, texts):
    for question in filter(lambda q: q["answers"], shipped_questions):
        named = [texts[name] for name in question["docs"]]
        parts = question.get("all_of", [])
        assert all(len(answer) <= LONGEST for answer in question["answers"]), question["id"]
        assert all(any(each in text for text in named) for each in question["answers"] + parts), question["id"]
        assert all(any(each in text for each in question["answers"]) for text in named), question["id"]


def test_evidence_is_verbatim_and_holds_the_answers(shipped_questions, texts):
    for question in filter(lambda q: q["answers"], shipped_questions):
        named = [texts[name] for name in question["docs"]]
        lines = question["evidence"].split("\n")
        assert all(any(line in text for text in named) for line in lines), question["id"]
        assert all(any(answer in line for answer in question["answers"]) for line in lines), question["id"]
        assert all(part in question["evidence"] for part in question.get("all_of", question["answers"][:1])), question["id"]


def test_a_question_does_not_hold_its_own_answer(shipped_questions):
    told = [q["id"] for q in shipped_questions for answer in q["answers"]
            if normalize(answer) in normalize(q["question"]) and answer not in q.get("all_of", ())]
    assert told == []


def test_no_report_answers_an_unanswerable_question(shipped_questions, texts):
    said = [text[start:end] for text in texts.values() for start, end in sentences(text)]
    for question in shipped_questions:
        assert (question["type"] == "unanswerable") == (not question["answers"]) == ("absent" in question)
        if not question["answers"]:
            assert not question["docs"]
            assert [s for s in said if re.search(question["absent"], s)] == [], question["id"]
