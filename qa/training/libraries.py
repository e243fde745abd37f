"""Libraries of documents that training questions are asked of."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from embeddings.encoder import load_encoder
from qa.neural import Finding
from qa.service import AnswerService
from qa.settings import Settings
from qa.training.documents import Document, lay_out
from qa.weights import load_weights
from qa.windows import Window


class Unread:
    """A reader that finds nothing, for a service of which only what it retrieves is wanted."""

    name = "unread"

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        return [Finding(0.0, 0, 0, 0.0, (0, 0)) for _ in windows]


def library(documents: Iterable[Document], folder: Path) -> AnswerService:
    """A service over documents, which are written as files and indexed as far as the folder does not have that."""
    # No setting of the user's has a say in what is trained on.
    settings = replace(Settings(), home=folder / "home")
    encoder = load_encoder(settings.embedding_model)
    summary = AnswerService.index(settings, [lay_out(documents, folder / "documents")], encoder=encoder)
    if summary.skipped:
        raise RuntimeError(f"{len(summary.skipped)} files in {folder} cannot be read, the first: {summary.skipped[0].name}")
    return AnswerService(settings, encoder, Unread(), load_weights())
