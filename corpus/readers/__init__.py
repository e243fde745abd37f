"""Files to raw text: one reader a family of formats, chosen by suffix and checked against the content."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePosixPath

from corpus.errors import DocumentError
from corpus.readers import archive, kinds, problems, text
from corpus.readers.reading import Problem, Reading

__all__ = ["MAX_BYTES", "SUFFIXES", "Problem", "Reading", "check_size", "read"]

MAX_BYTES = 100 * problems.MEBIBYTE


@dataclass(frozen=True, slots=True)
class Format:
    """A reader and the kinds of content (see :func:`kinds.kind`) that it reads."""

    kinds: tuple[str, ...]
    read: Callable[[str, bytes], Reading]


def _when_needed(module: str, function: str = "read") -> Callable[[str, bytes], Reading]:
    """A reader that is imported with the first file for it: what these import takes longer than to answer a question."""
    return lambda name, data: getattr(import_module(f"{__name__}.{module}"), function)(name, data)


TEXT = Format(("text",), text.read)
WEB = Format(("HTML", "text"), _when_needed("web"))
PDF = Format(("PDF",), _when_needed("pdf"))
WORD = Format(("DOCX",), _when_needed("word"))
WORKBOOK = Format(("XLSX",), _when_needed("sheet"))
DELIMITED = Format(("text",), _when_needed("sheet", "read_delimited"))
IMAGE = Format(("PNG", "JPEG", "TIFF", "BMP", "WEBP"), _when_needed("scan"))

FORMATS = {
    ".txt": TEXT, ".text": TEXT, ".md": TEXT, ".markdown": TEXT,
    ".html": WEB, ".htm": WEB, ".xhtml": WEB, ".shtml": WEB,
    ".pdf": PDF, ".docx": WORD, ".docm": WORD,
    ".xlsx": WORKBOOK, ".xlsm": WORKBOOK, ".csv": DELIMITED, ".tsv": DELIMITED,
    ".png": IMAGE, ".jpg": IMAGE, ".jpeg": IMAGE, ".tif": IMAGE, ".tiff": IMAGE, ".bmp": IMAGE, ".webp": IMAGE,
}
ARCHIVES = (".zip",)
REPLACEMENTS = {
    ".doc": ".docx", ".dot": ".docx", ".wps": ".docx", ".rtf": ".docx",
    ".xls": ".xlsx", ".et": ".xlsx", ".ppt": ".pdf", ".dps": ".pdf", ".pptx": ".pdf",
}
SUFFIXES = frozenset((*FORMATS, *ARCHIVES))


def read(name: str, data: bytes, max_bytes: int = MAX_BYTES) -> Reading:
    """Read one file.

    What cannot be used at all raises; where a part can be used, the texts come with the problems of the rest. An archive
    raises only for what concerns all of it: its bad members are problems.

    :param name: path relative to the ingested folder, with ``/``; its suffix decides, and the content must agree.
    :param data: the file's content.
    :param max_bytes: the largest file taken.
    :return: the texts, in the order of the members for an archive, and the problems. At least one of the two.
    :raises DocumentError: ``file_empty``, ``file_too_large``, ``file_encrypted``, ``file_corrupt``, ``unknown_type``,
        ``wrong_type``, ``old_format``, ``scanned``, ``unreadable_image``, ``zip_bomb``, ``too_many_members``,
        ``nested_too_deep``.
    """
    return _read(name, data, max_bytes, archive.Budget(), 0)


def check_size(size: int, max_bytes: int = MAX_BYTES) -> None:
    """Refuse a file by its size, for use before it is loaded.

    :raises DocumentError: ``file_too_large``.
    """
    if size > max_bytes:
        raise problems.too_large(size, max_bytes)


def _read(name: str, data: bytes, max_bytes: int, budget: archive.Budget, depth: int) -> Reading:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in REPLACEMENTS:
        raise problems.old_format(suffix, REPLACEMENTS[suffix])
    if suffix not in SUFFIXES:
        raise problems.unknown_type(suffix, sorted(SUFFIXES))
    check_size(len(data), max_bytes)
    if not data.strip(b"\0\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise problems.empty()
    _check_kind(suffix, data)
    if suffix in ARCHIVES:
        reading = _read_archive(name, data, max_bytes, budget, depth)
    else:
        reading = FORMATS[suffix].read(name, data)
    filled = tuple(raw for raw in reading.texts if raw.text.strip())
    if not filled and not reading.problems:
        raise problems.empty()
    return Reading(filled, reading.problems)


def _check_kind(suffix: str, data: bytes) -> None:
    found = kinds.kind(data)
    if found == "OLE" and kinds.is_encrypted_office(data):
        raise problems.encrypted()
    if found == "OLE":
        raise problems.old_format("OLE", ".xlsx" if FORMATS.get(suffix) is WORKBOOK else ".docx")
    if found not in (FORMATS[suffix].kinds if suffix in FORMATS else ("ZIP",)):
        raise problems.wrong_type(suffix, found)


def _read_archive(name: str, data: bytes, max_bytes: int, budget: archive.Budget, depth: int) -> Reading:
    texts, failures = [], []
    for member, content in archive.members(data, budget, depth, max_bytes):
        path = f"{name}/{member}"
        try:
            if isinstance(content, DocumentError):
                raise content
            reading = _read(path, content, max_bytes, budget, depth + 1)
        except DocumentError as error:
            failures.append(Problem(path, error))
        else:
            texts += reading.texts
            failures += reading.problems
    return Reading(tuple(texts), tuple(failures))
