"""Runs of characters on a page and how they stand to one another.

Coordinates are in any one unit, x to the right and y downwards from the top of the page.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from corpus.readers.ruling import Ruling

WORD = re.compile(r"[A-Za-z0-9,.;:]")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that stand together on one line.

    :ivar size: height of the characters.
    """

    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    text: str

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        return self.x1 - self.x0


@dataclass(frozen=True, slots=True)
class Page:
    """The runs of a page that are written in one direction, turned upright.

    :ivar number: the page's number from 1; a page with sideways text gives several with one number.
    :ivar ruling: the lines drawn on it, where they are known.
    """

    number: int
    height: float
    runs: tuple[Run, ...]
    ruling: Ruling = Ruling()


def body_size(runs: Iterable[Run]) -> float:
    """The height of the running text: the median over characters."""
    return median(size for run in runs for size in [run.size] * max(1, len(run.text)))


def rows(lines: Iterable[Run]) -> list[list[Run]]:
    """Runs that stand on one line, line by line from the top, each from left to right."""
    made: list[list[Run]] = []
    for line in sorted(lines, key=lambda run: (run.middle, run.x0)):
        if made and same_line(made[-1][0], line):
            made[-1].append(line)
        else:
            made.append([line])
    return [sorted(row, key=lambda run: run.x0) for row in made]


def one_line(lines: Sequence[str]) -> str:
    """The lines of a headline or a table cell as one."""
    text = ""
    for line in lines:
        space = " " if text and WORD.match(text[-1]) and WORD.match(line[0]) else ""
        text += space + line.strip()
    return text


def overlap(a0: float, a1: float, b0: float, b1: float) -> float:
    return min(a1, b1) - max(a0, b0)


def same_line(a: Run, b: Run) -> bool:
    return overlap(a.top, a.bottom, b.top, b.bottom) > 0.5 * min(a.bottom - a.top, b.bottom - b.top)
