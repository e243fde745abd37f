"""Spreadsheets: each row becomes a line that repeats the names of its columns."""

import csv
import datetime
import io
import re
import warnings
import zipfile
from pathlib import PurePosixPath

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from corpus.document import RawText
from corpus.readers import archive, problems, table
from corpus.readers.reading import Problem, Reading
from corpus.readers.text import decode

MAX_CELLS = 20_000_000
UNSAVED_FORMULA = re.compile(rb"<f[ />](?:[^<]*</f>)?\s*(?:<v\s*/>|<v></v>)?\s*</c>")
DIALECTS = ",\t;|"


def read(name: str, data: bytes) -> Reading:
    """Read an .xlsx workbook. Every sheet with content is a section under its name, where there are several.

    Dates are written as ISO dates, percentages as percentages; formulas stand for their saved results.

    :raises DocumentError: ``file_corrupt``, ``file_too_large``, ``zip_bomb``.
    """
    archive.check_container(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of charts, rules and styles it does not carry over
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except (InvalidFileException, *archive.DAMAGE) as error:
        raise problems.corrupt(str(error)) from error
    sheets = [(sheet.title, _sheet_lines(sheet)) for sheet in book.worksheets]
    filled = [(title, lines) for title, lines in sheets if lines]
    headed = [[f"# {title}", *lines] if len(filled) > 1 else lines for title, lines in filled]
    text = "\n\n".join("\n".join(lines) for lines in headed)
    unsaved = _unsaved_formulas(data)
    left_out = (Problem(name, problems.unsaved_formulas(unsaved)),) if unsaved else ()
    return Reading((RawText(name, text, "sheet"),), left_out)


def read_delimited(name: str, data: bytes) -> Reading:
    """Read a .csv or .tsv file; the delimiter is found out.

    :raises DocumentError: ``wrong_type`` where the bytes are text in no known encoding.
    """
    text, flaw = decode(data)
    delimiter = "\t" if PurePosixPath(name).suffix.lower() == ".tsv" else _delimiter(text)
    limit = csv.field_size_limit(max(len(text), 1))
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    finally:
        csv.field_size_limit(limit)
    width = max(map(len, rows), default=0)
    lines = table.lines([row + [""] * (width - len(row)) for row in rows])
    flaws = (Problem(name, flaw),) if flaw else ()
    return Reading((RawText(name, "\n".join(lines), "sheet"),), flaws)


def _delimiter(text: str) -> str:
    """The candidate that divides the first lines most evenly: found in all of them, most often."""
    head = [line for line in text.split("\n")[:20] if line.strip()]
    return max(DIALECTS, key=lambda mark: (sum(mark in line for line in head), sum(line.count(mark) for line in head)))


def _sheet_lines(sheet: Worksheet) -> list[str]:
    if sheet.max_row * sheet.max_column > MAX_CELLS:
        raise problems.too_many_cells(sheet.max_row * sheet.max_column, MAX_CELLS)
    grid = [[_text(cell) for cell in row] for row in sheet.iter_rows()]
    spans = [[""] * len(row) for row in grid]
    for area in sheet.merged_cells.ranges:
        value = grid[area.min_row - 1][area.min_col - 1]
        for row in range(area.min_row - 1, min(area.max_row, len(grid))):
            for column in range(area.min_col - 1, min(area.max_col, len(grid[row]))):
                grid[row][column], spans[row][column] = value, area.coord
    return table.lines(grid, spans)


def _text(cell: Cell | MergedCell) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        percent = "%" in (cell.number_format or "")
        return _number(value * 100) + "%" if percent else _number(value)
    return str(value)


def _number(value: int | float) -> str:
    """A number without the noise of binary fractions: 15 digits are what a spreadsheet keeps."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.15g}"
    return f"{value:.0f}" if "e+" in text else text


def _unsaved_formulas(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        sheets = [part for part in container.namelist() if part.startswith("xl/worksheets/") and part.endswith(".xml")]
        return sum(len(UNSAVED_FORMULA.findall(container.read(part))) for part in sheets)
