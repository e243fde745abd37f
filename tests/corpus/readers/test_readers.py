import io
import re
import struct
import zipfile

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from corpus import readers
from corpus.errors import DocumentError
from corpus.readers import archive, problems, scan

TEXT = "全年接待游客六百万人次。".encode()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def code(name: str, data: bytes, **limits: int) -> str:
    with pytest.raises(DocumentError) as caught:
        readers.read(name, data, **limits)
    return caught.value.code


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (30, 30)).save(buffer, "PNG")
    return buffer.getvalue()


def office(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def found(reading: readers.Reading) -> tuple[list[str], dict[str, str]]:
    return [raw.name for raw in reading.texts], {problem.name: problem.error.code for problem in reading.problems}


def test_content_must_be_what_the_suffix_says(zipped):
    word, sheet = office(docx.Document()), office(openpyxl.Workbook())
    wrong = {
        "a.pdf": png(), "b.pdf": TEXT, "c.txt": word, "d.txt": png(), "e.txt": bytes(range(256)) * 4, "f.docx": sheet, "g.xlsx": word,
        "h.docx": TEXT, "i.zip": word, "j.png": TEXT, "k.txt": b"<!DOCTYPE html><p>x</p>", "l.csv": b"%PDF-1.4 x", "m.docx": zipped({"a": b"b"}),
        "n.html": b"%PDF-1.4 x", "o.md": b"\x1f\x8b\x08x",
    }
    assert {name: code(name, data) for name, data in wrong.items()} == dict.fromkeys(wrong, "wrong_type")


def test_types_that_are_not_read_say_what_to_do():
    assert [code(name, TEXT) for name in ("a.exe", "noext", "b.rar")] == ["unknown_type"] * 3
    assert [code(name, OLE) for name in ("a.doc", "b.xls", "c.wps", "d.docx", "e.txt")] == ["old_format"] * 5
    with pytest.raises(DocumentError, match=r"另存为 \.docx.*save the file as \.docx"):
        readers.read("a.doc", OLE)


def test_encrypted_office_files_are_told_from_old_ones():
    assert code("a.docx", OLE + "EncryptedPackage".encode("utf-16-le")) == "file_encrypted"


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.zip"])
def test_torn_containers_are_corrupt(name, zipped):
    whole = {"a.docx": office(docx.Document()), "a.xlsx": office(openpyxl.Workbook()), "a.zip": zipped({"a.txt": TEXT})}[name]
    assert code(name, whole[:len(whole) // 2]) == "file_corrupt"


@pytest.mark.parametrize(("name", "part"), [("a.docx", "word/document.xml"), ("a.xlsx", "xl/workbook.xml")])
def test_containers_with_nonsense_inside_are_corrupt(name, part, zipped):
    assert code(name, zipped({part: b"<no", "[Content_Types].xml": b"<no"})) == "file_corrupt"


def test_large_files_are_refused_by_size():
    assert code("a.txt", TEXT, max_bytes=10) == "file_too_large"
    with pytest.raises(DocumentError, match="200.0 MB"):
        readers.check_size(200 * problems.MEBIBYTE)


def test_images_without_recognition_are_scans(monkeypatch):
    monkeypatch.setattr(scan, "is_installed", lambda: False)
    assert code("a.png", png()) == "scanned"


def test_an_archive_gives_its_good_members_and_names_the_bad(zipped):
    inner = zipped({"深层/c.txt": TEXT})
    data = zipped({
        "一/a.txt": TEXT, "b.md": "# 标题\n正文".encode(), "inner.zip": inner, "bad.docx": b"PK\x03\x04junk", "x.exe": b"MZ", "empty.txt": b"",
        "../up.txt": TEXT, "/etc/abs.txt": TEXT, "C:\\win.txt": TEXT, "__MACOSX/a.txt": TEXT, ".DS_Store": b"x", "~$a.docx": b"x", "folder/": b"",
    })
    assert found(readers.read("packs/p.zip", data)) == (
        ["packs/p.zip/一/a.txt", "packs/p.zip/b.md", "packs/p.zip/inner.zip/深层/c.txt"],
        {
            "packs/p.zip/bad.docx": "file_corrupt", "packs/p.zip/x.exe": "unknown_type", "packs/p.zip/empty.txt": "file_empty",
            "packs/p.zip/../up.txt": "unsafe_name", "packs/p.zip//etc/abs.txt": "unsafe_name", "packs/p.zip/C:/win.txt": "unsafe_name",
        },
    )


def test_member_names_in_gbk_are_decoded(zipped):
    name = "年度报告.txt"
    data = zipped({"x" * len(name.encode("gbk")): TEXT}).replace(b"x" * len(name.encode("gbk")), name.encode("gbk"))
    assert found(readers.read("a.zip", data)) == (["a.zip/年度报告.txt"], {})


def test_encrypted_members_and_damaged_ones_are_problems(zipped):
    data = bytearray(zipped({"a.txt": TEXT, "b.txt": TEXT * 2}))
    central = [match.start() for match in re.finditer(b"PK\x01\x02", data)]
    data[central[0] + 8] |= 1
    local = data.index(b"b.txt")
    data[local + 7] ^= 0xFF
    assert found(readers.read("a.zip", bytes(data))) == ([], {"a.zip/a.txt": "file_encrypted", "a.zip/b.txt": "file_corrupt"})


def test_bombs_are_not_opened(zipped, monkeypatch):
    bomb = zipped({"a.txt": b"0" * (archive.RATIO_MATTERS + 1)})
    assert code("a.zip", bomb) == "zip_bomb"
    assert found(readers.read("a.zip", zipped({"in.zip": bomb, "b.txt": TEXT}))) == (["a.zip/b.txt"], {"a.zip/in.zip": "zip_bomb"})
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1000)
    budget = archive.Budget(1000)
    assert [name for name, _ in archive.members(zipped({"a.txt": b"1" * 600}), budget, 0, 1000)] == ["a.txt"]
    with pytest.raises(DocumentError, match="unpack"):
        list(archive.members(zipped({"a.txt": b"1" * 600}), budget, 0, 1000))


def test_office_containers_are_checked_for_bombs(zipped):
    parts = {"word/document.xml": b"<a/>", "word/media/x.bin": b"0" * (archive.RATIO_MATTERS + 1)}
    assert code("a.docx", zipped(parts)) == "zip_bomb"


def test_a_member_that_lies_about_its_size_is_corrupt(zipped):
    data = bytearray(zipped({"a.txt": b"0" * 5000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature)
        data[at + offset:at + offset + 4] = struct.pack("<I", 10)
    assert found(readers.read("a.zip", bytes(data))) == ([], {"a.zip/a.txt": "file_corrupt"})


def test_nesting_and_member_size_have_limits(zipped):
    data, path = TEXT, "a.txt"
    for _ in range(archive.MAX_DEPTH + 1):
        data, path = zipped({path: data}), "n.zip"
    names, failed = found(readers.read("n.zip", data))
    assert (names, list(failed.values())) == ([], ["nested_too_deep"])
    assert found(readers.read("a.zip", zipped({"a.txt": TEXT * 50}), max_bytes=500))[1] == {"a.zip/a.txt": "file_too_large"}


def test_links_in_archives_are_not_followed():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as container:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        container.writestr(link, "/etc/passwd")
    assert found(readers.read("a.zip", buffer.getvalue()))[1] == {"a.zip/link.txt": "unsafe_name"}


@settings(deadline=None)
@given(st.sampled_from(sorted(readers.SUFFIXES)), st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.5\n", b"\x89PNG\r\n\x1a\n", b"<html>"]),
       st.binary(max_size=300))
def test_any_bytes_give_texts_problems_or_a_document_error(suffix, opening, data):
    try:
        reading = readers.read("a" + suffix, opening + data)
    except DocumentError as error:
        refusal = error.message
        assert re.search("[一-鿿].* [A-Z]", refusal)
    else:
        assert reading.texts or reading.problems
        assert all(raw.text.strip() for raw in reading.texts)
