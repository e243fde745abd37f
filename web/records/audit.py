"""Who changed what, and when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Column, Engine, Index, Integer, String, Table, func, insert, select

from web.records.database import Moment, now, schema
from web.records.jobs import KINDS

ACTIONS = (
    "login", "login_refused", "account_add", "account_password", "account_role", "account_remove", "key_create", "key_limit", "key_revoke",
    *(f"report_{kind}" for kind in KINDS), "test_added", "test_changed", "test_removed", "test_taken_in", "tests_run")
_table = Table(
    "audit", schema, Column("id", Integer, primary_key=True), Column("at", Moment, nullable=False),
    Column("actor", String(80), nullable=False), Column("action", String(64), nullable=False),
    Column("subject", String(512), nullable=False), Column("detail", JSON, nullable=False))
Index("audit_at", _table.c.at)


@dataclass(frozen=True, slots=True)
class Change:
    """:ivar actor: name of the account; ``command line`` for what was done there.
    :ivar action: one of :data:`ACTIONS`.
    :ivar subject: what was changed: a report's title, an account's name.
    :ivar detail: what else there is to know, values before and after among it.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict


class Audit:
    """The log of changes, which is only ever added to."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, actor: str, action: str, subject: str = "", **detail: object) -> None:
        """Add a change.

        :raises ValueError: there is no such action.
        """
        if action not in ACTIONS:
            raise ValueError(f"{action} is no action of the log")
        with self._engine.begin() as connection:
            connection.execute(insert(_table).values(at=now(), actor=actor, action=action, subject=subject[:512], detail=detail))

    def page(self, offset: int = 0, limit: int = 50) -> tuple[list[Change], int]:
        """A page of changes, newest first, and how many there are in all."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_table).order_by(_table.c.id.desc()).offset(offset).limit(limit)).all()
            total = connection.execute(select(func.count()).select_from(_table)).scalar_one()
        return [Change(row.at, row.actor, row.action, row.subject, row.detail) for row in rows], total

    def actors(self, action: str) -> dict[str, str]:
        """Who did it, by the ``id`` that the detail of the change names."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_table.c.actor, _table.c.detail).where(_table.c.action == action))
            return {row.detail["id"]: row.actor for row in rows}
