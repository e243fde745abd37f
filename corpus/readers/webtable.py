"""The cells of an HTML table, spans written out."""

import re

from selectolax.lexbor import LexborNode

LONGEST_CELL = 300  # characters; a table without th that holds more in one cell is there for the page's layout
MOST_SPAN = 200  # cells; what a page states beyond is a mistake or an attack
SPACE = re.compile(r"\s+")

Grid = list[list[str]]


def cells(node: LexborNode) -> tuple[Grid, Grid, int | None] | None:
    """A table's cells for :func:`corpus.readers.table.lines`.

    :return: texts, for each cell the name of the merged cell it belongs to, and how many rows name columns where the
        table says so; None for a table that only lays out the page.
    """
    if any(other.mem_id != node.mem_id for other in node.css("table")):
        return None
    rows = node.css("tr")
    grid, spans = _laid_out(rows)
    width = max(map(len, grid), default=0)
    longest = max((len(cell) for row in grid for cell in row), default=0)
    if len(grid) < 2 or width < 2 or (longest > LONGEST_CELL and node.css_first("th") is None):
        return None
    return grid, spans, _header(rows)


def _laid_out(rows: list[LexborNode]) -> tuple[Grid, Grid]:
    taken: dict[tuple[int, int], tuple[str, str]] = {}
    for at, row in enumerate(rows):
        column = 0
        for cell in row.css("td, th"):
            while (at, column) in taken:
                column += 1
            across, down = _span(cell, "colspan"), min(_span(cell, "rowspan"), len(rows) - at)
            merged = str(cell.mem_id) if across * down > 1 else ""
            content = SPACE.sub(" ", cell.text(separator=" " if cell.css_first("p, br, div") else "")).strip()
            taken |= {(at + y, column + x): (content, merged) for y in range(down) for x in range(across)}
            column += across
    width = max((column for _, column in taken), default=-1) + 1
    whole = [[taken.get((at, column), ("", "")) for column in range(width)] for at in range(len(rows))]
    return [[text for text, _ in row] for row in whole], [[merged for _, merged in row] for row in whole]


def _span(cell: LexborNode, name: str) -> int:
    value = (cell.attributes.get(name) or "1").strip()
    return max(1, min(int(value), MOST_SPAN)) if value.isdecimal() else 1


def _header(rows: list[LexborNode]) -> int | None:
    """The rows at the top that are made of th alone; None where there are none, for the first row may be one anyway."""
    count = 0
    while count < len(rows) and rows[count].css_first("th") is not None and rows[count].css_first("td") is None:
        count += 1
    return count or None
