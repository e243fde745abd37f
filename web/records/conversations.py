"""Conversations: the questions that someone asked one after the other, each with the whole answer as it was given."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from qa.answer import Answer
from qa.errors import NotFound, QuestionError
from web.records.database import Moment, now, schema

LONGEST_TITLE = 100  # characters

_conversations = Table(
    "conversations", schema, Column("key", String(32), primary_key=True), Column("owner", String(32)),
    Column("title", Text, nullable=False), Column("at", Moment, nullable=False))
Index("conversations_owner", _conversations.c.owner, _conversations.c.at)
Index("conversations_at", _conversations.c.at)
_turns = Table(
    "turns", schema, Column("number", Integer, primary_key=True),
    Column("conversation", ForeignKey("conversations.key", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False), Column("answer", JSON, nullable=False))
Index("turns_conversation", _turns.c.conversation, _turns.c.number)


@dataclass(frozen=True, slots=True)
class Conversation:
    """:ivar key: what its address ends in, not to be guessed.
    :ivar owner: whom it belongs to, or None where that is nobody.
    :ivar title: the first question, until it is renamed.
    :ivar at: when the last question was asked.
    :ivar turns: how many questions it holds.
    """

    key: str
    owner: str | None
    title: str
    at: datetime
    turns: int

    def belongs_to(self, owner: str | None) -> bool:
        """Whether this visitor may rename and delete it; nobody may where it has no owner."""
        return owner is not None and owner == self.owner


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its answer.

    :ivar number: counts up from turn to turn.
    """

    number: int
    at: datetime
    answer: Answer


class Conversations:
    """All conversations that are still kept. Whoever knows a key may read; only the owner may change."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, answer: Answer, owner: str | None, key: str | None = None) -> str:
        """Keep an answer as the next turn of a conversation.

        :param owner: whoever asked, or None where that is not known.
        :param key: of the conversation. A new one begins where there is none, and a copy where it is someone else's.
        :returns: the key of the conversation that holds the turn.
        """
        with self._engine.begin() as connection:
            row = connection.execute(select(_conversations).where(_conversations.c.key == key)).first()
            if row is None:
                key = _begin(connection, owner, _title(answer.question))
            elif row.owner not in (None, owner):
                key = _begin(connection, owner, row.title)
                earlier = select(literal(key), _turns.c.at, _turns.c.answer).where(_turns.c.conversation == row.key)
                connection.execute(insert(_turns).from_select(["conversation", "at", "answer"], earlier.order_by(_turns.c.number)))
            at = now()
            connection.execute(insert(_turns).values(conversation=key, at=at, answer=answer.to_dict()))
            connection.execute(update(_conversations).where(_conversations.c.key == key).values(at=at))
        return key

    def find(self, key: str) -> Conversation:
        """:raises NotFound: there is no such conversation, or it is no longer kept."""
        with self._engine.connect() as connection:
            row = connection.execute(_counted().where(_conversations.c.key == key)).first()
        if row is None:
            raise _no_conversation()
        return Conversation(**row._asdict())

    def of(self, owner: str, offset: int, limit: int) -> tuple[list[Conversation], int]:
        """A page of someone's conversations, the latest first, and how many there are in all."""
        mine = _conversations.c.owner == owner
        page = _counted().where(mine).order_by(_conversations.c.at.desc(), _conversations.c.key).offset(offset).limit(limit)
        with self._engine.connect() as connection:
            total = connection.execute(select(func.count()).select_from(_conversations).where(mine)).scalar_one()
            return [Conversation(**row._asdict()) for row in connection.execute(page)], total

    def turns(self, key: str, limit: int | None = None, before: int | None = None) -> list[Turn]:
        """The last turns of a conversation, oldest first.

        :param limit: how many, all for None.
        :param before: only turns with numbers below it.
        """
        wanted = select(_turns.c.number, _turns.c.at, _turns.c.answer).where(_turns.c.conversation == key)
        if before is not None:
            wanted = wanted.where(_turns.c.number < before)
        with self._engine.connect() as connection:
            rows = connection.execute(wanted.order_by(_turns.c.number.desc()).limit(limit)).all()
        return [Turn(row.number, row.at, Answer.from_dict(row.answer)) for row in reversed(rows)]

    def questions(self, key: str, limit: int) -> Sequence[str]:
        """The last questions of a conversation, oldest first; none where there is no such conversation."""
        wanted = select(_turns.c.answer["question"].as_string()).where(_turns.c.conversation == key)
        with self._engine.connect() as connection:
            return connection.execute(wanted.order_by(_turns.c.number.desc()).limit(limit)).scalars().all()[::-1]

    def rename(self, key: str, owner: str | None, title: str) -> None:
        """Give it another title.

        :raises QuestionError: the title is empty.
        :raises NotFound: there is no such conversation, or it is not theirs.
        """
        if not (title := _title(title)):
            raise QuestionError("title_empty", "标题不能为空，请写一个。 The title is empty: please write one.")
        with self._engine.begin() as connection:
            _found(connection.execute(update(_conversations).where(_theirs(key, owner)).values(title=title)).rowcount)

    def remove(self, key: str, owner: str | None) -> None:
        """Delete it with all its turns.

        :raises NotFound: there is no such conversation, or it is not theirs.
        """
        with self._engine.begin() as connection:
            _found(connection.execute(delete(_conversations).where(_theirs(key, owner))).rowcount)

    def forget(self, days: int) -> int:
        """Delete those in which nothing was asked for so many days; how many that was."""
        with self._engine.begin() as connection:
            return connection.execute(delete(_conversations).where(_conversations.c.at < now() - timedelta(days=days))).rowcount


def _begin(connection: Connection, owner: str | None, title: str) -> str:
    key = secrets.token_urlsafe(16)
    connection.execute(insert(_conversations).values(key=key, owner=owner, title=title, at=now()))
    return key


def _counted() -> Select:
    turns = select(func.count()).where(_turns.c.conversation == _conversations.c.key).scalar_subquery()
    return select(_conversations, turns.label("turns"))


def _theirs(key: str, owner: str | None):
    """Holds for the conversation of that key, if it is this owner's. A comparison with None never holds."""
    return (_conversations.c.key == key) & _conversations.c.owner.is_not(None) & (_conversations.c.owner == owner)


def _title(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_TITLE]


def _found(changed: int) -> None:
    if not changed:
        raise _no_conversation()


def _no_conversation() -> NotFound:
    return NotFound("conversation_not_found", "没有这个对话：它已删除、已过保存期，或不属于这个浏览器。"
                    " There is no such conversation: it was deleted, is no longer kept, or is not this browser's.")
