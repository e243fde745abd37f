"""The boxes of a quote: what stands on the page under them is the quote."""

import re

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.alignment import boxes, read_off
from corpus.facsimile import facsimile
from corpus.intake import take_in
from corpus.library import Library
from corpus.readers.characters import Character


class Original:
    """A file in a library, and what of it stands under boxes."""

    def __init__(self, home, path):
        library = Library(home)
        with library.write() as writer:
            take_in(writer, [path])
            generation = writer.generation
        self.snapshot = library.snapshot(generation)
        self.documents = self.snapshot.documents()
        self.path = self.snapshot.original(self.documents[0].id).path

    def boxes(self, document, start, end, number):
        return boxes(document, self.snapshot.raw_text(document.id), start, end, number, facsimile(self.path, number).characters)

    def under(self, document, start, end, number):
        """The characters whose middle lies in one of the boxes, by PDFium's own measure of them."""
        page = pypdfium2.PdfDocument(self.path)[number - 1]
        text, height = page.get_textpage(), page.get_height()
        placed = [(text.get_text_range(at, 1), text.get_charbox(at)) for at in range(text.count_chars())]
        return "".join(
            character for x0, top, x1, bottom in self.boxes(document, start, end, number) for character, (left, low, right, high) in placed
            if not character.isspace() and x0 <= (left + right) / 2 <= x1 and top <= height - (low + high) / 2 <= bottom)


@pytest.fixture
def original(tmp_path, pdf):
    """A function that makes a PDF, as ``pdf`` does, and takes it into a library."""

    def made(*pages):
        (tmp_path / "page.pdf").write_bytes(pdf(*pages))
        return Original(tmp_path / "home", tmp_path / "page.pdf")

    return made


def clauses(document):
    return [(found.start(), found.end()) for found in re.finditer(r"[^，。\s]+[，。]", document.text)]


def columns(pen, text, xs, y, width):
    size = width * -(-len(text) // (width * len(xs)))
    for at, x in enumerate(xs):
        pen.column(text[at * size:(at + 1) * size], x, y, width)


def test_every_clause_of_a_newspaper_page(original, prose):
    text = prose(0, 40)
    other = "，".join(reversed(text[:-1].split("，"))) + "。"  # the same clauses, elsewhere on the page

    def draw(pen):
        pen.write("老城更新记", 60, 80, 28)
        columns(pen, text, (60, 225, 390), 145, 17)
        pen.write("乡村夜校开课", 60, 440, 20)
        columns(pen, other, (60, 225, 390), 470, 17)

    found = original(draw)
    checked = [(document, span) for document in found.documents for span in clauses(document)]
    assert len(checked) == 80
    for document, (start, end) in checked:
        assert found.under(document, start, end, 1) == document.text[start:end]
    places = [found.boxes(document, *span, 1) for document, span in checked]
    assert len(set(places)) == 80


def test_columns_whose_lines_alternate_in_the_file(original, prose):
    left, right = prose(0, 15), prose(50, 15)

    def draw(pen):
        for line in range(12):
            pen.write(left[line * 20:line * 20 + 20], 60, 100 + 13 * line, 9)
            pen.write(right[line * 20:line * 20 + 20], 252, 100 + 13 * line, 9)

    found = original(draw)
    for document in found.documents:
        for start, end in clauses(document):
            assert found.under(document, start, end, 1) == document.text[start:end]


def test_the_cells_of_a_row_of_a_table_without_the_repeated_names_of_its_columns(original):
    rows = [["地区", "产值", "增速"], ["云溪", "1286", "7.3"], ["平川", "5127", "8.1"], ["白石", "9653", "6.4"]]

    def draw(pen):
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                pen.canvas.rect(60 + 100 * x, 842 - 120 - 24 * y, 100, 24)
                pen.write(cell, 70 + 100 * x, 112 + 24 * y)

    found = original(draw)
    document = found.documents[0]
    start = document.text.index("地区：平川")
    assert found.under(document, start, document.text.index("\n", start), 1) == "平川51278.1"
    start = document.text.index("5127")
    assert found.under(document, start, start + 4, 1) == "5127"


def test_bold_by_printing_twice(original, prose):
    def draw(pen):
        for shift in (0, .3):
            pen.write("全市生产总值完成一千亿元。", 60 + shift, 110)
        pen.write("年度报告", 60, 80, 24)
        pen.column(prose(0, 6), 60, 130, 30)

    found = original(draw)
    document = found.documents[0]
    start = document.text.index("生产总值")
    (box,) = found.boxes(document, start, start + 4, 1)
    assert box[2] - box[0] == pytest.approx(48, abs=1)


def test_a_quote_over_the_end_of_a_page(original, prose):
    text = prose(0, 90)
    found = original(lambda pen: pen.column(text[:1000], 60, 80, 25), lambda pen: pen.column(text[1000:], 60, 80, 25))
    document = found.documents[0]
    (edge,) = (start for number, start in document.pages if number == 2)
    start, end = next(span for span in clauses(document) if span[0] < edge < span[1])
    under = [found.under(document, start, end, number) for number in (1, 2)]
    assert "".join(under) == "".join(document.text[start:end].split())
    assert all(under)


def test_nothing_is_boxed_where_the_text_is_not(original, prose):
    found = original(lambda pen: pen.column(prose(0, 20), 60, 80, 25))
    document = found.documents[0]
    raw = found.snapshot.raw_text(document.id)
    other = [Character(letter, at, 0, at + 1, 1, 1, False) for at, letter in enumerate("完全是另外一张纸上的另外一些话")]
    assert boxes(document, raw, 10, 40, 1, other) == ()
    assert boxes(document, raw, 10, 40, 1, ()) == ()
    assert found.boxes(document, 10, 40, 1) != ()
    assert found.boxes(document, 40, 40, 1) == found.boxes(document, len(document.text), len(document.text) + 5, 1) == ()


@given(st.lists(st.text("甲乙丙丁", min_size=4, max_size=8), min_size=1, max_size=6), st.randoms())
def test_what_is_read_off_stands_there(lines, random):
    page = [Character(letter, x, y, x + 1, y + 1, 1, False) for y, line in enumerate(lines) for x, letter in enumerate(line)]
    assert read_off("".join(lines), page) == list(range(len(page)))
    random.shuffle(lines)
    text = "".join(line + "＃" for line in lines)
    found = read_off(text, page)
    assert all(place is None or page[place].text == letter for place, letter in zip(found, text, strict=True))
    assert len(found) == len(text)
