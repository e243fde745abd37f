"""What can go wrong between a question and its answer. Each message is Chinese with the same in English behind it."""


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
    """No such document (HTTP 404)."""


class IndexUnavailable(ServiceError, RuntimeError):
    """No index, or one that cannot be used; the message says which command to run (HTTP 503)."""


class Busy(ServiceError, RuntimeError):
    """Another process is writing the library (HTTP 409)."""
