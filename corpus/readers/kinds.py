"""What a file is by its content, whatever it is called."""

import codecs
import io
import zipfile

from corpus.readers import problems

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE"),
    (b"{\\rtf", "RTF"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7Z"),
    (b"\x1f\x8b", "GZIP"),
    (b"BM", "BMP"),
)
UNICODE_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
OFFICE_PARTS = (("word/document.xml", "DOCX"), ("xl/workbook.xml", "XLSX"), ("ppt/presentation.xml", "PPTX"))
CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1a\x1b"))
CONTROL_SHARE = 0.01  # of the bytes; text that was carried through old terminals has a few, binary data has many


def kind(data: bytes) -> str:
    """The kind of content: a name of :data:`SIGNATURES`, ``WEBP``, ``PDF``, ``DOCX``, ``XLSX``, ``PPTX``, ``ZIP``,
    ``HTML``, ``text`` or ``binary data``.

    :raises DocumentError: ``file_corrupt`` where a zip container has lost its directory.
    """
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if b"%PDF-" in data[:1024]:
        return "PDF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    for signature, name in SIGNATURES:
        if data.startswith(signature) and (name != "BMP" or b"\0" in data[:32]):
            return name
    return _text_kind(data)


def is_encrypted_office(data: bytes) -> bool:
    """Whether an OLE container holds a .docx or .xlsx under a password."""
    return "EncryptedPackage".encode("utf-16-le") in data


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            names = set(container.namelist())
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise problems.corrupt(str(error)) from error
    return next((name for part, name in OFFICE_PARTS if part in names), "ZIP")


def _text_kind(data: bytes) -> str:
    marked = data.startswith(UNICODE_MARKS)
    sample = data[:65536]
    controls = len(sample) - len(sample.translate(None, CONTROLS))
    if not marked and (b"\0" in data or controls > CONTROL_SHARE * len(sample)):
        return "binary data"
    opening = data[:1024].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return "HTML" if opening.startswith((b"<!doctype html", b"<html")) else "text"
