"""Runs of characters on a page, put into the order in which a person reads them.

Coordinates are in any one unit, x to the right and y downwards from the top of the page.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from corpus.readers import table

LEADING = 1.1  # gaps below this many character heights are line spacing, larger ones part blocks
WORD_GAP = 0.6  # in character heights; what stands closer on a line belongs together
SPACED_GAP = 2.5  # the same for characters that stand alone, as in letter-spaced headings
SAME_SIZE = 1.2
HEADLINE = 1.25  # times the size of the running text
INDENT = (1.5, 4.0)  # in character heights, of a paragraph's first line
CELL_WIDTH = 9.0  # in character heights; wider runs are text, not the cells of a table
ROW_GAP = 2.5
WORD = re.compile(r"[A-Za-z0-9,.;:]")
ENDS = "。！？：；”"


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
    """

    number: int
    height: float
    runs: tuple[Run, ...]


@dataclass(slots=True)
class Block:
    """Lines that belong together: a column of running text, a headline, or the rows of a table.

    :ivar lines: text, top to bottom; a paragraph's first line begins with two ideographic spaces where it is indented.
    :ivar size: height of the characters; 0 for tables.
    :ivar open: whether the last line is full, so that its sentence may go on in the next block.
    """

    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    lines: list[str] = field(default_factory=list)
    open: bool = False


def blocks(runs: Sequence[Run]) -> list[Block]:
    """The blocks of one page in reading order: columns one after the other, a headline before what it stands over."""
    if not runs:
        return []
    body = body_size(runs)
    lines = _joined(runs)
    tables, rest = _tables(lines)
    made = tables + [_block(group) for group in _groups(rest)]
    return [block for band in _bands(made, body) for block in _ordered(band)]


def body_size(runs: Iterable[Run]) -> float:
    """The height of the running text: the median over characters."""
    return median(size for run in runs for size in [run.size] * max(1, len(run.text)))


def goes_on(block: Block, following: Block) -> bool:
    """Whether a column's text may go on in the next one: the last line is full and no paragraph begins."""
    alike = min(block.size, following.size) * SAME_SIZE > max(block.size, following.size)
    return block.open and alike and not following.lines[0].startswith("　") and block.lines[-1][-1] not in ENDS


def one_line(lines: Sequence[str]) -> str:
    """A headline's lines as one."""
    text = ""
    for line in lines:
        space = " " if text and WORD.match(text[-1]) and WORD.match(line[0]) else ""
        text += space + line.strip()
    return text


def _overlap(a0: float, a1: float, b0: float, b1: float) -> float:
    return min(a1, b1) - max(a0, b0)


def _same_line(a: Run, b: Run) -> bool:
    return _overlap(a.top, a.bottom, b.top, b.bottom) > 0.5 * min(a.bottom - a.top, b.bottom - b.top)


def _joined(runs: Sequence[Run]) -> list[Run]:
    """Join the runs of a line that stand close; the gaps between columns and cells are wider."""
    made: list[Run] = []
    for run in sorted(runs, key=lambda run: (run.x0, run.top)):
        before = next((at for at in range(len(made) - 1, -1, -1) if _continues(made[at], run)), None)
        if before is None:
            made.append(run)
            continue
        left = made.pop(before)
        space = " " if WORD.match(left.text[-1]) and WORD.match(run.text[0]) else ""
        made.append(Run(left.x0, min(left.top, run.top), run.x1, max(left.bottom, run.bottom),
                        max(left.size, run.size), left.text + space + run.text))
    return sorted(made, key=lambda run: (run.middle, run.x0))


def _continues(left: Run, right: Run) -> bool:
    height = max(left.size, right.size)
    spaced = len(right.text) == 1 and len(left.text.replace(" ", "")) <= 12 and left.width > 1.3 * left.size * len(left.text)
    alone = len(left.text) == 1 and len(right.text) == 1
    reach = SPACED_GAP if spaced or alone else WORD_GAP
    return -0.5 * height < right.x0 - left.x1 < reach * height and _same_line(left, right) \
        and height < 1.7 * min(left.size, right.size)


def _groups(lines: Sequence[Run]) -> list[list[Run]]:
    """Chain lines into blocks: each to the one line under it, where that has no other line above it."""
    below = [_next_under(line, lines[at + 1:]) for at, line in enumerate(lines)]
    above: dict[int, int] = {}
    for unders in below:
        for under in unders:
            above[id(under)] = above.get(id(under), 0) + 1
    follower = {id(line): unders[0] for line, unders in zip(lines, below, strict=True)
                if len(unders) == 1 and above[id(unders[0])] == 1 and _alike(line, unders[0])}
    led = {id(under) for under in follower.values()}
    groups = []
    for line in lines:
        if id(line) not in led:
            group = [line]
            while id(group[-1]) in follower:
                group.append(follower[id(group[-1])])
            groups.append(group)
    return groups


