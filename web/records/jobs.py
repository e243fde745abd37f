"""What is still to be done to the library, what is being done, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

from sqlalchemy import JSON, Column, Engine, Index, Integer, String, Table, Text, delete, func, insert, select, update

from qa.errors import NotFound
from web.records.database import Moment, now, schema

FILE, ADDRESS, CORRECT, REMOVE, RESTORE, PURGE = KINDS = ("file", "address", "correct", "remove", "restore", "purge")
WAITING, RUNNING, DONE, FAILED = STATES = ("waiting", "running", "done", "failed")
OPEN = (WAITING, RUNNING)
TRIES = 3  # how often a job is begun before it is given up
TOGETHER = 50  # files that are indexed together
_GIVEN_UP = ("处理多次中断，已放弃；可能是内存不足，请换小一些的文件或联系管理员。"
             " It was broken off several times and given up: memory may be short; try a smaller file or ask an administrator.")

_table = Table(
    "jobs", schema, Column("id", Integer, primary_key=True), Column("kind", String(16), nullable=False),
    Column("subject", Text, nullable=False), Column("actor", String(80), nullable=False), Column("order", JSON, nullable=False),
    Column("at", Moment, nullable=False), Column("state", String(16), nullable=False), Column("tries", Integer, nullable=False),
    Column("stages", JSON, nullable=False), Column("message", Text, nullable=False), Column("document_ids", JSON, nullable=False),
    Column("ended", Moment), sqlite_autoincrement=True)
Index("jobs_state", _table.c.state)


@dataclass(frozen=True, slots=True)
class Job:
    """A change of the library.

    :ivar kind: one of :data:`KINDS`.
    :ivar subject: what people know it by: a file's name, an address, a report's title.
    :ivar actor: who wants it: an account, or a key of the API.
    :ivar order: what is to be done: ``path`` of a file, ``url``, ``document_id`` of what is changed or replaced, ``values`` of its
        metadata.
    :ivar state: one of :data:`STATES`.
    :ivar tries: how often it was begun.
    :ivar stages: how far it has come: the count at each stage, in order.
    :ivar message: why it failed, or what there is to know of it, in both languages.
    :ivar document_ids: of the documents that it is about.
    """

    id: int
    kind: str
    subject: str
    actor: str
    order: dict
    at: datetime
    state: str = WAITING
    tries: int = 0
    stages: dict[str, int] = field(default_factory=dict)
    message: str = ""
    document_ids: tuple[str, ...] = ()
    ended: datetime | None = None

    @property
    def path(self) -> Path | None:
        """Where its file lies."""
        return Path(self.order["path"]) if "path" in self.order else None

    @property
    def document_id(self) -> str | None:
        """Of the document that it changes or replaces."""
        return self.order.get("document_id")

    @property
    def is_open(self) -> bool:
        """Whether it still has to come to its end."""
        return self.state in OPEN


class Jobs:
    """All jobs that are still kept. They are done in the order in which they came, by one worker at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, kind: str, subject: str, actor: str, **order: object) -> int:
        """Add a job; its id."""
        with self._engine.begin() as connection:
            return connection.execute(insert(_table).values(
                kind=kind, subject=subject, actor=actor, order=order, at=now(), state=WAITING, tries=0, stages={}, message="",
                document_ids=[])).inserted_primary_key[0]

    def take(self) -> list[Job]:
        """Begin the next job, or the next files together. One that was broken off before is begun alone, since it may
        have been its fault."""
        with self._engine.begin() as connection:
            rows = connection.execute(
                select(_table).where(_table.c.state == WAITING).order_by(_table.c.id).limit(TOGETHER)).all()
            chosen = list(takewhile(lambda row: (row.kind, row.tries) == (FILE, 0), rows)) or rows[:1]
            connection.execute(update(_table).where(_table.c.id.in_([row.id for row in chosen]))
                               .values(state=RUNNING, tries=_table.c.tries + 1, stages={}))
        return [_job(row) for row in chosen]

    def amend(self, job: Job, **order: object) -> Job:
        """Add to what is to be done; the job as it is then."""
        amended = replace(job, order=job.order | order)
        with self._engine.begin() as connection:
            connection.execute(update(_table).where(_table.c.id == job.id).values(order=amended.order))
        return amended

    def reach(self, job_id: int, stage: str, count: int) -> None:
        """Note how far a job has come."""
        chosen = _table.c.id == job_id
        with self._engine.begin() as connection:
            stages = connection.execute(select(_table.c.stages).where(chosen)).scalar_one()
            connection.execute(update(_table).where(chosen).values(stages=stages | {stage: count}))

    def finish(self, job_id: int, document_ids: Sequence[str] = (), message: str = "", failed: bool = False) -> None:
        """End a job."""
        with self._engine.begin() as connection:
            connection.execute(update(_table).where(_table.c.id == job_id).values(
                state=FAILED if failed else DONE, document_ids=list(document_ids), message=message, ended=now()))

    def reopen(self) -> None:
        """Have jobs wait again whose worker is no more, or give them up where that happened too often."""
        with self._engine.begin() as connection:
            broken = update(_table).where(_table.c.state == RUNNING)
            connection.execute(broken.where(_table.c.tries >= TRIES).values(state=FAILED, message=_GIVEN_UP, ended=now()))
            connection.execute(broken.values(state=WAITING))

    @property
    def open(self) -> int:
        """How many have not come to their end."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(_table).where(_table.c.state.in_(OPEN))).scalar_one()

    def find(self, job_id: int) -> Job:
        """:raises NotFound: there is none of that id, or it is no longer kept."""
        with self._engine.connect() as connection:
            row = connection.execute(select(_table).where(_table.c.id == job_id)).first()
        if row is None:
            raise NotFound("job_not_found", f"没有编号为 {job_id} 的任务，或已不再保存。 There is no job {job_id}, or it is no longer kept.",
                           job_id=job_id)
        return _job(row)

    def page(self, offset: int = 0, limit: int = 50) -> tuple[list[Job], int]:
        """A page of jobs, the open ones first in their order, then those that ended, latest first; and how many there are."""
        is_open = _table.c.state.in_(OPEN)
        with self._engine.connect() as connection:
            opened = select(_table).where(is_open).order_by(_table.c.id)
            ended = select(_table).where(~is_open).order_by(_table.c.ended.desc(), _table.c.id.desc())
            count = connection.execute(select(func.count()).select_from(_table).where(is_open)).scalar_one()
            rows = connection.execute(opened.offset(offset).limit(limit)).all()
            rows += connection.execute(ended.offset(max(0, offset - count)).limit(limit - len(rows))).all()
            total = connection.execute(select(func.count()).select_from(_table)).scalar_one()
        return [_job(row) for row in rows], total

    def about(self, document_id: str, limit: int = 5) -> list[Job]:
        """The latest jobs that change or replace a document."""
        wanted = select(_table).where(_table.c.order["document_id"].as_string() == document_id).order_by(_table.c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [_job(row) for row in connection.execute(wanted)]

    def paths(self) -> set[Path]:
        """The files that open jobs still need."""
        with self._engine.connect() as connection:
            orders = connection.execute(select(_table.c.order).where(_table.c.state.in_(OPEN))).scalars()
            return {Path(order["path"]) for order in orders if "path" in order}

    def forget(self, days: int) -> int:
        """Delete the jobs that ended more than so many days ago; how many that were."""
        with self._engine.begin() as connection:
            return connection.execute(delete(_table).where(_table.c.ended < now() - timedelta(days=days))).rowcount


def _job(row) -> Job:
    return Job(**row._asdict() | {"document_ids": tuple(row.document_ids)})
