"""Text to vectors."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Encoder(Protocol):
    """Anything that turns texts into unit vectors."""

    name: str
    dimension: int

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """float32 of shape ``(len(texts), dimension)``, each row of length 1 (or 0 for a text without tokens)."""

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """As :meth:`encode_passages`, for questions."""
