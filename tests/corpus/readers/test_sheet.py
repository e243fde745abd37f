import datetime
import io

import openpyxl
import pytest

from corpus import readers
from corpus.errors import DocumentError
from corpus.readers import sheet as sheets


def saved(book) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def only(name, data):
    reading = readers.read(name, data)
    assert reading.problems == ()
    assert reading.texts[0].format == "sheet"
    return reading.texts[0].text


def test_each_row_repeats_the_names_of_its_columns():
    book = openpyxl.Workbook()
    for row in (("项目", "投资", "占比", "开工"), ("东环路", 1.1 + 2.2, 0.256, datetime.date(2021, 3, 5)), ("西环路", 4, None, "待定")):
        book.active.append(row)
    book.active["C2"].number_format = "0.0%"
    assert only("a.xlsx", saved(book)).split("\n") == [
        "项目：东环路；投资：3.3；占比：25.6%；开工：2021-03-05", "项目：西环路；投资：4；开工：待定",
    ]


def test_captions_and_merged_header_cells():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("2021年用水统计", None, None), ("县区", "用水量", None), (None, "工业", "农业"), ("东县", 1.5, 2.5), ("西县", 0.5, 3.5)):
        sheet.append(row)
    for area in ("A1:C1", "A2:A3", "B2:C2"):
        sheet.merge_cells(area)
    assert only("a.xlsx", saved(book)).split("\n") == [
        "2021年用水统计", "县区：东县；用水量/工业：1.5；用水量/农业：2.5", "县区：西县；用水量/工业：0.5；用水量/农业：3.5",
    ]


def test_several_sheets_are_sections_and_empty_ones_are_left_out():
    book = openpyxl.Workbook()
    book.active.title = "收入"
    for name, rows in (("收入", [("科目", "金额"), ("税收", 10)]), ("空表", []), ("支出", [("科目", "金额"), ("教育", 7)])):
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    assert only("a.xlsx", saved(book)) == "# 收入\n科目：税收；金额：10\n\n# 支出\n科目：教育；金额：7"


def test_formulas_without_results_are_reported():
    book = openpyxl.Workbook()
    for row in (("科目", "金额"), ("税收", 10), ("合计", "=SUM(B2:B2)")):
        book.active.append(row)
    reading = readers.read("a.xlsx", saved(book))
    assert reading.texts[0].text == "科目：税收；金额：10\n科目：合计"
    assert [(problem.error.code, problem.error.detail) for problem in reading.problems] == [("unsaved_formulas", {"count": 1})]


@pytest.mark.parametrize(("name", "delimiter", "encoding"), [("a.csv", ",", "gbk"), ("a.csv", ";", "utf-8-sig"), ("a.tsv", "\t", "utf-8")])
def test_delimited_text(name, delimiter, encoding):
    rows = [["单位", "电话"], ["市档案馆", '"0371-1234\n转8"'], ["市图书馆", "0371-5678"]]
    data = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    assert only(name, data).split("\n") == ["单位：市档案馆；电话：0371-1234 转8", "单位：市图书馆；电话：0371-5678"]


def test_rows_without_a_header_stay_rows():
    assert only("a.csv", "东县,12.5\n西县,13.1\n".encode()) == "东县；12.5\n西县；13.1"


def test_a_sheet_of_too_many_cells_is_refused_in_cells(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_CELLS", 5)
    book = openpyxl.Workbook()
    for row in (("镇", "人口"), ("东镇", 1), ("西镇", 2)):
        book.active.append(row)
    with pytest.raises(DocumentError, match="6 cells, more than the limit of 5") as caught:
        readers.read("a.xlsx", saved(book))
    assert caught.value.code == "file_too_large"
