"""The picture of a page: what is printed on it is seen, and characters are where the picture shows them."""

import io

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from pypdfium2 import raw as pdfium

from corpus.errors import DocumentError
from corpus.facsimile import MAX_PIXELS, facsimile


@pytest.fixture
def stored(tmp_path):
    """A function that writes a PDF after changing its first page; gives its path."""

    def store(data, change=lambda page: None):
        document = pypdfium2.PdfDocument(data)
        change(document[0])
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.pdf"
        document.save(path)
        return path

    return store


def latin(pen):  # PDFium brings a font for it
    pen.canvas.setFont("Helvetica", 20)
    pen.canvas.drawString(100, 600, "GDP 1286.4")


def ink(page):
    """The box around everything dark in the picture, in points."""
    image = Image.open(io.BytesIO(page.image))
    rows, columns = np.nonzero(np.asarray(image.convert("L")) < 128)
    x, y = page.width / image.width, page.height / image.height
    return columns.min() * x, rows.min() * y, columns.max() * x, rows.max() * y


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (50, 300, 400, 800)])
def test_characters_are_where_the_picture_shows_them(pdf, stored, turn, crop):
    def change(page):
        page.set_rotation(turn)
        if crop:
            page.set_cropbox(*crop)

    page = facsimile(stored(pdf(latin), change), 1)
    assert "".join(character.text for character in page.characters) == "GDP1286.4"
    around = (min(c.x0 for c in page.characters), min(c.top for c in page.characters),
              max(c.x1 for c in page.characters), max(c.bottom for c in page.characters))
    assert around == pytest.approx(ink(page), abs=6)


def test_a_large_page_gives_no_larger_picture(pdf, stored):
    page = facsimile(stored(pdf(latin), lambda page: page.set_mediabox(0, 0, 12000, 9000)), 1)
    assert (page.width, page.height) == (12000, 9000)
    size = Image.open(io.BytesIO(page.image)).size
    assert size[0] * size[1] <= MAX_PIXELS * 1.01


def test_pages_are_told_apart_and_counted(pdf, stored):
    path = stored(pdf(latin, lambda pen: pen.write("第二页", 60, 80)))
    assert [(page.number, page.pages) for page in (facsimile(path, 1), facsimile(path, 2))] == [(1, 2), (2, 2)]
    assert [character.text for character in facsimile(path, 2).characters] == ["第", "二", "页"]
    for number in (0, 3):
        with pytest.raises(DocumentError) as caught:
            facsimile(path, number)
        assert caught.value.code == "no_such_page"


def test_what_cannot_be_shown_says_so(tmp_path, pdf, monkeypatch):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(DocumentError) as caught:
        facsimile(tmp_path / "broken.pdf", 1)
    assert caught.value.code == "file_corrupt"
    (tmp_path / "whole.pdf").write_bytes(pdf(latin))
    monkeypatch.setattr(pdfium, "FPDF_LoadPage", lambda *_: None)  # what PDFium gives for a damaged page
    with pytest.raises(DocumentError) as caught:
        facsimile(tmp_path / "whole.pdf", 1)
    assert caught.value.code == "page_unreadable"
