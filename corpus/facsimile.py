"""The picture of a page as it was printed, and where its characters stand on it."""

import io
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from pathlib import Path

import pypdfium2
from PIL import Image

from corpus.readers import characters, pdf, problems
from corpus.readers.characters import Character

SCALE = 2.0  # pixels to the point
MAX_PIXELS = 4_000_000  # of a picture; larger pages are drawn smaller
KEPT = 16  # pages, of a megabyte or two
WEBP = {"quality": 75, "method": 2}  # higher methods take twice as long and save a fiftieth


@dataclass(frozen=True, slots=True)
class Facsimile:
    """One page.

    :ivar pages: how many pages the file has.
    :ivar image: WebP of the whole page.
    :ivar width: of the page in points; the picture has more pixels.
    :ivar characters: in points from the page's top left corner, in the order of the file; none on a scanned page.
    """

    number: int
    pages: int
    image: bytes
    width: float
    height: float
    characters: tuple[Character, ...]


@lru_cache(KEPT)
def facsimile(path: Path, number: int) -> Facsimile:
    """A page of a PDF.

    :param path: of a file that never changes, as originals do not.
    :param number: from 1.
    :raises DocumentError: ``no_such_page``, ``page_unreadable``, or the file cannot be opened.
    """
    with pdf.opened(path) as document:
        if not 1 <= number <= len(document):
            raise problems.no_such_page(number, len(document))
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError as error:
            raise problems.unreadable_page(number) from error
        try:
            return Facsimile(number, len(document), _webp(_drawn(page, number)), *page.get_size(), characters.placed(page))
        finally:
            page.close()


def _drawn(page: pypdfium2.PdfPage, number: int) -> Image.Image:
    width, height = page.get_size()
    if not width * height:
        raise problems.unreadable_page(number)
    try:
        return page.render(scale=min(SCALE, sqrt(MAX_PIXELS / (width * height)))).to_pil()
    except pypdfium2.PdfiumError as error:
        raise problems.unreadable_page(number) from error


def _webp(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "WEBP", **WEBP)
    return buffer.getvalue()
