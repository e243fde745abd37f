"""What can go wrong with a document, said so that its owner knows what to do."""


class DocumentError(ValueError):
    """A file, an archive or a library that cannot be used as it is.

    :param code: stable machine-readable name, such as ``file_encrypted``.
    :param message: one Chinese sentence and the same in English, for the user.
    :param detail: facts for logs and programs (sizes, names); never shown as a sentence.
    """

    def __init__(self, code: str, message: str, **detail: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail
