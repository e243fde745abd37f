"""What was asked is kept with what people thought of it, and forgotten in time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from qa.errors import NotFound
from web.records.questions import Questions, asked

EVER = datetime(2000, 1, 1, tzinfo=UTC)


def test_a_question_is_kept_with_its_feedback(engine, service):
    questions = Questions(engine)
    answer = service.ask("2021年云溪市生产总值是多少？")
    questions.add(answer, "page")
    kept = next(questions.since(EVER))
    assert (kept.id, kept.question, kept.answered, kept.answer) == (answer.id, answer.question, True, answer.text)
    assert kept.document_ids == (answer.citations[0].document_id,)
    assert kept.verdict is None
    questions.judge(answer.id, -1, "年份不对")
    questions.judge(answer.id, 1, "看错了" * 1000)
    kept = next(questions.since(EVER))
    assert (kept.verdict, kept.comment[:3], len(kept.comment)) == (1, "看错了", 1000)
    with pytest.raises(NotFound):
        questions.judge("f" * 32, 1)


def test_what_is_too_old_is_forgotten_with_its_feedback(engine, service):
    questions = Questions(engine)
    old, new = service.ask("班列何时发车？"), service.ask("班列何时发车？")
    for answer in (old, new):
        questions.add(answer, "api")
        questions.judge(answer.id, 1)
    with engine.begin() as connection:
        connection.execute(update(asked).where(asked.c.id == old.id).values(at=datetime.now(UTC) - timedelta(days=31)))
    assert questions.forget(30) == 1
    assert [kept.id for kept in questions.since(EVER)] == [new.id]
    with pytest.raises(NotFound):
        questions.judge(old.id, 1)
