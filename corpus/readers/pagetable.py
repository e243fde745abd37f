"""The tables on a page: ruled by lines, or known by short runs that stand under one another."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.readers import ruling, table
from corpus.readers.ruling import RuledTable, Ruling
from corpus.readers.runs import Run, one_line, overlap, rows

CELL_WIDTH = 9.0  # in character heights; wider runs are text, not the cells of a table
ROW_GAP = 2.5  # in character heights
LONGEST_CELL = 400  # characters; lines around longer texts frame the articles of a page


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table on a page. :ivar grid, spans: as :func:`corpus.readers.table.lines` takes them."""

    x0: float
    top: float
    x1: float
    bottom: float
    grid: list[list[str]]
    spans: list[list[str]]


def ruled(runs: Sequence[Run], lines: Ruling) -> tuple[list[PageTable], list[Run]]:
    """Take out the tables that lines rule; return them and the runs outside."""
    found, rest = [], list(runs)
    for frame in ruling.tables(lines):
        cells: dict[int, list[Run]] = {}
        outside = []
        for run in rest:
            cell = frame.cell((run.x0 + run.x1) / 2, run.middle)
            if cell is None:
                outside.append(run)
            else:
                cells.setdefault(cell, []).append(run)
        longest = max((sum(len(run.text) for run in cell) for cell in cells.values()), default=0)
        if len(cells) > 1 and longest <= LONGEST_CELL:
            found.append(_filled(frame, cells))
            rest = outside
    return found, rest


def _filled(frame: RuledTable, cells: dict[int, list[Run]]) -> PageTable:
    texts = {cell: one_line([one_line([run.text for run in row]) for row in rows(runs)]) for cell, runs in cells.items()}
    sizes = [number for row in frame.owners for number in row]
    grid = [[texts.get(number, "") for number in row] for row in frame.owners]
    spans = [[str(number) if sizes.count(number) > 1 else "" for number in row] for row in frame.owners]
    return PageTable(frame.xs[0], frame.ys[0], frame.xs[-1], frame.ys[-1], grid, spans)


def aligned(lines: Sequence[Run]) -> tuple[list[PageTable], list[Run]]:
    """Take out the tables without lines: consecutive rows of short runs that stand under one another."""
    left = rows(lines)
    found, rest = [], []
    while left:
        end = 0
        while end < len(left) and _is_tabular(left[end]) and (end == 0 or _adjoins(left[end - 1], left[end])):
            end += 1
        if end > 1 and _is_table(left[:end]):
            found.append(_gathered(left[:end]))
        else:
            end = 1
            rest += left[0]
        left = left[end:]
    return found, sorted(rest, key=lambda run: (run.middle, run.x0))


def _is_tabular(row: Sequence[Run]) -> bool:
    narrow = sum(run.width <= CELL_WIDTH * run.size for run in row)
    return len(row) > 1 and narrow * 2 >= len(row)


def _adjoins(upper: Sequence[Run], lower: Sequence[Run]) -> bool:
    """Whether two rows belong to one table: close, and with two cells or more under one another."""
    gap = min(run.top for run in lower) - max(run.bottom for run in upper)
    aligned = sum(any(overlap(a.x0, a.x1, b.x0, b.x1) > 0.5 * min(a.width, b.width) for a in upper) for b in lower)
    return gap < ROW_GAP * upper[0].size and aligned > 1


def _columns(band: Sequence[Sequence[Run]]) -> list[tuple[float, float]]:
    """The columns of a table, as the stretches of x that its runs cover."""
    columns: list[tuple[float, float]] = []
    for run in sorted((run for row in band for run in row), key=lambda run: run.x0):
        if columns and run.x0 < columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], run.x1)
        else:
            columns.append((run.x0, run.x1))
    return columns


def _is_table(band: Sequence[Sequence[Run]]) -> bool:
    """Columns of cells are ragged or narrow; columns of running text are filled by most of their lines."""
    columns = _columns(band)
    if len(columns) < 2:
        return False
    running = 0
    for x0, x1 in columns:
        cells = [run for row in band for run in row if x0 <= run.x0 < x1]
        full = sum(run.width > 0.9 * (x1 - x0) and run.width > 4.5 * run.size for run in cells)
        worded = sum(not table.FIGURE.fullmatch(run.text) for run in cells)
        running += len(cells) > 3 and full > 0.6 * len(cells) and worded * 2 > len(cells)
    return running * 2 < len(columns)


def _gathered(band: Sequence[Sequence[Run]]) -> PageTable:
    columns = _columns(band)
    grid = [[one_line([run.text for run in row if x0 <= run.x0 < x1]) for x0, x1 in columns] for row in band]
    spans = [[""] * len(columns) for _ in band]
    top, bottom = min(run.top for run in band[0]), max(run.bottom for run in band[-1])
    return PageTable(columns[0][0], top, columns[-1][1], bottom, grid, spans)
