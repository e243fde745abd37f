"""The test questions, each with the answers that are expected of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import JSON, Column, Engine, Integer, Row, String, Table, delete, func, insert, select, update

from qa.errors import NotFound
from web.records.database import schema, upsert

LONGEST_NAME = 64

_table = Table(
    "test_questions", schema, Column("id", Integer, primary_key=True), Column("name", String(LONGEST_NAME), unique=True, nullable=False),
    Column("content", JSON, nullable=False))


@dataclass(frozen=True, slots=True)
class Case:
    """A test question.

    :ivar content: the question as :mod:`qa.evaluation` takes it; ``content["id"]`` is its name, which stays when it is edited.
    """

    id: int
    content: dict


class Cases:
    """All test questions, in the order in which they came in."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, offset: int = 0, limit: int | None = None) -> tuple[list[Case], int]:
        """A page of them, and how many there are in all."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_table).order_by(_table.c.id).offset(offset).limit(limit)).all()
            total = connection.execute(select(func.count()).select_from(_table)).scalar_one()
        return [_case(row) for row in rows], total

    def find(self, case_id: int) -> Case:
        """:raises NotFound: there is none of that number."""
        with self._engine.connect() as connection:
            row = connection.execute(select(_table).where(_table.c.id == case_id)).first()
        if row is None:
            raise NotFound("test_not_found", "没有这道测试题，可能已被删除。 There is no such test question; it may have been removed.")
        return _case(row)

    def add(self, content: dict) -> None:
        """Add a question, under a name of its own."""
        name = uuid.uuid4().hex[:12]
        with self._engine.begin() as connection:
            connection.execute(insert(_table).values(name=name, content={"id": name} | content))

    def change(self, case_id: int, content: dict) -> None:
        """Put a question in another's place; it keeps its name.

        :raises NotFound: as :meth:`find`.
        """
        name = self.find(case_id).content["id"]
        with self._engine.begin() as connection:
            connection.execute(update(_table).where(_table.c.id == case_id).values(content=content | {"id": name}))

    def remove(self, case_id: int) -> None:
        """:raises NotFound: as :meth:`find`."""
        self.find(case_id)
        with self._engine.begin() as connection:
            connection.execute(delete(_table).where(_table.c.id == case_id))

    def take_in(self, contents: Sequence[dict]) -> None:
        """Add questions that have names (``id``), each in the place of the one that bears its name."""
        with self._engine.begin() as connection:
            for content in contents:
                connection.execute(upsert(_table).values(name=content["id"], content=content)
                                   .on_conflict_do_update(index_elements=["name"], set_={"content": content}))


def _case(row: Row) -> Case:
    return Case(row.id, row.content)
