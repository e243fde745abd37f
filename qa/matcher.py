"""How near in meaning a question and its words are to sentences and theirs, by the embedding model's vectors."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from threading import Lock

import numpy as np
import rjieba

from embeddings.encoder import Encoder
from qa.terms import fold

WORDS, SENTENCES = 8192, 1024  # whose vectors are held in memory; a question has some 450 words and 50 sentences before it
_WORD = re.compile(r"\w")
# Function words: they are near to everything and say nothing of what a sentence is about.
_EMPTY = frozenset("的了是在和与及等对把将被给由从到为以于之其有也都就还那这个一上下中里年")


@lru_cache(maxsize=1024)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded, without punctuation."""
    return tuple(word for word in rjieba.cut(fold(text)) if _WORD.match(word))


class Matcher:
    """Compares texts and words by the cosine of their vectors. Keeps the vectors of what it has met."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._words, self._sentences = _Kept(encoder, WORDS), _Kept(encoder, SENTENCES)

    def similarity(self, question: str, texts: Sequence[str]) -> np.ndarray:
        """Cosine of each text to a question: float32 of shape ``(len(texts),)``."""
        return self._sentences.vectors(texts) @ self._encoder.encode_queries([question])[0]

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
        near = self._words.vectors(list(vocabulary)) @ self._words.vectors(question).T
        held = np.flatnonzero([bool(bag) for bag in bags])
        begins = np.cumsum([0, *(len(bags[row]) for row in held[:-1])])
        rows = np.fromiter(map(vocabulary.__getitem__, chain.from_iterable(bags)), np.intp)
        found[held] = np.maximum.reduceat(near[rows], begins)
        return np.maximum(found, 0.0)


class _Kept:
    """Vectors of the texts that were met since there were last too many. Safe in any number of threads.

    :param size: vectors that are kept at most.
    """

    def __init__(self, encoder: Encoder, size: int) -> None:
        self._encoder, self._size = encoder, size
        self._adding = Lock()
        self._table: tuple[np.ndarray, dict[str, int]] = np.empty((size, encoder.dimension), np.float32), {}

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """float32 of shape ``(len(texts), dimension)``."""
        vectors, rows = self._table
        if not all(map(rows.__contains__, texts)):
            different = list(dict.fromkeys(texts))
            if len(different) > self._size:
                return self._encoder.encode_passages(texts)
            vectors, rows = self._with(different)
        return vectors[[rows[text] for text in texts]]

    def _with(self, texts: list[str]) -> tuple[np.ndarray, dict[str, int]]:
        """The table when it holds these texts too."""
        with self._adding:
            vectors, rows = self._table
            new = [text for text in texts if text not in rows]
            if len(rows) + len(new) > self._size:
                # Threads may be reading the old table, which stays whole.
                new, vectors, rows = texts, np.empty_like(vectors), {}
            if new:
                first = len(rows)
                vectors[first:first + len(new)] = self._encoder.encode_passages(new)
                rows.update(zip(new, range(first, first + len(new))))
            self._table = vectors, rows
        return vectors, rows


def content_words(text: str) -> tuple[str, ...]:
    """The words of a question that say what it is about, each once."""
    return tuple(word for word in dict.fromkeys(words(text)) if word not in _EMPTY)
