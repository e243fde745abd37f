"""A table as lines of text, one a row, each complete in itself."""

import re
from collections.abc import Sequence

Grid = Sequence[Sequence[str]]

FIGURE = re.compile(r"[-+−]?[\d,.\s]+[%‰]?|\d{4}-\d\d-\d\d.*")
SPACE = re.compile(r"\s+")
LABEL_LENGTH = 24  # characters; column names are short, longer cells are content
HEADER_ROWS = 3


def lines(grid: Grid, spans: Grid | None = None, header: int | None = None, names: Sequence[str] | None = None) -> list[str]:
    """Write a table with its column names repeated in every row: ``列名：值；列名：值``.

    A row of one text across the table is a caption and stays a line of its own. Empty cells are left out. A table
    without column names gives ``值；值``.

    :param grid: rows of cells; a merged cell's text stands in every cell it covers.
    :param spans: for each cell a name of the merged cell it belongs to, ``""`` for ordinary cells; None: none merged.
    :param header: how many rows name the columns, not counting captions above them; None to find out.
    :param names: names of the columns where they are known, as from the page before; rows that repeat them are dropped.
    """
    captions, table, merged, depth = _parts(grid, spans, header)
    own = _names(table[:depth])
    if names is not None and own != list(names):
        depth = 0
    if names is not None:
        own = list(names)
    content = [_line(row, marks, own) for row, marks in zip(table[depth:], merged[depth:], strict=True)]
    only_names = ["；".join(dict.fromkeys(filter(None, own)))] if depth and not content else []
    return captions + only_names + content


def column_names(grid: Grid, spans: Grid | None = None, header: int | None = None) -> list[str]:
    """The names of a table's columns, one a column; empty where it has none. Parameters as for :func:`lines`."""
    _, table, _, depth = _parts(grid, spans, header)
    return _names(table[:depth])


def _parts(grid: Grid, spans: Grid | None, header: int | None) -> tuple[list[str], list[list[str]], list[list[str]], int]:
    """The captions, the rows under them with their merged cells' names, and how many of those name columns."""
    rows = [[SPACE.sub(" ", cell).strip() for cell in row] for row in grid]
    filled = [at for at, row in enumerate(rows) if any(row)]
    captions = _captions(rows, filled)
    body = filled[len(captions):]
    merged = [list(spans[at]) for at in body] if spans else [[""] * len(rows[at]) for at in body]
    table = [rows[at] for at in body]
    depth = _header_depth(table, merged) if header is None else min(header, len(table))
    return [rows[at][_first(rows[at])] for at in captions], table, merged, depth


def _first(row: Sequence[str]) -> int:
    return next(at for at, cell in enumerate(row) if cell)


def _captions(rows: Grid, filled: list[int]) -> list[int]:
    """The rows at the top that hold one text only, in a table that has rows with more."""
    single = [len({cell for cell in rows[at] if cell}) == 1 for at in filled]
    if all(single):
        return []
    return filled[:single.index(False)]


def _header_depth(table: Grid, merged: Grid) -> int:
    """How many rows name columns: the first if it is all short labels, and those its merged cells reach into."""
    if len(table) < 2 or not _are_labels(table[0]):
        return 0
    depth = 1
    while depth < min(HEADER_ROWS, len(table) - 1) and _goes_on(merged[depth - 1], merged[depth]) and _are_labels(table[depth]):
        depth += 1
    return depth


def _are_labels(row: Sequence[str]) -> bool:
    cells = [cell for cell in row if cell]
    short = all(len(cell) <= LABEL_LENGTH and not cell.endswith(("。", "；")) for cell in cells)
    figures = sum(FIGURE.fullmatch(cell) is not None and not _is_year(cell) for cell in cells)
    return short and figures == 0 and len(cells) * 2 > len(row)


def _is_year(cell: str) -> bool:
    return re.fullmatch(r"(19|20)\d\d", cell) is not None


def _goes_on(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether a header row is divided by the next: a cell merged sideways, or one merged down into the next row."""
    sideways = any(a and a == b for a, b in zip(upper, upper[1:], strict=False))
    down = any(a and a == b for a, b in zip(upper, lower, strict=False))
    return down or (sideways and len({a for a in upper if a}) < len(upper))


def _names(header: Grid) -> list[str]:
    """One name a column: the texts above one another, joined with ``/``, repetitions once."""
    width = max((len(row) for row in header), default=0)
    stacks = [[row[at] for row in header if at < len(row) and row[at]] for at in range(width)]
    return ["/".join(dict.fromkeys(stack)) for stack in stacks]


def _line(row: Sequence[str], marks: Sequence[str], names: Sequence[str]) -> str:
    if len(set(row)) == 1 and len(set(marks)) == 1 and marks[0] and len(row) > 1:  # merged across: a heading in the table
        return row[0]
    parts = []
    for at, cell in enumerate(row):
        again = at and marks[at] and marks[at] == marks[at - 1]
        name = names[at] if at < len(names) else ""
        if cell and not again:
            part = f"{name}：{cell}" if name and name != cell else cell
            labelled = bool(parts) and parts[-1].endswith(("：", ":"))  # forms put the name into a cell of its own
            parts = [*parts[:-1], parts[-1] + part] if labelled else [*parts, part]
    return "；".join(parts)
