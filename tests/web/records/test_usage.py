"""Figures over the questions that were asked."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import update

from web.records.questions import Questions, asked
from web.records.usage import Usage

BEIJING = timezone(timedelta(hours=8))
MIDNIGHT = datetime(2026, 3, 1, 16, tzinfo=UTC)  # the beginning of 2 March in Beijing


@pytest.fixture
def ask(engine, service):
    """Keeps a question as asked at a moment; the id of its answer."""
    def keep(question: str, at: datetime, milliseconds: float = 10.0, answered: bool = True) -> str:
        answer = service.ask(question)
        Questions(engine).add(answer, "page")
        with engine.begin() as connection:
            connection.execute(update(asked).where(asked.c.id == answer.id).values(at=at, milliseconds=milliseconds, answered=answered))
        return answer.id

    return keep


def test_days_are_those_of_the_time_zone(engine, ask):
    for minutes, milliseconds in ((-1, 20), (1, 30), (2, 10), (3, 500)):
        answer_id = ask("班列何时发车？", MIDNIGHT + timedelta(minutes=minutes), milliseconds, answered=minutes != 2)
        Questions(engine).judge(answer_id, 1 if minutes > 1 else -1)
    first, second, third = Usage(engine).days(date(2026, 3, 1), date(2026, 3, 3), BEIJING)
    assert (first.day, first.questions, first.answered, first.up, first.down, first.median) == (date(2026, 3, 1), 1, 1, 0, 1, 20)
    assert (second.questions, second.answered, second.up, second.down, second.median, second.slow) == (3, 2, 2, 1, 30, 500)
    assert (third.questions, third.median) == (0, None)


def test_questions_without_an_answer_are_counted_in_the_words_they_were_understood_in(engine, ask):
    for number, question in enumerate(["地铁何时开工？", "公租房怎么申请？", "地铁何时开工？", "有答案的？"]):
        ask(question, MIDNIGHT + timedelta(minutes=number), answered=question == "有答案的？")
    found = Usage(engine).unanswered(MIDNIGHT, 10)
    assert [(each.question, each.times) for each in found] == [("地铁何时开工？", 2), ("公租房怎么申请？", 1)]
    assert Usage(engine).unanswered(MIDNIGHT + timedelta(hours=1), 10) == []


def test_what_was_judged_comes_latest_first(engine, ask):
    ids = [ask("班列何时发车？", MIDNIGHT) for _ in range(3)]
    for answer_id in ids[:2]:
        Questions(engine).judge(answer_id, -1, "不对")
    assert [each.id for each in Usage(engine).judged(MIDNIGHT, 5)] == ids[1::-1]
