"""Whom the bots have talked to: which calls came in already, and a short memory of each conversation."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import JSON, Column, Engine, Index, String, Table, Text, cast, delete, select, update

from web.records.database import Moment, now, schema, upsert

SEEN = timedelta(days=1)  # how long the ids of calls are kept
MEMORY = timedelta(minutes=30)  # after which a conversation begins anew
KNOWN = timedelta(days=90)  # after which someone is a stranger again

_calls = Table(
    "bot_calls", schema, Column("platform", String(32), primary_key=True), Column("id", String(64), primary_key=True),
    Column("at", Moment, nullable=False))
Index("bot_calls_at", _calls.c.at)
_contacts = Table(
    "bot_contacts", schema, Column("key", String(64), primary_key=True), Column("at", Moment, nullable=False),
    Column("questions", JSON, nullable=False), Column("options", JSON, nullable=False))
Index("bot_contacts_at", _contacts.c.at)


@dataclass(frozen=True, slots=True)
class Memory:
    """:ivar known: whether the bot has talked to them before.
    :ivar questions: asked in this conversation, oldest first.
    :ivar options: questions that were offered last, to be picked by number.
    """

    known: bool = False
    questions: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


class Contacts:
    """All contacts. Ids of people and groups are kept as hashes, so that nobody is named."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def first_time(self, platform: str, call_id: str) -> bool:
        """Whether a call of this id comes in for the first time; of several at once it is the first for one."""
        with self._engine.begin() as connection:
            connection.execute(delete(_calls).where(_calls.c.at < now() - SEEN))
            made = upsert(_calls).values(platform=platform, id=_hash(call_id), at=now()).on_conflict_do_nothing().returning(_calls.c.id)
            return connection.execute(made).first() is not None

    def recall(self, platform: str, group: str, person: str) -> Memory:
        """What is remembered of the conversation with a person, in a group or (``""``) between two."""
        with self._engine.connect() as connection:
            row = connection.execute(select(_contacts).where(_contacts.c.key == _hash(platform, group, person))).first()
        if row is None or row.at < now() - KNOWN:
            return Memory()
        if row.at < now() - MEMORY:
            return Memory(known=True)
        return Memory(True, tuple(row.questions), tuple(row.options))

    def remember(self, platform: str, group: str, person: str, questions: tuple[str, ...], options: tuple[str, ...]) -> None:
        """Keep this in the place of what was remembered, and forget what is too old of anyone."""
        key, said = _hash(platform, group, person), {"at": now(), "questions": list(questions), "options": list(options)}
        with self._engine.begin() as connection:
            connection.execute(upsert(_contacts).values(key=key, **said).on_conflict_do_update(index_elements=["key"], set_=said))
            connection.execute(delete(_contacts).where(_contacts.c.at < now() - KNOWN))
            connection.execute(update(_contacts).where(
                _contacts.c.at < now() - MEMORY, cast(_contacts.c.questions, Text) + cast(_contacts.c.options, Text) != "[][]").values(questions=[], options=[]))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
