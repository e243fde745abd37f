import io
import re

import pypdfium2
import pytest

from corpus import readers
from corpus.errors import DocumentError
from corpus.readers import scan


def read(data):
    reading = readers.read("page.pdf", data)
    assert reading.problems == ()
    return reading.texts[0]


def columns(pen, text, xs, y, width, **style):
    size = width * -(-len(text) // (width * len(xs)))
    for at, x in enumerate(xs):
        pen.column(text[at * size:(at + 1) * size], x, y, width, **style)


def picture(data: bytes) -> bytes:
    """The first page of a PDF as a PDF that holds only its picture."""
    image = pypdfium2.PdfDocument(data)[0].render(scale=1).to_pil()
    buffer = io.BytesIO()
    image.save(buffer, "PDF")
    return buffer.getvalue()


def joined(*files: bytes) -> bytes:
    target = pypdfium2.PdfDocument.new()
    for data in files:
        target.import_pages(pypdfium2.PdfDocument(data))
    buffer = io.BytesIO()
    target.save(buffer)
    return buffer.getvalue()


def test_a_newspaper_page_is_read_column_by_column_and_article_by_article(pdf, prose, numbers):
    def draw(pen):
        pen.write("老城更新记", 60, 80, 28)
        pen.write("——市区背街小巷改造侧记", 60, 110, 14)
        columns(pen, prose(0, 40), (60, 225, 390), 145, 17)
        pen.write("乡村夜校开课", 60, 440, 20)
        columns(pen, prose(100, 24), (60, 225), 470, 17)
        columns(pen, prose(200, 8), (390,), 470, 10)

    text = read(pdf(draw)).text
    assert numbers(text) == [*range(40), *range(100, 124), *range(200, 208)]
    assert re.findall("^#.*", text, re.MULTILINE) == ["# 老城更新记", "## ——市区背街小巷改造侧记", "# 乡村夜校开课"]
    flat = "".join(text.split())
    assert flat.index("老城更新记") < flat.index("（000）") < flat.index("乡村夜校开课") < flat.index("（100）")


def test_columns_whose_lines_alternate_in_the_file_are_told_apart(pdf, prose, numbers):
    left, right = prose(0, 15), prose(50, 15)

    def draw(pen):
        for line in range(12):
            pen.write(left[line * 20:line * 20 + 20], 60, 100 + 13 * line, 9)
            pen.write(right[line * 20:line * 20 + 20], 252, 100 + 13 * line, 9)

    found = numbers(read(pdf(draw)).text)
    assert found == sorted(found)
    assert {0, 50} <= set(found)


def test_a_headline_over_two_of_three_columns_stays_with_them(pdf, prose, numbers):
    def draw(pen):
        pen.write("两栏之上的标题", 60, 80, 24)
        columns(pen, prose(0, 30), (60, 225), 115, 17)
        columns(pen, prose(100, 20), (390,), 75, 17)

    assert numbers(read(pdf(draw)).text) == [*range(30), *range(100, 120)]


@pytest.mark.parametrize("leading", [18, 24, 30])
def test_one_column_keeps_paragraphs_whatever_the_line_spacing(pdf, prose, numbers, leading):
    def draw(pen):
        pen.write("关于做好春耕备耕工作的通知", 150, 80, 20)
        y = 120
        for start in (0, 6, 12):
            y = pen.column("　　" + prose(start, 6), 72, y, 34, 13, leading)

    text = read(pdf(draw)).text
    assert text.startswith("# 关于做好春耕备耕工作的通知\n\n")
    assert numbers(text) == list(range(18))
    assert [line[:2] == "　　" for line in text.split("\n") if re.search("（0(00|06|12)）", line)] == [True] * 3
    assert "\n\n" not in text.split("\n\n", 1)[1]


def test_running_heads_and_page_numbers_go_and_pages_are_known(pdf, prose, numbers):
    def page(number):
        def draw(pen):
            pen.write("云溪市统计年鉴", 250, 40, 9)
            pen.column(prose(number * 10, 8), 72, 100, 34, 12, 20)
            pen.write(f"第 {number} 页 共 3 页", 270, 810, 9)
        return draw

    raw = read(pdf(*map(page, (1, 2, 3))))
    assert "年鉴" not in raw.text
    assert "页" not in raw.text
    assert numbers(raw.text) == [*range(10, 18), *range(20, 28), *range(30, 38)]
    assert [number for number, _ in raw.pages] == [1, 2, 3]
    for number, offset in raw.pages:
        assert numbers(raw.text[offset:])[0] == number * 10


def test_lines_at_the_edge_that_do_not_repeat_stay(pdf):
    first, second = (lambda pen: pen.write("二〇二二年度决算说明", 72, 40)), (lambda pen: pen.write("各部门决算情况汇总", 72, 40))
    assert read(pdf(first, second)).text.split() == ["二〇二二年度决算说明", "各部门决算情况汇总"]


def test_a_table_without_lines_gives_one_line_a_row(pdf, prose):
    table = (("指标", "单位", "2020年", "2021年"), ("生产总值", "亿元", "512.3", "560.8"), ("财政收入", "亿元", "48.1", "52.0"))

    def draw(pen):
        pen.column(prose(0, 6), 72, 80, 34, 12, 20)
        for row, cells in enumerate(table):
            for column, cell in enumerate(cells):
                pen.write(cell, 72 + 110 * column, 180 + 20 * row)
        pen.column(prose(10, 6), 72, 270, 34, 12, 20)

    blocks = read(pdf(draw)).text.split("\n\n")
    assert blocks[1].split("\n") == [
        "指标：生产总值；单位：亿元；2020年：512.3；2021年：560.8", "指标：财政收入；单位：亿元；2020年：48.1；2021年：52.0",
    ]


def test_a_ruled_table_joins_the_lines_of_a_cell_and_goes_on_over_the_page(pdf):
    xs, names = (72, 110, 300, 420), ("序号", "任务", "牵头单位")

    def ruled(pen, top, rows):
        ys = [top + 40 * row for row in range(len(rows) + 1)]
        pen.canvas.grid(xs, [842 - y for y in ys])
        for y, row in zip(ys, rows, strict=False):
            for x, cell in zip(xs, row, strict=False):
                pen.column(cell, x + 4, y + 14, 10, 10, 14)

    first = [names, ("1", "新建社区卫生服务中心两所", "市卫生健康委员会"), ("2", "开通通勤班车", "市交通运输局")]
    second = [("3", "提升改造农贸市场十二处", "市商务局")]
    text = read(pdf(lambda pen: ruled(pen, 600, first), lambda pen: ruled(pen, 80, second))).text
    assert text.split() == [
        "序号：1；任务：新建社区卫生服务中心两所；牵头单位：市卫生健康委员会",
        "序号：2；任务：开通通勤班车；牵头单位：市交通运输局",
        "序号：3；任务：提升改造农贸市场十二处；牵头单位：市商务局",
    ]


def test_bold_by_overprinting_is_read_once_and_watermarks_not_at_all(pdf):
    def draw(pen):
        pen.write("关于重点项目的通报", 72, 100)
        pen.write("关于重点项目的通报", 72.4, 100)
        pen.canvas.translate(300, 400)
        pen.canvas.rotate(45)
        pen.canvas.drawString(0, 0, "内部资料")

    assert read(pdf(draw)).text == "关于重点项目的通报"


def test_a_sideways_page_is_turned(pdf, prose, numbers):
    def draw(pen):
        pen.canvas.translate(0, 842)
        pen.canvas.rotate(-90)
        pen.canvas.translate(0, -842 + 595)
        pen.column(prose(0, 12), 60, 300, 40, 12, 20)

    assert numbers(read(pdf(draw)).text) == list(range(12))


def test_scanned_pages_among_others_are_problems_and_the_text_stays(pdf, prose, numbers, monkeypatch):
    monkeypatch.setattr(scan, "is_installed", lambda: False)
    page = pdf(lambda pen: pen.column(prose(0, 8), 72, 100, 34, 12, 20))
    reading = readers.read("a.pdf", joined(page, picture(page), page))
    assert numbers(reading.texts[0].text) == [*range(8), *range(8)]
    assert [number for number, _ in reading.texts[0].pages] == [1, 3]
    assert [(problem.name, problem.error.code, problem.error.detail) for problem in reading.problems] == [
        ("a.pdf", "scanned", {"pages": [2]}),
    ]


def test_a_scan_is_not_indexed_empty(pdf, monkeypatch):
    monkeypatch.setattr(scan, "is_installed", lambda: False)
    data = picture(pdf(lambda pen: pen.write("只有图像", 72, 100)))
    with pytest.raises(DocumentError, match="ocr") as caught:
        readers.read("scan.pdf", data)
    assert caught.value.code == "scanned"


def test_blank_pages_are_no_problem_and_a_blank_file_is_empty(pdf):
    assert read(pdf(lambda pen: None, lambda pen: pen.write("第二页才有字", 72, 100))).pages == ((2, 0),)
    with pytest.raises(DocumentError) as caught:
        readers.read("blank.pdf", pdf(lambda pen: None))
    assert caught.value.code == "file_empty"


def test_password_damage_and_a_torn_end_are_said(pdf, prose):
    def draw(pen):
        pen.column(prose(0, 8), 72, 100, 34, 12, 20)

    with pytest.raises(DocumentError) as caught:
        readers.read("a.pdf", pdf(draw, password="secret"))
    assert caught.value.code == "file_encrypted"
    with pytest.raises(DocumentError) as caught:
        readers.read("a.pdf", b"%PDF-1.7\n" + b"junk " * 300)
    assert caught.value.code == "file_corrupt"
    whole = pdf(draw)
    torn = readers.read("a.pdf", whole[:whole.index(b"startxref")])
    assert [problem.error.code for problem in torn.problems] == ["file_truncated"]
    with pytest.raises(DocumentError) as caught:
        readers.read("a.pdf", whole[:len(whole) // 3])
    assert caught.value.code == "file_corrupt"
