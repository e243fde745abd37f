import io
from collections.abc import Callable

import pypdfium2
import pytest

from corpus import readers
from corpus.errors import DocumentError
from corpus.readers import scan

pytestmark = pytest.mark.skipif(not scan.is_installed(), reason="needs the ocr extra")

LEFT = ("THE BUDGET OF THE CITY GREW BY", "A TENTH AND WAS SPENT ON ROADS", "AND BRIDGES IN THE OLD DISTRICT")
RIGHT = ("THE PORT SHIPPED MORE GOODS IN", "2021 THAN IN ANY YEAR BEFORE IT", "WITH GRAIN AND TIMBER FIRST")


def drawn(pen) -> None:
    for x, words in ((60, LEFT), (320, RIGHT)):
        for line, text in enumerate(words):
            pen.canvas.setFont("Helvetica", 12)
            pen.canvas.drawString(x, 700 - 22 * line, text)


def image(data: bytes, kind: str) -> bytes:
    buffer = io.BytesIO()
    pypdfium2.PdfDocument(data)[0].render(scale=2).to_pil().save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "PDF"])
def test_columns_of_a_scan_are_read_one_after_the_other(pdf: Callable[..., bytes], kind: str):
    reading = readers.read(f"scan.{kind.lower()}", image(pdf(drawn), kind))
    assert reading.problems == ()
    raw = reading.texts[0]
    assert raw.pages == ((1, 0),)
    assert "".join(raw.text.split()) == "".join((*LEFT, *RIGHT)).replace(" ", "")


def test_an_image_without_text_and_a_torn_one_are_refused(pdf: Callable[..., bytes]):
    blank = image(pdf(lambda pen: None), "PNG")
    for data, code in ((blank, "unreadable_image"), (image(pdf(drawn), "PNG")[:2000], "file_corrupt")):
        with pytest.raises(DocumentError) as caught:
            readers.read("a.png", data)
        assert caught.value.code == code
