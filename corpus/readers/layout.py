"""Runs on a page, put into the order in which a person reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from corpus.readers import pagetable
from corpus.readers.pagetable import PageTable
from corpus.readers.runs import WORD, Page, Run, body_size, overlap, same_line

LEADING = (1.1, 2.5)  # in character heights: the largest gap that is line spacing, on pages set tightly and widely
WIDER = 1.3  # times the usual gap between lines; beyond, another block begins
WORD_GAP = 0.6  # in character heights; what stands closer on a line belongs together
SPACED_GAP = 2.5  # the same for characters that stand alone, as in letter-spaced headings
SAME_SIZE = 1.2
HEADLINE = 1.25  # times the size of the running text
INDENT = (1.5, 4.0)  # in character heights, of a paragraph's first line
ENDS = "。！？：；”"


@dataclass(slots=True)
class Block:
    """Lines that belong together: a column of running text, a headline, or the rows of a table.

    :ivar lines: text, none for a table; top to bottom; a paragraph's first line begins with two ideographic spaces where it is indented.
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
    table: PageTable | None = None


def blocks(page: Page) -> list[Block]:
    """The blocks of a page in reading order: columns one after the other, a headline before what it stands over."""
    if not page.runs:
        return []
    framed, rest = pagetable.ruled(page.runs, page.ruling)
    aligned, rest = pagetable.aligned(_joined(rest))
    tables = [Block(found.x0, found.top, found.x1, found.bottom, 0, table=found) for found in framed + aligned]
    made = tables + [_block(group) for group in _groups(rest)]
    return [block for band in _bands(made, body_size(page.runs)) for block in _ordered(band)]


def goes_on(block: Block, following: Block) -> bool:
    """Whether a column's text may go on in the next one: the last line is full and no paragraph begins."""
    alike = min(block.size, following.size) * SAME_SIZE > max(block.size, following.size)
    return block.open and alike and not following.lines[0].startswith("　") and block.lines[-1][-1] not in ENDS


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
    return -0.5 * height < right.x0 - left.x1 < reach * height and same_line(left, right) \
        and height < 1.7 * min(left.size, right.size)


def _groups(lines: Sequence[Run]) -> list[list[Run]]:
    """Chain lines into blocks: each to the one line under it, where that has no other line above it."""
    leading = _leading(lines)
    below = [_next_under(line, lines[at + 1:], leading) for at, line in enumerate(lines)]
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


def _leading(lines: Sequence[Run]) -> float:
    """The largest gap between lines of one block on this page, in character heights."""
    gaps = [(under.top - line.bottom) / line.size for at, line in enumerate(lines)
            for under in _next_under(line, lines[at + 1:], LEADING[1])]
    return min(LEADING[1], max(LEADING[0], WIDER * median(gaps))) if gaps else LEADING[0]


def _next_under(line: Run, later: Sequence[Run], leading: float) -> list[Run]:
    """The lines of the next row under a line, close enough to belong to it."""
    reach = line.bottom + leading * line.size
    near = []
    for other in later:
        if other.middle > reach + 2 * line.size:
            break
        beneath = other.top < reach and other.middle > line.bottom - 0.2 * line.size
        if beneath and overlap(line.x0, line.x1, other.x0, other.x1) > 0.3 * line.size:
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
    if overlap(a.x0, a.x1, b.x0, b.x1) > 0:
        return (a.top, a.x0) < (b.top, b.x0)
    if a.x0 >= b.x0:
        return False
    low, high = sorted(((a.top + a.bottom) / 2, (b.top + b.bottom) / 2))
    return not any(
        low < (c.top + c.bottom) / 2 < high and overlap(c.x0, c.x1, a.x0, a.x1) > 0 and overlap(c.x0, c.x1, b.x0, b.x1) > 0
        for c in page if c is not a and c is not b
    )
