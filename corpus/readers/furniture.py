"""Running headers, footers and page numbers: the rows at page edges that repeat from page to page."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from corpus.readers.runs import Page, Run, rows

EDGE = 0.09  # of the page's height, at its top and at its bottom
EDGE_ROWS = 3
FEW_PAGES = 5  # up to which two pages with the same row are a repetition; beyond, it takes three
NUMBER = re.compile(r"\d+")


def without(pages: Sequence[Page]) -> list[Page]:
    """The pages without their running headers, footers and page numbers."""
    seen = Counter(key for number in {page.number for page in pages} for key in
                   {key for page in pages if page.number == number for row in _edge_rows(page) for key in _keys(page, row)})
    enough = 2 if len({page.number for page in pages}) <= FEW_PAGES else 3
    repeated = {key for key, count in seen.items() if count >= enough}
    return [_stripped(page, repeated) for page in pages]


def _stripped(page: Page, repeated: set[str]) -> Page:
    gone = {id(run) for row in _edge_rows(page) if repeated & _keys(page, row) for run in row}
    return replace(page, runs=tuple(run for run in page.runs if id(run) not in gone))


def _edge_rows(page: Page) -> list[list[Run]]:
    found = rows(page.runs)
    top = [row for row in found[:EDGE_ROWS] if row[0].middle < EDGE * page.height]
    bottom = [row for row in found[-EDGE_ROWS:] if row[0].middle > (1 - EDGE) * page.height]
    return top + bottom


def _keys(page: Page, row: Sequence[Run]) -> set[str]:
    """What repeats: the row as it stands, or with one of its numbers counting along with the pages."""
    edge = "top" if row[0].middle < page.height / 2 else "bottom"
    text = "".join("".join(run.text for run in row).split())
    counted = {f"{text[:at.start()]}<page{int(at[0]) - page.number:+}>{text[at.end():]}" for at in NUMBER.finditer(text)}
    return {f"{edge} {key}" for key in {text} | counted}
