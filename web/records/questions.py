"""What was asked, what was answered, and what people thought of the answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
)

from qa.answer import Answer
from qa.errors import NotFound
from web.records.database import Moment, now, schema, upsert

LONGEST_COMMENT = 1000  # characters

asked = Table(
    "questions", schema, Column("id", String(32), primary_key=True), Column("at", Moment, nullable=False),
    Column("surface", String(32), nullable=False), Column("question", Text, nullable=False), Column("understood", Text, nullable=False),
    Column("answered", Boolean, nullable=False), Column("answer", Text), Column("confidence", Float, nullable=False),
    Column("document_ids", JSON, nullable=False), Column("index_version", String(64), nullable=False),
    Column("milliseconds", Float, nullable=False))
Index("questions_at", asked.c.at)
feedback = Table(
    "feedback", schema, Column("question", ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Moment, nullable=False), Column("verdict", Integer, nullable=False), Column("comment", Text, nullable=False))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked.

    :ivar id: of its answer.
    :ivar surface: where it came from, such as ``api`` or ``page``.
    :ivar document_ids: of the documents that were cited.
    :ivar verdict: 1 for thumbs up, -1 for thumbs down, None for no feedback.
    :ivar comment: the words that came with it.
    """

    id: str
    at: datetime
    surface: str
    question: str
    understood: str
    answered: bool
    answer: str | None
    confidence: float
    document_ids: tuple[str, ...]
    index_version: str
    milliseconds: float
    verdict: int | None = None
    comment: str = ""

    @classmethod
    def of(cls, row: Row) -> "Asked":
        """From a row of :func:`answers`."""
        return cls(**row._asdict() | {"document_ids": tuple(row.document_ids), "comment": row.comment or ""})


def answers() -> Select:
    """Selects every question with its feedback."""
    return select(asked, feedback.c.verdict, feedback.c.comment).outerjoin(feedback)


class Questions:
    """All questions that are still kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, answer: Answer, surface: str) -> None:
        """Keep a question and its answer."""
        with self._engine.begin() as connection:
            connection.execute(insert(asked).values(
                id=answer.id, at=now(), surface=surface, question=answer.question, understood=answer.understood,
                answered=answer.answered, answer=answer.text, confidence=answer.confidence,
                document_ids=list(dict.fromkeys(citation.document_id for citation in answer.citations)),
                index_version=answer.index_version, milliseconds=answer.timings_ms["total"]))

    def judge(self, answer_id: str, verdict: int, comment: str = "") -> None:
        """Keep what someone thinks of an answer, in the place of what was said of it before.

        :param verdict: 1 or -1.
        :raises NotFound: no such answer is kept.
        """
        with self._engine.begin() as connection:
            if connection.execute(select(asked.c.id).where(asked.c.id == answer_id)).first() is None:
                raise NotFound("answer_not_found", "没有这个回答，或已过保存期。 There is no such answer, or it is no longer kept.")
            said = {"at": now(), "verdict": verdict, "comment": comment[:LONGEST_COMMENT]}
            connection.execute(upsert(feedback).values(question=answer_id, **said)
                               .on_conflict_do_update(index_elements=["question"], set_=said))

    def said(self, answer_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Verdict and comment on those of the answers that have one."""
        wanted = select(feedback.c.question, feedback.c.verdict, feedback.c.comment).where(feedback.c.question.in_(answer_ids))
        with self._engine.connect() as connection:
            return {row.question: (row.verdict, row.comment) for row in connection.execute(wanted)}

    def since(self, moment: datetime) -> Iterator[Asked]:
        """Questions from then on, oldest first, with their feedback."""
        wanted = answers().where(asked.c.at >= moment).order_by(asked.c.at, asked.c.id)
        with self._engine.connect() as connection:
            yield from map(Asked.of, connection.execute(wanted))

    def forget(self, days: int) -> int:
        """Delete what is older than so many days; how many questions that was."""
        with self._engine.begin() as connection:
            return connection.execute(delete(asked).where(asked.c.at < now() - timedelta(days=days))).rowcount
