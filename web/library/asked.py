"""What people ask: how much, what got no answer, what they thought of the answers, how long it took."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from flask import Blueprint, Response, render_template

from web.charts import bars, lines
from web.desk import desk
from web.library.periods import PERIODS, period
from web.records.questions import Asked
from web.records.usage import Day, Unanswered

GROUPED = 1000  # questions without an answer that are grouped
SHOWN = 30  # groups, and judgements
BOM = "\ufeff"  # tells Excel that the file is UTF-8
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

blueprint = Blueprint("asked", __name__, url_prefix="/library/asked")


@dataclass(frozen=True, slots=True)
class Group:
    """Questions without an answer that are about the same.

    :ivar times: how often any of them was asked.
    """

    questions: tuple[Unanswered, ...]

    @property
    def times(self) -> int:
        return sum(question.times for question in self.questions)


@blueprint.get("")
def index() -> str:
    """The figures of the last days."""
    days, first = period()
    usage = desk().usage
    begin = datetime.combine(first, datetime.min.time()).astimezone()
    each = usage.days(first, date.today())
    return render_template(
        "library/asked.html", days=days, periods=PERIODS, total=_total(each), each=[day for day in reversed(each) if day.questions],
        asked=bars([day.day for day in each], [[day.answered for day in each], [day.questions - day.answered for day in each]]),
        times=lines([day.day for day in each], [[day.median for day in each], [day.slow for day in each]]),
        groups=_groups(usage.unanswered(begin, GROUPED))[:SHOWN], judged=usage.judged(begin, SHOWN), kept=desk().settings.keep_days)


@blueprint.get("/questions.csv")
def questions() -> Response:
    """Every question of the last days with its answer and feedback."""
    _, first = period()
    begin = datetime.combine(first, datetime.min.time()).astimezone()
    name = f"questions-{first}-{date.today()}.csv"
    return Response(_csv(desk().questions.since(begin)), content_type="text/csv; charset=utf-8",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _total(days: Sequence[Day]) -> Day:
    sums = {name: sum(getattr(day, name) for day in days) for name in ("questions", "answered", "up", "down")}
    busy = [day for day in days if day.median is not None]
    return Day(days[0].day, **sums, median=busy[-1].median if busy else None, slow=busy[-1].slow if busy else None)


def _groups(unanswered: Sequence[Unanswered]) -> list[Group]:
    """Groups of questions that are about the same, those asked most first."""
    found = desk().service.alike([question.question for question in unanswered]) if unanswered else []
    return sorted((Group(tuple(unanswered[i] for i in each)) for each in found), key=lambda group: -group.times)


def _csv(questions: Iterator[Asked]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for number, question in enumerate(questions):
        values = asdict(question) | {"at": question.at.astimezone().isoformat(timespec="seconds"),
                                     "document_ids": " ".join(question.document_ids)}
        if number == 0:
            buffer.write(BOM)
            writer.writerow(values)
        writer.writerow([_plain(value) for value in values.values()])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _plain(value: object) -> object:
    """A cell that a spreadsheet takes for text even where it looks like a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
