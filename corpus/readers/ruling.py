"""The lines drawn on a page, and the tables they rule."""

from collections.abc import Iterable, Iterator, Sequence
from ctypes import byref, c_float
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw as pdfium

THIN = 2.0  # points; how far a line may be off the horizontal or vertical, and lines that near are one
TOUCHING = 3.0  # points between the ends of lines that meet
SHORTEST = 4.0  # points
ONE_ROW = 80.0  # points; the last row of a table may stand alone on a page, but a higher one is a frame around columns

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal or vertical line. :ivar at: its y or x; :ivar start, end: where it runs along the other axis."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Ruling:
    """The lines of a page, in points from its top left corner, y downwards."""

    across: tuple[Rule, ...] = ()
    down: tuple[Rule, ...] = ()

    def parts(self, x0: float, x1: float, y: float) -> bool:
        """Whether a vertical line stands between two x at some height."""
        return any(x0 - THIN < rule.at < x1 + THIN and rule.start < y < rule.end for rule in self.down)


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A table by its lines. :ivar xs, ys: borders of columns and rows; :ivar owners: for each cell of the grid the number
    of the merged cell it belongs to."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    owners: tuple[tuple[int, ...], ...]

    def cell(self, x: float, y: float) -> int | None:
        """The number of the cell at a point, None outside the table."""
        row = next((at for at in range(len(self.ys) - 1) if self.ys[at] <= y < self.ys[at + 1]), None)
        column = next((at for at in range(len(self.xs) - 1) if self.xs[at] <= x < self.xs[at + 1]), None)
        return None if row is None or column is None else self.owners[row][column]


def ruling(page: pypdfium2.PdfPage, crop: Box) -> Ruling:
    """The lines drawn on a page; the sides of rectangles count, as borders are often drawn so."""
    across, down = [], []
    for x0, y0, x1, y1 in _strokes(page):
        left, right = sorted((x0 - crop[0], x1 - crop[0]))
        top, bottom = sorted((crop[3] - y0, crop[3] - y1))
        if bottom - top < THIN and right - left > SHORTEST:
            across.append(Rule((top + bottom) / 2, left, right))
        elif right - left < THIN and bottom - top > SHORTEST:
            down.append(Rule((left + right) / 2, top, bottom))
    return Ruling(tuple(across), tuple(down))


def tables(lines: Ruling) -> list[RuledTable]:
    """The ruled tables of a page: two rows and two columns or more, or one row of three columns."""
    found = []
    for across, down in _connected(lines):
        ys = _merged([rule.at for rule in across])
        xs = _merged([rule.at for rule in down] + [rule.start for rule in across] + [rule.end for rule in across])
        several_rows = len(ys) > 2 and len(xs) > 2
        one_row = len(ys) == 2 and len(xs) > 3 and ys[1] - ys[0] < ONE_ROW
        if several_rows or one_row:
            found.append(RuledTable(tuple(xs), tuple(ys), _owners(xs, ys, across, down)))
    return found


def _strokes(page: pypdfium2.PdfPage) -> Iterator[Box]:
    """The straight strokes of all paths, in the page's own coordinates."""
    for path in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=1):
        matrix = path.get_matrix()
        start = last = (0.0, 0.0)
        for at in range(pdfium.FPDFPath_CountSegments(path)):
            segment = pdfium.FPDFPath_GetPathSegment(path, at)
            x, y = c_float(), c_float()
            pdfium.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
            point = matrix.on_point(x.value, y.value)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                start = point
            elif kind == pdfium.FPDF_SEGMENT_LINETO:
                yield *last, *point
            last = point
            if pdfium.FPDFPathSegment_GetClose(segment):
                yield *last, *start
                last = start


def _merged(values: Iterable[float]) -> list[float]:
    """Ascending, of those that lie together the first."""
    made: list[float] = []
    for value in sorted(values):
        if not made or value - made[-1] > TOUCHING:
            made.append(value)
    return made


def _meet(across: Rule, down: Rule) -> bool:
    return across.start - TOUCHING < down.at < across.end + TOUCHING and down.start - TOUCHING < across.at < down.end + TOUCHING


def _connected(lines: Ruling) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of lines that meet one another, directly or through others."""
    across, down = list(lines.across), list(lines.down)
    groups = []
    while across:
        group_across, group_down, reached = [across.pop()], [], True
        while reached:
            new_down = [rule for rule in down if any(_meet(other, rule) for other in group_across)]
            down = [rule for rule in down if rule not in new_down]
            new_across = [rule for rule in across if any(_meet(rule, other) for other in new_down)]
            across = [rule for rule in across if rule not in new_across]
            group_down += new_down
            group_across += new_across
            reached = bool(new_down or new_across)
        groups.append((group_across, group_down))
    return groups


def _owners(xs: Sequence[float], ys: Sequence[float], across: Sequence[Rule], down: Sequence[Rule]) -> tuple[tuple[int, ...], ...]:
    """Number the cells; those with no line between them share a number."""
    width = len(xs) - 1
    owner = list(range(width * (len(ys) - 1)))

    def unite(a: int, b: int) -> None:
        low, high = sorted((owner[a], owner[b]))
        owner[:] = [low if number == high else number for number in owner]

    for row in range(len(ys) - 1):
        for column in range(width):
            x, y = (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2
            at = row * width + column
            if column and not _has(down, xs[column], y):
                unite(at - 1, at)
            if row and not _has(across, ys[row], x):
                unite(at - width, at)
    return tuple(tuple(owner[row * width:(row + 1) * width]) for row in range(len(ys) - 1))


def _has(rules: Sequence[Rule], at: float, along: float) -> bool:
    return any(abs(rule.at - at) <= TOUCHING and rule.start - THIN < along < rule.end + THIN for rule in rules)
