"""Test questions are kept as they came, by their names."""

import pytest

from qa.errors import NotFound
from web.records.testset import Cases

QUESTION = {"question": "班列何时发车？", "answers": ["2023年5月8日"], "docs": ["trade.md"]}


@pytest.fixture
def cases(engine) -> Cases:
    return Cases(engine)


def contents(cases):
    return [case.content for case in cases.page()[0]]


def test_a_question_keeps_its_name_when_it_changes(cases):
    cases.add(QUESTION)
    [case], total = cases.page()
    assert total == 1
    assert case.content == {"id": case.content["id"]} | QUESTION
    cases.change(case.id, {"question": "班列何时首发？", "answers": [], "id": "another"})
    assert cases.find(case.id).content == {"question": "班列何时首发？", "answers": [], "id": case.content["id"]}
    cases.remove(case.id)
    for act in (cases.find, cases.remove, lambda number: cases.change(number, QUESTION)):
        with pytest.raises(NotFound):
            act(case.id)


def test_what_is_taken_in_takes_the_place_of_what_bears_its_name(cases, shipped_questions):
    cases.take_in(shipped_questions)
    assert contents(cases) == shipped_questions
    changed = shipped_questions[3] | {"answers": []}
    cases.take_in([changed, {"id": "new"} | QUESTION])
    assert contents(cases) == [*shipped_questions[:3], changed, *shipped_questions[4:], {"id": "new"} | QUESTION]


def test_questions_come_in_pages(cases):
    cases.take_in([{"id": str(number)} | QUESTION for number in range(5)])
    page, total = cases.page(3, 10)
    assert ([case.content["id"] for case in page], total) == (["3", "4"], 5)
