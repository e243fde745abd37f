"""Groups to train on: a question with windows of which some, or none, hold the answer."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True)
class Group:
    """A question and the rows of the windows it is asked of.

    :ivar right: for each window that answers, its place in ``windows`` and the answer's offsets ``[start, end)`` in its
        text, -1 and -1 where it answers but no single stretch is the answer.
    """

    question: str
    windows: tuple[int, ...]
    right: tuple[tuple[int, int, int], ...]


@dataclass
class Groups:
    """Groups and the windows that they share, each a context and a text."""

    windows: list[tuple[str, str]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    _rows: dict[tuple[str, str], int] = field(default_factory=dict)

    def row(self, context: str, text: str) -> int:
        """The row of a window, which is added where it is new."""
        row = self._rows.setdefault((context, text), len(self.windows))
        if row == len(self.windows):
            self.windows.append((context, text))
        return row

    def save(self, path: Path) -> None:
        """Write all to one gzipped file of JSON lines: the number of windows, the windows, the groups."""
        with gzip.open(path, "wt", encoding="utf-8", compresslevel=6) as file:
            for line in (len(self.windows), *self.windows, *((g.question, g.windows, g.right) for g in self.groups)):
                file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Groups":
        """What :meth:`save` wrote."""
        with gzip.open(path, "rt", encoding="utf-8") as file:
            count = json.loads(next(file))
            windows = [tuple(json.loads(next(file))) for _ in range(count)]
            groups = [Group(question, tuple(rows), tuple(map(tuple, right)))
                      for question, rows, right in map(json.loads, file)]
        return cls(windows, groups)


def find(text: str, wanted: str) -> tuple[int, int] | None:
    """Where a text first holds another, white space left out of account: offsets ``[start, end)``; None where it does not."""
    offsets = [at for at, character in enumerate(text) if not character.isspace()]
    at = "".join(text[offset] for offset in offsets).find(needle := "".join(wanted.split()))
    return (offsets[at], offsets[at + len(needle) - 1] + 1) if needle and at >= 0 else None


def find_all(text: str, wanted: Sequence[str]) -> tuple[int, int] | None:
    """The stretch from the first to the last of several texts; None where one of them is missing."""
    spans = [find(text, each) for each in wanted]
    return (min(s for s, _ in spans), max(e for _, e in spans)) if spans and all(spans) else None


def hardest(question: frozenset, bags: Iterable[tuple[int, frozenset]], count: int) -> list[int]:
    """The rows whose bags share most with a question, most first."""
    scored = sorted(((len(question & bag), row) for row, bag in bags), reverse=True)
    return [row for _, row in scored[:count]]


def bigrams(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text."""
    return frozenset(map("".join, zip(text, text[1:])))


def shuffled(items: Sequence, rng: np.random.Generator) -> Iterator:
    """The items in random order."""
    yield from (items[i] for i in rng.permutation(len(items)))
