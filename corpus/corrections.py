"""What people corrected of documents' metadata, which outlives that these are read again."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from sqlalchemy import CursorResult, bindparam, delete, insert, select

from corpus.document import Document
from corpus.errors import DocumentError
from corpus.schema import corrections
from corpus.snapshot import METADATA

_OF = select(corrections.c.field, corrections.c.value).where(corrections.c.document == bindparam("wanted"))
_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")


class Corrections:
    """The corrections of a library.

    :param run: runs a statement.
    """

    def __init__(self, run: Callable[..., CursorResult]) -> None:
        self._run = run

    def set(self, document_id: str, field: str, value: str | int | None) -> None:
        """Correct a field from now on.

        :raises DocumentError: ``field_unknown`` or ``field_invalid``.
        """
        check_field(field, value)
        self._run(delete(corrections).where(corrections.c.document == document_id, corrections.c.field == field))
        self._run(insert(corrections).values(document=document_id, field=field, value=value))

    def apply(self, document: Document) -> Document:
        """The document with what was corrected of it."""
        values = {row.field: row.value for row in self._run(_OF, wanted=document.id)}
        return replace(document, metadata=replace(document.metadata, **values))

    def forget(self, document_id: str) -> None:
        """Forget all corrections of a document."""
        self._run(delete(corrections).where(corrections.c.document == document_id))


def check_field(field: str, value: object) -> None:
    """Hold a value against what its field may be.

    :raises DocumentError: ``field_unknown`` or ``field_invalid``.
    """
    if field not in METADATA:
        raise DocumentError(
            "field_unknown",
            f"没有名为 {field} 的文档信息字段，可用的字段是：{'、'.join(METADATA)}。"
            f" Documents have no field {field}; the fields are {', '.join(METADATA)}.", field=field)
    if not (field != "title" if value is None else _fits(field, value)):
        raise DocumentError(
            "field_invalid",
            f"字段 {field} 的值不合适：{value!r}。 The value {value!r} does not fit the field {field}.", field=field)


def _fits(field: str, value: object) -> bool:
    if field == "report_year":
        return type(value) is int and 1 <= value <= 9999
    if field == "published":
        return isinstance(value, str) and bool(_DAY.fullmatch(value)) and _is_day(value)
    return isinstance(value, str) and value.strip() != "" and value.isprintable()


def _is_day(text: str) -> bool:
    try:
        date(*[int(part) for part in text.split("-")] + [1] * (2 - text.count("-")))
    except ValueError:
        return False
    return True
