"""A Word file holds what was said, whatever that is."""

import io

from docx import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from web.exports.references import Reference
from web.exports.word import Word


def read(writer):
    return Document(io.BytesIO(writer.finish()))


def test_a_quote_is_marked_and_numbered():
    writer = Word()
    writer.quote((("2021年完成", False), ("1286.4亿元", True), ("。\n增长7.3%。", False)), 2)
    [paragraph] = read(writer).paragraphs
    assert paragraph.text == "2021年完成1286.4亿元。\n增长7.3%。[2]"
    assert [run.text for run in paragraph.runs if run.bold] == ["1286.4亿元"]
    assert [run.text for run in paragraph.runs if run.font.superscript] == ["[2]"]


def test_a_reference_can_be_clicked():
    writer = Word()
    writer.reference(Reference(1, "云溪市人民政府. 报告[Z/OL]. 2022[2026-05-01]", "https://qa.example/reports/a?start=0&end=2"))
    [paragraph] = read(writer).paragraphs
    assert paragraph.text == "[1] 云溪市人民政府. 报告[Z/OL]. 2022[2026-05-01]. https://qa.example/reports/a?start=0&end=2"
    assert [link.address for link in paragraph.hyperlinks] == ["https://qa.example/reports/a?start=0&end=2"]


def test_styles_have_fonts_with_chinese():
    styles = read(Word()).styles
    for name in ("Normal", "Title", "Heading 1", "Quote"):
        fonts = styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "宋体"
        assert not [attribute for attribute in fonts.attrib if "heme" in attribute]


@given(st.text())
def test_any_text_can_be_written(text):
    writer = Word()
    for write in (writer.title, writer.heading, writer.note, writer.text):
        write(text)
    writer.quote(((text, True),), 1)
    written = read(writer).paragraphs
    kept = "".join(c for c in text if c.isprintable())
    assert all(kept in "".join(c for c in paragraph.text if c.isprintable()) for paragraph in written)
