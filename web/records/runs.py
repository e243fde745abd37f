"""Runs of the test questions: with what they were asked, and what became of each."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Integer,
    Select,
    String,
    Table,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from qa.errors import NotFound, QuestionError
from qa.evaluation import Outcome
from web.records.database import Moment, now, schema

RUNNING, DONE, BROKEN = "running", "done", "broken"
KEPT = 50  # runs; older ones are deleted

_runs = Table(
    "test_runs", schema, Column("id", Integer, primary_key=True), Column("started", Moment, nullable=False), Column("finished", Moment),
    Column("actor", String(64), nullable=False), Column("state", String(16), nullable=False), Column("process", Integer, nullable=False),
    Column("total", Integer, nullable=False), Column("index_version", String(64), nullable=False),
    Column("vector_weight", Float, nullable=False), Column("threshold", Float, nullable=False), Column("weights", String(16), nullable=False))
_results = Table(
    "test_results", schema, Column("run", ForeignKey("test_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True), Column("right", Boolean, nullable=False), Column("outcome", JSON, nullable=False))


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a run is asked with.

    :ivar weights: fingerprint of the reader's weights.
    """

    index_version: str
    vector_weight: float
    threshold: float
    weights: str


@dataclass(frozen=True, slots=True)
class Run:
    """:ivar actor: name of the account that began it.
    :ivar state: ``running``, ``done``, or ``broken`` where it ended before its last question.
    :ivar total: how many questions there are, of which ``asked`` were asked and ``right`` were right.
    """

    id: int
    started: datetime
    finished: datetime | None
    actor: str
    state: str
    total: int
    asked: int
    right: int
    conditions: Conditions


class Runs:
    """The latest runs. One at a time, by a lock of the home's, which ends with the process that asks: so hosts that share the home
    know which run was left."""

    def __init__(self, engine: Engine, home: Path) -> None:
        self._engine = engine
        self._lock_file = home / "tests.lock"
        self._held: dict[int, FileLock] = {}  # by the run that this process asks

    def begin(self, actor: str, total: int, conditions: Conditions) -> int:
        """A new run's number.

        :raises QuestionError: ``test_running``: another is not over yet.
        """
        values = {"started": now(), "actor": actor, "state": RUNNING, "process": os.getpid(), "total": total}
        lock = self._lock()
        try:
            lock.acquire()
        except Timeout as error:
            raise QuestionError("test_running", "上一次测试还没有跑完，请等它结束。 The last run is not over yet; wait for its end.") from error
        try:
            with self._engine.begin() as connection:
                _break_off(connection)
                run_id = connection.execute(insert(_runs).values(values | asdict(conditions))).inserted_primary_key[0]
                kept = select(_runs.c.id).order_by(_runs.c.id.desc()).limit(KEPT)  # not by their numbers, which may have gaps
                connection.execute(delete(_runs).where(_runs.c.id.not_in(kept)))
        except BaseException:
            lock.release()
            raise
        self._held[run_id] = lock
        return run_id

    def note(self, run_id: int, place: int, outcome: Outcome) -> None:
        """Keep what became of a question.

        :param place: of the question in its run, from 0.
        """
        with self._engine.begin() as connection:
            connection.execute(insert(_results).values(run=run_id, place=place, right=outcome.right, outcome=asdict(outcome)))

    def finish(self, run_id: int, state: str) -> None:
        """End a run that this process has begun.

        :param state: ``done`` or ``broken``.
        """
        try:
            with self._engine.begin() as connection:
                connection.execute(update(_runs).where(_runs.c.id == run_id).values(state=state, finished=now()))
        finally:
            self._held.pop(run_id).release()

    def break_off(self) -> None:
        """Mark the run as broken that a process which is no more has left."""
        try:
            with self._lock(), self._engine.begin() as connection:
                _break_off(connection)
        except Timeout:
            pass  # the process lives

    def latest(self, limit: int) -> list[Run]:
        """Runs, newest first."""
        return self._select(_counted().order_by(_runs.c.id.desc()).limit(limit))

    def find(self, run_id: int) -> Run:
        """:raises NotFound: there is none of that number."""
        found = self._select(_counted().where(_runs.c.id == run_id))
        if not found:
            raise NotFound("run_not_found", "没有这次测试，可能已过保存的次数。 There is no such run; only the latest ones are kept.")
        return found[0]

    def before(self, run: Run) -> Run | None:
        """The last whole run before one."""
        found = self._select(_counted().where(_runs.c.id < run.id, _runs.c.state == DONE).order_by(_runs.c.id.desc()).limit(1))
        return found[0] if found else None

    def outcomes(self, run_id: int) -> list[Outcome]:
        """What became of its questions, in their order."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_results.c.outcome).where(_results.c.run == run_id).order_by(_results.c.place))
            return [Outcome(**outcome | {"gold": tuple(outcome["gold"])}) for outcome, in rows]

    def _lock(self) -> FileLock:
        return FileLock(self._lock_file, timeout=0, thread_local=False, fallback_to_soft=False)

    def _select(self, wanted: Select) -> list[Run]:
        with self._engine.connect() as connection:
            rows = connection.execute(wanted).all()
        return [Run(row.id, row.started, row.finished, row.actor, row.state, row.total, row.asked, row.right,
                    Conditions(row.index_version, row.vector_weight, row.threshold, row.weights)) for row in rows]


def _break_off(connection: Connection) -> None:
    connection.execute(update(_runs).where(_runs.c.state == RUNNING).values(state=BROKEN, finished=now()))


def _counted() -> Select:
    """Selects runs with how many of their questions were asked, and were right."""
    right = func.coalesce(func.sum(case((_results.c.right, 1), else_=0)), 0)
    return select(_runs, func.count(_results.c.place).label("asked"), right.label("right")).outerjoin(_results).group_by(_runs.c.id)


def turned(now: Sequence[Outcome], before: Sequence[Outcome]) -> tuple[list[tuple[Outcome, Outcome]], list[tuple[Outcome, Outcome]]]:
    """What became right and what became wrong: pairs of a question's outcomes, now and before, of those asked in both runs."""
    earlier = {outcome.id: outcome for outcome in before}
    pairs = [(outcome, earlier[outcome.id]) for outcome in now if outcome.id in earlier]
    return ([(one, other) for one, other in pairs if one.right and not other.right],
            [(one, other) for one, other in pairs if other.right and not one.right])
