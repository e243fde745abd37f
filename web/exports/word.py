"""Word, by python-docx."""

import io
import re

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import RGBColor

from web.exports.references import Reference
from web.viewer import Pieces

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LATIN, _CHINESE = "Times New Roman", "宋体"
_SOFT, _LINK = RGBColor(0x56, 0x60, 0x69), RGBColor(0x1F, 0x5F, 0xA8)
_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0


class Word:
    """A :class:`web.exports.transcript.Writer`."""

    def __init__(self) -> None:
        self._document = Document()
        for name in ("Normal", "Title", "Heading 1", "Quote"):
            self._dress(name)

    def title(self, text: str) -> None:
        self._document.core_properties.title = _plain(text)
        self._document.add_paragraph(_plain(text), "Title")

    def heading(self, text: str) -> None:
        self._document.add_paragraph(_plain(text), "Heading 1")

    def note(self, text: str) -> None:
        self._document.add_paragraph().add_run(_plain(text)).font.color.rgb = _SOFT

    def text(self, text: str) -> None:
        self._document.add_paragraph(_plain(text))

    def quote(self, pieces: Pieces, number: int) -> None:
        paragraph = self._document.add_paragraph(style="Quote")
        for text, marked in pieces:
            paragraph.add_run(_plain(text)).bold = marked
        paragraph.add_run(f"[{number}]").font.superscript = True

    def reference(self, reference: Reference) -> None:
        paragraph = self._document.add_paragraph(f"[{reference.number}] {_plain(reference.text)}. ")
        link = OxmlElement("w:hyperlink")  # which python-docx reads and does not write
        link.set(qn("r:id"), self._document.part.relate_to(reference.address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run = paragraph.add_run(reference.address)
        run.font.color.rgb = _LINK
        link.append(run._r)
        paragraph._p.append(link)

    def finish(self) -> bytes:
        file = io.BytesIO()
        self._document.save(file)
        return file.getvalue()

    def _dress(self, name: str) -> None:
        """Give a style fonts that have Chinese, in the place of the theme's."""
        style = self._document.styles[name]
        style.font.name = _LATIN
        style.font.italic = False  # Chinese is not slanted
        fonts = style.element.rPr.rFonts
        for attribute in filter(re.compile("[Tt]heme$").search, fonts.attrib.keys()):
            del fonts.attrib[attribute]
        fonts.set(qn("w:eastAsia"), _CHINESE)
        style.font.color.rgb = RGBColor(0, 0, 0)


def _plain(text: str) -> str:
    """A text without the characters that a Word file cannot hold."""
    return _FORBIDDEN.sub("", text)
