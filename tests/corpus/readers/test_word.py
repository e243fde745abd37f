import io

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image

from corpus import readers
from corpus.errors import DocumentError
from corpus.readers import numbering


def saved(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def text(document) -> str:
    reading = readers.read("a.docx", saved(document))
    assert reading.problems == ()
    assert reading.texts[0].format == "docx"
    return reading.texts[0].text


def test_headings_paragraphs_and_tables_stand_in_their_order():
    document = docx.Document()
    document.add_heading("云溪市水利年报", 0)
    document.add_heading("一、概况", 1)
    document.add_paragraph("全年降水偏多。")
    table = document.add_table(3, 3)
    for row, cells in zip(table.rows, (("水库", "蓄水量", "同比"), ("东湖", "3.2亿方", "5%"), ("西湖", "1.1亿方", "-2%")), strict=True):
        for cell, value in zip(row.cells, cells, strict=True):
            cell.text = value
    document.add_heading("（一）防汛", 2)
    document.add_paragraph("堤防完好。")
    assert text(document).split("\n\n") == [
        "# 云溪市水利年报", "# 一、概况", "全年降水偏多。", "水库：东湖；蓄水量：3.2亿方；同比：5%\n水库：西湖；蓄水量：1.1亿方；同比：-2%",
        "## （一）防汛", "堤防完好。",
    ]


def test_a_heading_is_known_by_outline_level_and_by_a_style_based_on_a_heading():
    document = docx.Document()
    own = document.styles.add_style("章节", WD_STYLE_TYPE.PARAGRAPH)
    own.base_style = document.styles["Heading 2"]
    document.add_paragraph("沿用样式", own)
    paragraph = document.add_paragraph("自带大纲级别")
    paragraph._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="0"/>'))
    document.add_paragraph("正文。")
    assert text(document).split("\n\n") == ["## 沿用样式", "# 自带大纲级别", "正文。"]


def test_merged_header_cells_name_every_column_under_them():
    document = docx.Document()
    table = document.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "行业"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "用电量"
    for cell, value in zip((*table.rows[1].cells[1:], *table.rows[2].cells), ("2020年", "2021年", "制造业", "5.1", "5.6"), strict=True):
        cell.text = value
    assert text(document) == "行业：制造业；用电量/2020年：5.1；用电量/2021年：5.6"


NUMBERED = f"""<w:abstractNum {nsdecls("w")} w:abstractNumId="90"><w:lvl w:ilvl="0"><w:start w:val="1"/>
<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/>
<w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>"""


def test_automatic_numbers_are_written_out():
    document = docx.Document()
    element = document.part.numbering_part.element
    element.insert(0, parse_xml(NUMBERED))
    element.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for level, words in ((0, "目标"), (1, "总量"), (1, "结构"), (0, "措施"), (1, "资金")):
        paragraph = document.add_paragraph(words)
        properties = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>'
        paragraph._p.get_or_add_pPr().append(parse_xml(properties))
    assert text(document).split("\n\n") == ["一、目标", "1.总量", "2.结构", "二、措施", "1.资金"]


@pytest.mark.parametrize(("number", "words"), [
    (1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (103, "一百零三"), (110, "一百一十"), (2005, "二千零五"),
])
def test_numbers_are_counted_as_headings_count_them(number, words):
    assert numbering.formatted(number, "chineseCounting") == words


def test_other_number_formats():
    styles = ("upperRoman", "lowerLetter", "decimalEnclosedCircle", "decimalZero", "ideographDigital", "cardinalText")
    assert [numbering.formatted(14, style) for style in styles] == ["XIV", "n", "⑭", "14", "一四", "14"]


def test_content_controls_are_read_and_deleted_text_and_contents_are_not():
    document = docx.Document()
    control = f'<w:sdt {nsdecls("w")}><w:sdtContent><w:p><w:r><w:t>控件中的文字</w:t></w:r></w:p></w:sdtContent></w:sdt>'
    document.element.body.insert(0, parse_xml(control))
    contents = document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("一、概况\t1", contents)
    paragraph = document.add_paragraph("保留")
    changes = '<w:del {0}><w:r><w:delText>删去</w:delText></w:r></w:del>', '<w:ins {0}><w:r><w:t>加入</w:t></w:r></w:ins>'
    for change in changes:
        paragraph._p.append(parse_xml(change.format(nsdecls("w"))))
    assert text(document).split("\n\n") == ["控件中的文字", "保留加入"]


def test_a_document_of_pictures_is_a_scan_and_one_of_nothing_is_empty():
    picture = io.BytesIO()
    Image.new("L", (40, 40)).save(picture, "PNG")
    document = docx.Document()
    document.add_picture(picture)
    for made, code in ((document, "scanned"), (docx.Document(), "file_empty")):
        with pytest.raises(DocumentError) as caught:
            text(made)
        assert caught.value.code == code
