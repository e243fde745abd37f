"""What the bots remember of whom they talked to, and for how long."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from web.records import contacts as module
from web.records.contacts import KNOWN, MEMORY, SEEN, Contacts, Memory
from web.records.database import now


@pytest.fixture
def contacts(engine):
    return Contacts(engine)


@pytest.fixture
def later(monkeypatch):
    """Sets the clock of the contacts ahead."""
    return lambda by: monkeypatch.setattr(module, "now", lambda: now() + by)


def test_an_id_is_new_once_for_each_platform(contacts):
    assert [contacts.first_time("one", "1"), contacts.first_time("one", "1"), contacts.first_time("two", "1")] == [True, False, True]


def test_of_many_at_once_one_is_the_first(contacts):
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: contacts.first_time("one", "1"), range(64))) == 1


def test_ids_are_forgotten_after_a_while(contacts, later):
    contacts.first_time("one", "1")
    later(SEEN + timedelta(seconds=1))
    assert contacts.first_time("one", "1")


def test_a_conversation_is_of_one_person_in_one_group(contacts):
    contacts.remember("one", "g", "p", ("甲？",), ("乙？",))
    assert contacts.recall("one", "g", "p") == Memory(True, ("甲？",), ("乙？",))
    for other in (("one", "", "p"), ("one", "g", "q"), ("two", "g", "p"), ("one", "gp", "")):
        assert contacts.recall(*other) == Memory()


def test_a_conversation_ends_and_much_later_the_acquaintance(contacts, later):
    contacts.remember("one", "", "p", ("甲？",), ("乙？",))
    later(MEMORY + timedelta(seconds=1))
    assert contacts.recall("one", "", "p") == Memory(known=True)
    later(KNOWN + timedelta(seconds=1))
    assert contacts.recall("one", "", "p") == Memory()


def test_what_has_ended_is_deleted_when_anyone_speaks(contacts, later, engine):
    contacts.remember("one", "", "p", ("甲？",), ("乙？",))
    later(MEMORY + timedelta(seconds=1))
    contacts.remember("one", "", "q", (), ())
    with engine.connect() as connection:
        assert "甲" not in str(connection.execute(text("SELECT * FROM bot_contacts")).all())
    assert contacts.recall("one", "", "p") == Memory(known=True)


def test_nobody_is_named(contacts, engine):
    contacts.first_time("one", "someone's message")
    contacts.remember("one", "a group", "someone", (), ())
    with engine.connect() as connection:
        kept = str([connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("bot_calls", "bot_contacts")])
    assert "someone" not in kept
    assert "a group" not in kept
