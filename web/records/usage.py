"""What the questions that were asked come to: how many a day, which got no answer, what people thought, how long it took."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import Engine, case, func, select

from web.records.questions import Asked, answers, asked, feedback

HOUR = len("2026-11-26T19")  # characters of a moment, as it is kept, up to its hour
LATEST = 20_000  # questions that the times are taken from


@dataclass(frozen=True, slots=True)
class Day:
    """:ivar up, down: answers of that day that were found good, and bad.
    :ivar median, slow: milliseconds within which half, and 95 in 100, of the answers came; None where none is known.
    """

    day: date
    questions: int = 0
    answered: int = 0
    up: int = 0
    down: int = 0
    median: float | None = None
    slow: float | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question without an answer.

    :ivar times: how often it was asked in these words.
    """

    question: str
    times: int
    latest: datetime


class Usage:
    """Figures over the questions that are kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def days(self, first: date, last: date, zone: tzinfo | None = None) -> list[Day]:
        """One for each day of a period, both ends in it, by the clock of a time zone (by default that of this machine)."""
        begin = datetime.combine(first, datetime.min.time()).astimezone(zone)
        found: dict[date, dict[str, int]] = {}
        for hour, *counts in self._hours(begin):
            day = datetime.fromisoformat(f"{hour}:00+00:00").astimezone(zone).date()
            sums = found.setdefault(day, dict.fromkeys(("questions", "answered", "up", "down"), 0))
            for name, count in zip(sums, counts, strict=True):
                sums[name] += count
        times = self._times(begin, zone)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [Day(day, **found.get(day, {}), **_percentiles(times.get(day, []))) for day in days]

    def unanswered(self, since: datetime, limit: int) -> list[Unanswered]:
        """Questions without an answer, those asked most, and of these the latest, first; as understood, so that a follow-up
        stands alone."""
        times, latest = func.count(), func.max(asked.c.at)
        wanted = (select(asked.c.understood, times, latest).where(asked.c.at >= since, ~asked.c.answered)
                  .group_by(asked.c.understood).order_by(times.desc(), latest.desc()).limit(limit))
        with self._engine.connect() as connection:
            return [Unanswered(*row) for row in connection.execute(wanted)]

    def judged(self, since: datetime, limit: int) -> list[Asked]:
        """Answers with feedback, the latest feedback first."""
        wanted = answers().where(feedback.c.at >= since).order_by(feedback.c.at.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [Asked.of(row) for row in connection.execute(wanted)]

    def _hours(self, since: datetime) -> Iterator[tuple]:
        hour = func.substr(asked.c.at, 1, HOUR)
        up, down = (func.sum(case((feedback.c.verdict == verdict, 1), else_=0)) for verdict in (1, -1))
        wanted = (select(hour, func.count(), func.sum(case((asked.c.answered, 1), else_=0)), up, down)
                  .select_from(asked.outerjoin(feedback)).where(asked.c.at >= since).group_by(hour))
        with self._engine.connect() as connection:
            yield from connection.execute(wanted)

    def _times(self, since: datetime, zone: tzinfo | None) -> dict[date, list[float]]:
        """Milliseconds of the latest answers, by day."""
        wanted = (select(asked.c.at, asked.c.milliseconds).where(asked.c.at >= since)
                  .order_by(asked.c.at.desc()).limit(LATEST))
        times: dict[date, list[float]] = {}
        with self._engine.connect() as connection:
            for at, milliseconds in connection.execute(wanted):
                times.setdefault(at.astimezone(zone).date(), []).append(milliseconds)
        return times


def _percentiles(times: list[float]) -> dict[str, float]:
    """The nearest-rank median and 95th percentile."""
    ordered = sorted(times)
    ranks = {"median": 0.5, "slow": 0.95}
    return {name: ordered[math.ceil(len(ordered) * share) - 1] for name, share in ranks.items()} if ordered else {}
