"""Plain text and Markdown: the encoding found out, front matter taken off."""

import codecs
import re
from pathlib import PurePosixPath

from charset_normalizer import from_bytes

from corpus.document import RawText
from corpus.errors import DocumentError
from corpus.readers import problems
from corpus.readers.kinds import UNICODE_MARKS
from corpus.readers.reading import Problem, Reading

MARKDOWN = (".md", ".markdown")
REPLACEMENT = "\ufffd"
DAMAGED_SHARE = 0.05  # of the characters beyond ASCII
MARKED = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}
KEYS = {
    "标题": "title", "发布机构": "issuer", "发文机关": "issuer", "发布单位": "issuer", "地区": "region",
    "发布日期": "published", "发布时间": "published", "成文日期": "published", "报告年度": "report_year",
    "年度": "report_year", "文号": "number", "发文字号": "number", "来源": "source", "网址": "url",
    "date": "published",
}
FIELDS = ("title", "issuer", "region", "published", "report_year", "number", "source", "url")
FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)\s*", re.DOTALL)
ENTRY = re.compile(r"([^\s:：#\-][^:：]{0,30}?)\s*[:：](?:\s+|(?<=：)|$)(.*)")


def read(name: str, data: bytes) -> Reading:
    """Read a text or Markdown file.

    :raises DocumentError: ``wrong_type`` where the bytes are text in no known encoding.
    """
    text, flaw = decode(data)
    metadata, body = front_matter(text)
    kind = "markdown" if PurePosixPath(name).suffix.lower() in MARKDOWN else "text"
    return Reading((RawText(name, body, kind, metadata=metadata),), (Problem(name, flaw),) if flaw else ())


def decode(data: bytes, declared: str | None = None) -> tuple[str, DocumentError | None]:
    """Bytes to text with ``\\n`` line ends: by byte order mark, then strict UTF-8, the declared encoding, strict
    GB18030 and charset-normalizer, whichever first fits. UTF-8 with a few damaged characters is still UTF-8.

    :param declared: Python's name of an encoding that the file states for itself.
    :return: the text, and what is wrong with it: ``file_truncated`` where the file stops inside a character (which is
        left out), ``damaged_text`` where characters had to be replaced by U+FFFD.
    :raises DocumentError: ``wrong_type`` where nothing fits.
    """
    text, flaw = _decode(data, declared)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), flaw


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """Split the ``key: value`` lines between two ``---`` at the top from the text under them.

    Lines that are no front matter (no known key, or not entries at all) stay in the text.

    :return: the stated fields by their English names (values without quotes), and the rest of the text.
    """
    block = FRONT_MATTER.match(text)
    stated = _entries(block[1].split("\n")) if block else None
    return (stated, text[block.end():]) if stated else ({}, text)


def _entries(lines: list[str]) -> dict[str, str] | None:
    """The known entries, None where a line is neither an entry, a list item, a continuation nor a remark."""
    stated: dict[str, str] = {}
    field = None
    for line in filter(str.strip, lines):
        entry = ENTRY.fullmatch(line.rstrip())
        if entry:
            key = entry[1].strip().lower()
            field = KEYS.get(key, key)
            stated[field] = entry[2].strip()
        elif line[0] in " \t-" and field:
            stated[field] = f"{stated[field]} {line.strip()}".strip()
        elif line[0] != "#":
            return None
    return {key: _unquoted(value) for key, value in stated.items() if key in FIELDS and _unquoted(value)}


def _unquoted(value: str) -> str:
    return value[1:-1].strip() if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _decode(data: bytes, declared: str | None) -> tuple[str, DocumentError | None]:
    mark = max((mark for mark in UNICODE_MARKS if data.startswith(mark)), key=len, default=None)
    first = MARKED[mark] if mark else "utf-8"
    text, torn = _strict(data, first)
    if text is not None and not (torn and text.isascii()):
        return text, problems.truncated() if torn else None
    damaged = data.decode(first, "replace")
    if mark or _is_slight(damaged):
        return damaged, problems.damaged_text(damaged.count(REPLACEMENT))
    for encoding in filter(None, (declared, "gb18030")):
        text, torn = _strict(data, encoding)
        if text is not None and not (torn and text.isascii()):
            return text, problems.truncated() if torn else None
    guess = from_bytes(data).best()
    if guess is None:
        raise problems.wrong_type("text", "binary data")
    return str(guess), None


def _is_slight(text: str) -> bool:
    """Whether most characters beyond ASCII came out whole: bytes of another encoding do not do so by chance."""
    whole = sum(character > "\x7f" for character in text) - text.count(REPLACEMENT)
    return text.count(REPLACEMENT) < DAMAGED_SHARE * whole


def _strict(data: bytes, encoding: str) -> tuple[str | None, bool]:
    """Decode without replacement; a character torn at the end is told apart from bytes that do not fit."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(data)
    except UnicodeDecodeError:
        return None, False
    pending = decoder.getstate()[0]
    return text, bool(pending)
