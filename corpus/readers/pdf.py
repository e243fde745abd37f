"""PDF: text by its place on the page, columns in reading order, repeated page furniture left out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import pypdfium2
from pypdfium2 import raw as pdfium

from corpus.document import RawText
from corpus.errors import DocumentError
from corpus.readers import characters, furniture, pagetext, problems, scan
from corpus.readers.reading import Problem, Reading
from corpus.readers.runs import Page

PAGE_TAIL = 2048  # bytes at the end in which a whole file says where its index is
POINTS = 72  # to the inch
SCAN_DPI = 200
VISIBLE = 40  # of 255 shades

_turn = Lock()


def read(name: str, data: bytes) -> Reading:
    """Read a PDF. Pages begin at the offsets in ``pages``; lines set larger than the text are ``#`` headings.

    Scanned pages go through character recognition where it is installed and are problems otherwise.

    :raises DocumentError: ``file_encrypted``, ``file_corrupt``; ``scanned`` or ``unreadable_image`` where no page has text.
    """
    with opened(data) as document:
        pages, unread = _pages(document)
    if unread and not pages:
        raise _unread(None)
    text, starts = pagetext.written(furniture.without(pages))
    failures = [Problem(name, _unread(unread))] if unread else []
    if b"startxref" not in data[-PAGE_TAIL:]:
        failures.append(Problem(name, problems.truncated()))
    return Reading((RawText(name, text, "pdf", starts),), tuple(failures))


@contextmanager
def opened(source: bytes | Path) -> Iterator[pypdfium2.PdfDocument]:
    """An open PDF. PDFium serves one thread at a time, so other threads wait for their turn.

    :raises DocumentError: ``file_encrypted``, ``file_corrupt``.
    """
    with _turn:
        try:
            document = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError as error:
            raise _refusal(error) from error
        try:
            yield document
        finally:
            document.close()


def _refusal(error: pypdfium2.PdfiumError) -> DocumentError:
    locked = error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
    return problems.encrypted() if locked else problems.corrupt(str(error))


def _unread(pages: list[int] | None) -> DocumentError:
    return problems.unreadable_image(pages) if scan.is_installed() else problems.scanned(pages)


def _pages(document: pypdfium2.PdfDocument) -> tuple[list[Page], list[int]]:
    """The pages that hold text, and the numbers of those that show something but gave none."""
    pages, unread = [], []
    for number in range(1, len(document) + 1):
        found = _page(document, number)
        if found is None:
            unread.append(number)
        else:
            pages += found
    return pages, unread


def _page(document: pypdfium2.PdfDocument, number: int) -> list[Page] | None:
    """The text of one page, upright; empty for a blank page, None for one that cannot be read."""
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return None
    try:
        found = characters.views(page, number)
        if found or _is_blank(page):
            return found
        runs = scan.recognize(page.render(scale=SCAN_DPI / POINTS).to_pil(), POINTS / SCAN_DPI) if scan.is_installed() else ()
        return [Page(number, page.get_height(), runs)] if runs else None
    finally:
        page.close()


def _is_blank(page: pypdfium2.PdfPage) -> bool:
    """Whether nothing but the paper would be seen; a small rendering tells, whatever the page is made of."""
    shades = page.render(scale=0.3, grayscale=True).to_numpy()
    return int(shades.max()) - int(shades.min()) < VISIBLE
