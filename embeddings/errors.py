"""What can go wrong with a model or an index of vectors, said so that the operator knows what to do."""


class EncoderError(ValueError):
    """A model that cannot be loaded, or stored vectors that cannot be read.

    :param code: stable machine-readable name, such as ``model_missing``.
    :param message: one Chinese sentence and the same in English, for the user.
    :param detail: facts for logs and programs (names, paths); never shown as a sentence.
    """

    def __init__(self, code: str, message: str, **detail: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail
