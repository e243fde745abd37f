"""Laid-out pages as one text, headlines as ``#`` lines."""

from collections.abc import Sequence

from corpus.readers import layout, table
from corpus.readers.layout import Block
from corpus.readers.runs import Page, body_size, one_line

HEADING_LEVELS = ((1.6, 1), (layout.HEADLINE, 2))  # times the size of the running text
LONGEST_HEADING = 60  # characters


def written(pages: Sequence[Page]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of all pages, blocks in reading order, and ``(page number, offset)`` of each page that holds text.

    Blocks are parted by blank lines, but for a column whose last sentence goes on in the next. A table that goes on
    after a page's end keeps its column names.
    """
    if not any(page.runs for page in pages):
        return "", ()
    body = body_size(run for page in pages for run in page.runs)
    placed = [(page.number, block) for page in pages for block in layout.blocks(page)]
    levels = [_heading_level(block, body) for _, block in placed]
    promotion = min(filter(None, levels), default=1) - 1
    text, starts, previous, names = "", [], None, []
    for (number, block), level in zip(placed, levels, strict=True):
        if previous is not None:
            text += "\n" if not level and layout.goes_on(previous, block) else "\n\n"
        new_page = not starts or starts[-1][0] != number
        if new_page:
            starts.append((number, len(text)))
        names = _column_names(block, names if new_page else [])
        text += _block_text(block, level - promotion if level else 0, names)
        previous = block
    return text, tuple(starts)


def _column_names(block: Block, before: list[str]) -> list[str]:
    """The names of a table's columns: those of the table before, where this is its continuation on the next page."""
    if block.table is None:
        return []
    own = table.column_names(block.table.grid, block.table.spans)
    return before if len(before) == len(block.table.grid[0]) else own


def _block_text(block: Block, level: int, names: list[str]) -> str:
    if block.table is not None:
        return "\n".join(table.lines(block.table.grid, block.table.spans, names=names))
    return f"{'#' * level} {one_line(block.lines)}" if level else "\n".join(block.lines)


def _heading_level(block: Block, body: float) -> int | None:
    text = one_line(block.lines)
    if len(text) > LONGEST_HEADING or not any(character.isalpha() for character in text):
        return None
    return next((level for ratio, level in HEADING_LEVELS if block.size >= ratio * body), None)
