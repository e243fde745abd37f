"""Word documents: headings, paragraphs and tables in the order in which they stand."""

import io
import re
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.opc.exceptions import OpcError
from docx.oxml.exceptions import XmlchemyError
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from corpus.document import RawText
from corpus.readers import archive, problems, table
from corpus.readers.numbering import Numbering
from corpus.readers.reading import Reading

STYLED_HEADING = re.compile(r"(?:heading|标题)\s*(\d)", re.IGNORECASE)
CONTENTS_STYLE = re.compile(r"toc\s*\d|目录\s*\d", re.IGNORECASE)
TITLE_STYLES = ("title", "标题")
MAX_LEVEL = 6
LONGEST_HEADING = 120  # characters; a longer "heading" is body text in a heading's dress
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # repeats a text box for old readers
MARKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
MOVED_AWAY = (qn("w:moveFrom"), qn("w:del"))


def read(name: str, data: bytes) -> Reading:
    """Read a .docx document. Headings are known by style or outline level and become ``#`` lines; automatic numbers
    (``一、``, ``第三条``) are written out; of tracked changes the accepted state is read.

    :raises DocumentError: ``file_corrupt``, ``zip_bomb``; ``scanned`` where it holds pictures and no text.
    """
    archive.check_container(data)
    try:
        document = docx.Document(io.BytesIO(data))
        body, _ = document.element.body, document.styles  # both are looked up only now
        numbering = Numbering(document)
    except (OpcError, XmlchemyError, *archive.DAMAGE) as error:
        raise problems.corrupt(str(error)) from error
    try:
        blocks = [block for block in _blocks(body, document, numbering) if block.strip()]
    except (XmlchemyError, ValueError, KeyError) as error:
        raise problems.corrupt(str(error)) from error
    pictures = any(part.partname.startswith("/word/media/") for part in document.part.package.iter_parts())
    if not blocks and pictures:
        raise problems.scanned()
    return Reading((RawText(name, "\n\n".join(blocks), "docx"),))


def _blocks(parent: BaseOxmlElement, owner: Document | _Cell, numbering: Numbering) -> Iterator[str]:
    """The blocks under an element, those in content controls (a cover, a form field) included."""
    for element in parent.iterchildren(qn("w:p"), qn("w:tbl"), qn("w:sdt")):
        if element.tag == qn("w:tbl"):
            yield "\n".join(_table_lines(Table(element, owner), numbering))
        elif element.tag == qn("w:sdt"):
            content = element.find(qn("w:sdtContent"))
            if content is not None:
                yield from _blocks(content, owner, numbering)
        else:
            yield _paragraph(Paragraph(element, owner), numbering)
            for box in element.iter(qn("w:txbxContent")):
                if next(box.iterancestors(FALLBACK), None) is None and _owning_paragraph(box) is element:
                    yield from _blocks(box, owner, numbering)


def _paragraph(paragraph: Paragraph, numbering: Numbering) -> str:
    label = numbering.label(paragraph)
    text = paragraph_text(paragraph).strip()
    style = paragraph.style
    if not text or (style is not None and CONTENTS_STYLE.match(style.name or "")):
        return ""
    level = heading_level(paragraph)
    if not level or len(text) > LONGEST_HEADING:
        return label + text
    return f"{'#' * level} {label}{text.replace(chr(10), ' ')}"


def paragraph_text(paragraph: Paragraph) -> str:
    """A paragraph's own text, without that of the text boxes anchored in it."""
    parts = []
    for node in paragraph._p.iter(qn("w:t"), *MARKS):
        in_tab_stops = node.getparent().tag == qn("w:tabs")
        gone = next(node.iterancestors(*MOVED_AWAY), None) is not None
        if not in_tab_stops and not gone and _owning_paragraph(node) is paragraph._p:
            parts.append(MARKS.get(node.tag, node.text or ""))
    return "".join(parts)


def heading_level(paragraph: Paragraph) -> int | None:
    """The level of a heading from 1, by the paragraph's own outline level or by its style and those it is based on."""
    properties, style = paragraph._p.pPr, paragraph.style
    while True:
        outline = properties.find(qn("w:outlineLvl")) if properties is not None else None
        if outline is not None:
            value = int(outline.get(qn("w:val")))
            return value + 1 if value < MAX_LEVEL else None
        if style is None:
            return None
        if (style.name or "").lower() in TITLE_STYLES:
            return 1
        if styled := STYLED_HEADING.match(style.name or ""):
            return min(int(styled[1]), MAX_LEVEL) or None
        properties, style = style.element.pPr, style.base_style


def _owning_paragraph(node: BaseOxmlElement) -> BaseOxmlElement | None:
    return next(node.iterancestors(qn("w:p")), None)


def _table_lines(item: Table, numbering: Numbering) -> list[str]:
    grid, spans, marked = [], [], 0
    texts: dict[BaseOxmlElement, str] = {}
    for at, row in enumerate(item.rows):
        for cell in row.cells:
            if cell._tc not in texts:
                texts[cell._tc] = "\n".join(filter(str.strip, _blocks(cell._tc, cell, numbering)))
        grid.append([texts[cell._tc] for cell in row.cells])
        spans.append([_span(cell) for cell in row.cells])
        properties = row._tr.trPr
        is_header = properties is not None and properties.find(qn("w:tblHeader")) is not None
        marked += is_header and marked == at
    width = max(map(len, grid), default=0)
    if width < 2:  # a frame around running text
        return [line for row in grid for cell in row for line in cell.split("\n")]
    grid = [row + [""] * (width - len(row)) for row in grid]
    spans = [row + [""] * (width - len(row)) for row in spans]
    return table.lines(grid, spans, marked or None)


def _span(cell: _Cell) -> str:
    """A name for a merged cell, the same at each place it covers; nothing for an ordinary cell."""
    merged = cell.grid_span > 1 or cell._tc.vMerge is not None
    return str(id(cell._tc)) if merged else ""
