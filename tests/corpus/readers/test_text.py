import codecs

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corpus import readers
from corpus.errors import DocumentError
from corpus.readers.text import decode, front_matter

SENTENCE = "全市新增公租房一千二百套，覆盖三个县区。"


def only(name, data):
    reading = readers.read(name, data)
    assert reading.problems == ()
    return reading.texts[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "gbk"])
def test_encodings_are_found_out(encoding):
    assert only("a.txt", SENTENCE.encode(encoding)).text == SENTENCE


def test_big_endian_with_its_mark():
    assert only("a.txt", codecs.BOM_UTF16_BE + SENTENCE.encode("utf-16-be")).text == SENTENCE


def test_what_is_neither_utf8_nor_gb18030_is_guessed():
    text = "Городской бюджет вырос на семь процентов, и новые школы будут построены. " * 5
    assert only("a.txt", text.encode("cp1251")).text == text


def test_a_damaged_byte_does_not_change_the_encoding():
    data = SENTENCE.encode() * 3
    reading = readers.read("a.txt", data[:30] + b"\xff" + data[33:])
    assert reading.texts[0].text == (SENTENCE * 3)[:10] + "\ufffd" + (SENTENCE * 3)[11:]
    assert [problem.error.code for problem in reading.problems] == ["damaged_text"]


@settings(deadline=None)
@given(st.text(st.characters(codec="gb18030", exclude_categories=("Cs",)), min_size=1), st.sampled_from(["utf-8", "utf-16"]))
def test_unicode_text_survives_but_for_line_ends(text, encoding):
    assume(not text.startswith("\0"))  # the mark of UTF-16 and a NUL are the mark of UTF-32
    plain = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    mark = codecs.BOM_UTF8 if encoding == "utf-8" else b""
    assert decode(mark + text.encode(encoding)) == (plain, None)


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=12, max_size=60), st.integers(1, 2))
def test_a_file_that_stops_inside_a_character_keeps_the_rest_and_says_so(text, missing):
    whole, flaw = decode(text.encode()[:-missing])
    assert (whole, flaw.code) == (text[:-1], "file_truncated")


def test_a_torn_end_is_a_problem_of_the_reading():
    reading = readers.read("a.txt", SENTENCE.encode()[:-1])
    assert reading.texts[0].text == SENTENCE[:-1]
    assert [problem.error.code for problem in reading.problems] == ["file_truncated"]


def test_line_ends_become_one_kind():
    assert only("a.txt", b"a\r\nb\rc\nd").text == "a\nb\nc\nd"


def test_front_matter_is_metadata_and_no_text():
    text = (
        "---\ntitle: '云溪市交通发展报告'\nissuer: 云溪市交通运输局\nregion: 云溪市\npublished: 2022-03-01\nreport_year: 2021\n"
        "number: 云交〔2022〕5号\nurl: https://example.org/a?b=1\ntags:\n  - 公路\n---\n\n# 云溪市交通发展报告\n"
    )
    raw = only("a.md", text.encode())
    assert raw.format == "markdown"
    assert raw.text == "# 云溪市交通发展报告\n"
    assert raw.metadata == {
        "title": "云溪市交通发展报告", "issuer": "云溪市交通运输局", "region": "云溪市", "published": "2022-03-01",
        "report_year": "2021", "number": "云交〔2022〕5号", "url": "https://example.org/a?b=1",
    }


def test_front_matter_in_chinese():
    stated, text = front_matter("---\n标题：林业年报\n发布机构：平川县林业局\n地区: 平川县\n发布日期：2021年6月\n来源：年鉴：上册\n网址：http://a.cn\n---\n正文")
    assert text == "正文"
    assert stated == {
        "title": "林业年报", "issuer": "平川县林业局", "region": "平川县", "published": "2021年6月", "source": "年鉴：上册",
        "url": "http://a.cn",
    }


@pytest.mark.parametrize("text", [
    "---\n这是一行正文。\n---\n后面还有", "-\n标题：没有三条短线\n-\n", "---\ntitle: 没有结尾\n正文", "---\n\n---\n正文", "---\n作者：某人\n---\n正文",
])
def test_what_only_looks_like_front_matter_stays(text):
    assert front_matter(text) == ({}, text)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_front_matter_never_touches_what_follows(text):
    stated, rest = front_matter(text)
    assert text.endswith(rest)
    assert stated or rest == text


@pytest.mark.parametrize("data", [b"", b" \r\n\t", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, "---\ntitle: 只有题目\n---\n".encode()])
def test_nothing_to_read_is_said(data):
    with pytest.raises(DocumentError) as caught:
        readers.read("a.txt", data)
    assert caught.value.code == "file_empty"