def _next_under(line: Run, later: Sequence[Run]) -> list[Run]:
    """The lines of the next row under a line, close enough to belong to it."""
    reach = line.bottom + LEADING * line.size
    near = []
    for other in later:
        if other.middle > reach + 2 * line.size:
            break
        beneath = other.top < reach and other.middle > line.bottom - 0.2 * line.size
        if beneath and _overlap(line.x0, line.x1, other.x0, other.x1) > 0.3 * line.size:
            near.append(other)
    first = min((other.bottom for other in near), default=0.0)
    return [other for other in near if other.middle < first]


def _alike(a: Run, b: Run) -> bool:
    return max(a.size, b.size) < SAME_SIZE * min(a.size, b.size)


def _block(lines: Sequence[Run]) -> Block:
    x0, x1 = min(line.x0 for line in lines), max(line.x1 for line in lines)
    size = median(line.size for line in lines)
    if len(lines) > 2 and all(len(line.text) == 1 for line in lines):  # written downwards
        texts = ["".join(line.text for line in lines)]
    else:
        indented = [len(lines) > 1 and INDENT[0] * size < line.x0 - x0 < INDENT[1] * size for line in lines]
        texts = ["　　" * mark + line.text for mark, line in zip(indented, lines, strict=True)]
    is_open = len(lines) > 1 and lines[-1].x1 > x1 - size
    return Block(x0, lines[0].top, x1, lines[-1].bottom, size, texts, is_open)


def rows(lines: Iterable[Run]) -> list[list[Run]]:
    """Runs that stand on one line, line by line from the top, each from left to right."""
    made: list[list[Run]] = []
    for line in sorted(lines, key=lambda run: (run.middle, run.x0)):
        if made and _same_line(made[-1][0], line):
            made[-1].append(line)
        else:
            made.append([line])
    return [sorted(row, key=lambda run: run.x0) for row in made]


def _tables(lines: Sequence[Run]) -> tuple[list[Block], list[Run]]:
    """Take out the tables: consecutive rows of short runs that stand under one another."""
    left = rows(lines)
    found, rest = [], []
    while left:
        end = 0
        while end < len(left) and _is_tabular(left[end]) and (end == 0 or _adjoins(left[end - 1], left[end])):
            end += 1
        if end > 1 and _is_table(left[:end]):
            found.append(_table_block(left[:end]))
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
    aligned = sum(any(_overlap(a.x0, a.x1, b.x0, b.x1) > 0.5 * min(a.width, b.width) for a in upper) for b in lower)
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


def _table_block(band: Sequence[Sequence[Run]]) -> Block:
    columns = _columns(band)
    grid = [["".join(run.text for run in row if x0 <= run.x0 < x1) for x0, x1 in columns] for row in band]
    return Block(columns[0][0], min(run.top for run in band[0]), columns[-1][1], max(run.bottom for run in band[-1]), 0,
                 table.lines(grid))


def _bands(page: Sequence[Block], body: float) -> list[list[Block]]:
    """Cut the page where nothing crosses its width and a headline begins: what follows is another article."""
    bands: list[list[Block]] = []
    bottom = 0.0
    for block in sorted(page, key=lambda block: block.top):
        if not bands or (block.top > bottom and block.size > HEADLINE * body):
            bands.append([])
        bands[-1].append(block)
        bottom = max(bottom, block.bottom)
    return bands


def _ordered(page: Sequence[Block]) -> list[Block]:
    """Breuel's order: a block precedes those under it, and those to its right unless a block lies between that reaches
    over both (High Performance Document Layout Analysis, 2003)."""
    left = sorted(page, key=lambda block: (block.top, block.x0))
    before = {id(b): {id(a) for a in left if a is not b and _precedes(a, b, left)} for b in left}
    order: list[Block] = []
    while left:
        ready = [block for block in left if not before[id(block)]]
        chosen = min(ready or left, key=lambda block: (block.x0, block.top) if ready else (block.top, block.x0))
        left.remove(chosen)
        order.append(chosen)
        for waiting in before.values():
            waiting.discard(id(chosen))
    return order


def _precedes(a: Block, b: Block, page: Sequence[Block]) -> bool:
    if _overlap(a.x0, a.x1, b.x0, b.x1) > 0:
        return (a.top, a.x0) < (b.top, b.x0)
    if a.x0 >= b.x0:
        return False
    low, high = sorted(((a.top + a.bottom) / 2, (b.top + b.bottom) / 2))
    return not any(
        low < (c.top + c.bottom) / 2 < high and _overlap(c.x0, c.x1, a.x0, a.x1) > 0 and _overlap(c.x0, c.x1, b.x0, b.x1) > 0
        for c in page if c is not a and c is not b
    )
