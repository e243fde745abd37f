"""What people corrected of documents' metadata, which outlives that these are read again."""

from collections.abc import Callable
from dataclasses import replace

from corpus.document import Document
from corpus.errors import DocumentError
from corpus.snapshot import METADATA


class Corrections:
    """The corrections of a library.

    :param run: runs a statement.
    """

    def __init__(self, run: Callable[..., list]) -> None:
        self._run = run

    def set(self, document_id: str, field: str, value: str | int | None) -> None:
        """Correct a field from now on.

        :raises DocumentError: ``field_unknown`` or ``field_invalid``.
        """
        _check(field, value)
        self._run("REPLACE INTO corrections VALUES (?, ?, ?)", document_id, field, value)

    def apply(self, document: Document) -> Document:
        """The document with what was corrected of it."""
        values = dict(tuple(row) for row in self._run(
            "SELECT field, value FROM corrections WHERE document = ?", document.id))
        return replace(document, metadata=replace(document.metadata, **values))

    def forget(self, document_id: str) -> None:
        """Forget all corrections of a document."""
        self._run("DELETE FROM corrections WHERE document = ?", document_id)


def _check(field: str, value: object) -> None:
    if field not in METADATA:
        raise DocumentError(
            "field_unknown",
            f"没有名为 {field} 的文档信息字段，可用的字段是：{'、'.join(METADATA)}。"
            f" Documents have no field {field}; the fields are {', '.join(METADATA)}.", field=field)
    kind = int if field == "report_year" else str
    wanted = value is None and field != "title" or type(value) is kind and value != ""
    if not wanted:
        raise DocumentError(
            "field_invalid",
            f"字段 {field} 的值不合适：{value!r}。 The value {value!r} does not fit the field {field}.", field=field)
