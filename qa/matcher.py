"""How near in meaning a question and its words are to sentences and theirs, by the embedding model's vectors."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

import numpy as np
import rjieba

from embeddings.encoder import Encoder
from qa.terms import fold

KEPT = 20_000  # vectors held in memory
_WORD = re.compile(r"\w")
# Function words: they are near to everything and say nothing of what a sentence is about.
_EMPTY = frozenset("的了是在和与及等对把将被给由从到为以于之其有也都就还那这个一上下中里年")


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded, without punctuation."""
    return tuple(word for word in rjieba.cut(fold(text)) if _WORD.match(word))


class Matcher:
    """Compares texts and words by the cosine of their vectors. Keeps the vectors of what it has met."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, np.ndarray] = {}

    def similarity(self, question: str, texts: Sequence[str]) -> np.ndarray:
        """Cosine of each text to a question: float32 of shape ``(len(texts),)``."""
        return self._lookup(texts) @ self._encoder.encode_queries([question])[0]

    def closeness(self, question: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """For each text and each word of the question, the cosine of the text's nearest word, cut off below 0.

        :param question: words as :func:`words` gives them.
        :returns: float32 of shape ``(len(texts), len(question))``; 0 for a text without words.
        """
        bags = [words(text) for text in texts]
        found = np.zeros((len(texts), len(question)), np.float32)
        vocabulary = {word: row for row, word in enumerate(dict.fromkeys(chain.from_iterable(bags)))}
        if not vocabulary or not question:
            return found
        near = self._lookup(list(vocabulary)) @ self._lookup(question).T
        held = np.flatnonzero([bool(bag) for bag in bags])
        begins = np.cumsum([0, *(len(bags[row]) for row in held[:-1])])
        rows = np.fromiter(map(vocabulary.__getitem__, chain.from_iterable(bags)), np.intp)
        found[held] = np.maximum.reduceat(near[rows], begins)
        return np.maximum(found, 0.0)

    def _lookup(self, wanted: Sequence[str]) -> np.ndarray:
        vectors = self._vectors
        new = [text for text in dict.fromkeys(wanted) if text not in vectors]
        if new:
            if len(vectors) + len(new) > KEPT:
                # Threads may hold the old dict, which stays whole; a new one takes its place.
                vectors = self._vectors = {text: vectors[text] for text in wanted if text in vectors}
            vectors.update(zip(new, self._encoder.encode_passages(new)))
        return np.stack([vectors[text] for text in wanted])


def content_words(text: str) -> tuple[str, ...]:
    """The words of a question that say what it is about, each once."""
    return tuple(word for word in dict.fromkeys(words(text)) if word not in _EMPTY)
