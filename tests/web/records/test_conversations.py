"""Conversations are kept whole, belong to whoever began them, and are forgotten in time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from qa.errors import NotFound, QuestionError
from web.records import conversations as records
from web.records.conversations import LONGEST_TITLE, Conversations

QUESTIONS = ("2021年云溪市生产总值是多少？", "那社会消费品零售总额呢？", "班列何时发车？")


@pytest.fixture
def kept(engine):
    return Conversations(engine)


@pytest.fixture(scope="session")
def given_answers(service):
    return [service.ask(question, history=QUESTIONS[:i]) for i, question in enumerate(QUESTIONS)]


def rows(engine, table):
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_turns_are_kept_whole_and_in_order(kept, given_answers):
    key = kept.add(given_answers[0], "甲")
    assert [kept.add(answer, "甲", key) for answer in given_answers[1:]] == [key, key]
    conversation = kept.find(key)
    assert (conversation.title, conversation.turns, conversation.owner) == (QUESTIONS[0], 3, "甲")
    turns = kept.turns(key)
    assert [turn.answer for turn in turns] == given_answers
    assert conversation.at == turns[-1].at
    assert kept.turns(key, 2) == turns[1:]
    assert kept.turns(key, 2, before=turns[1].number) == turns[:1]
    assert list(kept.questions(key, 2)) == list(QUESTIONS[1:])
    assert list(kept.questions("nothing", 2)) == []


def test_a_key_cannot_be_guessed(kept, given_answers):
    keys = {kept.add(given_answers[0], "甲") for _ in range(20)}
    assert len(keys) == 20
    assert all(len(key) == 22 for key in keys)


def test_whoever_asks_in_the_conversation_of_someone_else_goes_on_in_a_copy(kept, given_answers):
    first, second, third = given_answers
    shared = kept.add(first, "甲")
    kept.rename(shared, "甲", "经济")
    for stranger in ("乙", None):
        copy = kept.add(second, stranger, shared)
        assert copy != shared
        assert [turn.answer for turn in kept.turns(copy)] == [first, second]
        assert (kept.find(copy).title, kept.find(copy).owner) == ("经济", stranger)
    assert kept.add(third, None, copy) == copy
    assert [turn.answer for turn in kept.turns(shared)] == [first]


def test_a_conversation_that_is_gone_begins_anew(kept, given_answers):
    key = kept.add(given_answers[0], "甲")
    kept.remove(key, "甲")
    other = kept.add(given_answers[1], "甲", key)
    assert other != key
    assert kept.find(other).turns == 1


def test_only_the_owner_changes_it(kept, given_answers):
    key, nobodys = kept.add(given_answers[0], "甲"), kept.add(given_answers[0], None)
    kept.rename(key, "甲", "  云溪\n经济  ")
    assert kept.find(key).title == "云溪 经济"
    for target, visitor in ((key, "乙"), (key, None), (nobodys, "甲"), (nobodys, None), ("nothing", "甲")):
        with pytest.raises(NotFound, match="不属于这个浏览器"):
            kept.rename(target, visitor, "别的")
        with pytest.raises(NotFound):
            kept.remove(target, visitor)
    assert kept.find(key).title == "云溪 经济"
    for blank in ("", " \n", "\u200b"):
        with pytest.raises(QuestionError, match="标题不能为空"):
            kept.rename(key, "甲", blank)


@given(st.text(min_size=1))
@example("0\r\x1b\r0")
def test_a_title_is_one_short_line_that_can_be_seen(text):
    title = records._title(text)
    assert len(title) <= LONGEST_TITLE
    assert title.isprintable()
    assert records._title(title).strip() == title.strip()


def test_deleting_deletes_the_turns(kept, engine, given_answers):
    key = kept.add(given_answers[0], "甲")
    kept.add(given_answers[1], "甲", key)
    kept.remove(key, "甲")
    assert rows(engine, records._turns) == 0
    with pytest.raises(NotFound, match="没有这个对话"):
        kept.find(key)


def test_the_list_holds_ones_own_latest_first(kept, given_answers):
    old, new = kept.add(given_answers[0], "甲"), kept.add(given_answers[1], "甲")
    kept.add(given_answers[0], "乙")
    kept.add(given_answers[0], None)
    kept.add(given_answers[2], "甲", old)
    page, total = kept.of("甲", 0, 50)
    assert ([each.key for each in page], total) == ([old, new], 2)
    assert [each.key for each in kept.of("甲", 1, 50)[0]] == [new]
    assert kept.of("丙", 0, 50) == ([], 0)


def test_what_is_too_old_is_forgotten_with_its_turns(kept, engine, given_answers):
    old, new = kept.add(given_answers[0], "甲"), kept.add(given_answers[0], "甲")
    with engine.begin() as connection:
        connection.execute(update(records._conversations).where(records._conversations.c.key == old)
                           .values(at=datetime.now(UTC) - timedelta(days=31)))
    assert kept.forget(30) == 1
    assert [each.key for each in kept.of("甲", 0, 50)[0]] == [new]
    assert rows(engine, records._turns) == 1
