"""What can go wrong between a question and its answer. Each message is Chinese with the same in English behind it."""

UNREACHABLE = "index_unreachable"  # the code of an index that may be whole, but is on a server that is away


class ServiceError(Exception):
    """A request that cannot be served as it is.

    :param code: stable machine-readable name, such as ``question_too_long``.
    :param message: one Chinese sentence and the same in English, for the user; says what to do.
    :param detail: facts for programs and logs.
    """

    def __init__(self, code: str, message: str, **detail: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail


class QuestionError(ServiceError, ValueError):
    """The question or its parameters are not acceptable (HTTP 400)."""


class NotFound(ServiceError, LookupError):
    """No such document, or no such page of it (HTTP 404)."""


class IndexUnavailable(ServiceError, RuntimeError):
    """No index, or one that cannot be used; the message says which command to run (HTTP 503)."""


def unusable_index(code: str, chinese: str, english: str, **detail: object) -> IndexUnavailable:
    """An index that has to be built again, for a reason given in both languages."""
    return IndexUnavailable(code, f"{chinese}，请运行 python -m qa index 路径 重建索引。 {english}: run `python -m qa index PATH` "
                            "to build it again.", **detail)


def no_document(document_id: str) -> NotFound:
    """There is no document of that id."""
    return NotFound("document_not_found", f"没有编号为 {document_id} 的文档。 There is no document {document_id}.",
                    document_id=document_id)
