"""Charts over days, laid out for the template that draws them: coordinates in units of the drawing, y downwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, log10

WIDTH, HEIGHT = 720, 180  # of the plot
LABELS = 6  # days named below it, at most


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a day's column. :ivar series: number of its series, from 0."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A label at a place along an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """:ivar bars: of columns that stand on each other; :ivar paths: of lines, one a series, as SVG path data.
    :ivar x, y: labels of the axes.
    """

    bars: tuple[Bar, ...]
    paths: tuple[str, ...]
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT


def bars(days: Sequence[date], series: Sequence[Sequence[int]]) -> Chart:
    """A column a day, the series on top of each other, the first at the bottom.

    :param series: each a number for each day.
    """
    top = _top(max((sum(values) for values in zip(*series, strict=True)), default=0))
    step = WIDTH / max(len(days), 1)
    drawn = []
    for column, values in enumerate(zip(*series, strict=True)):
        below = 0
        for number, value in enumerate(values):
            height = HEIGHT * value / top
            if value:
                drawn.append(Bar(number, round(column * step + step * .12, 2), round(HEIGHT - below - height, 2),
                                 round(step * .76, 2), round(height, 2)))
            below += height
    return Chart(tuple(drawn), (), _days(days), _values(top))


def lines(days: Sequence[date], series: Sequence[Sequence[float | None]]) -> Chart:
    """A line a series, broken where a day has no value."""
    top = _top(max((value for values in series for value in values if value is not None), default=0))
    step = WIDTH / max(len(days), 1)
    paths = []
    for values in series:
        commands = []
        for column, value in enumerate(values):
            if value is not None:
                follows = column and values[column - 1] is not None
                commands.append(f"{'L' if follows else 'M'}{column * step + step / 2:.1f} {HEIGHT * (1 - value / top):.1f}"
                                + ("" if follows else "h.01"))  # so that a day alone shows as a dot
        paths.append("".join(commands))
    return Chart((), tuple(paths), _days(days), _values(top))


def spark(values: Sequence[float]) -> str:
    """A stroke upwards for each value, as SVG path data, in a drawing as wide as there are values and 1 high."""
    top = max(values, default=0)
    return "".join(f"M{column + .5} 1V{1 - value / top:.3g}" for column, value in enumerate(values) if value)


def _top(highest: float) -> float:
    """The end of the axis: the least 1, 2 or 5 times a power of ten that is no less than the highest value, 4 at least."""
    if highest <= 4:
        return 4
    power = 10 ** int(log10(highest))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= highest)


def _values(top: float) -> tuple[Tick, ...]:
    return tuple(Tick(HEIGHT * (1 - share), f"{top * share:g}") for share in (0, .5, 1))


def _days(days: Sequence[date]) -> tuple[Tick, ...]:
    step = WIDTH / max(len(days), 1)
    every = max(1, ceil(len(days) / LABELS))
    return tuple(Tick(round(column * step + step / 2, 2), f"{day.month}-{day.day:02}")
                 for column, day in enumerate(days) if column % every == 0)
