"""Text to the tokens of the neural reader: one a character, white space left out, with the way back to offsets."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

PAD, UNKNOWN, START, SEPARATOR, MASK = range(5)
SPECIAL = 5  # ids below this are no characters
QUESTION, CONTEXT, TEXT = range(3)  # segments
LONGEST_QUESTION, LONGEST_CONTEXT, LONGEST_TEXT = 64, 48, 208  # tokens; the rest is cut off
LONGEST_RUN = 6  # matches of this many characters and more are one
STEP = 2  # characters that the reader's layers take together
_CODES = 0x10000


class Vocabulary:
    """Characters and their ids.

    :param variants: for each id from :data:`SPECIAL` on, the characters that are read as it: itself, its traditional,
        full-width and upper-case forms.
    """

    def __init__(self, variants: Sequence[str]) -> None:
        self.variants = tuple(variants)
        self._ids = np.full(_CODES + 1, UNKNOWN, np.int64)
        for row, characters in enumerate(variants, SPECIAL):
            self._ids[[ord(character) for character in characters]] = row

    def __len__(self) -> int:
        return SPECIAL + len(self.variants)

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """A vocabulary from a file with one line of variants an id."""
        return cls(path.read_text("utf-8").split("\n")[:-1])

    def encode(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Ids of the characters of a text that are no white space, and their offsets in it; int64, equally long."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        offsets = np.flatnonzero(~_spaces()[np.minimum(codes, _CODES)])
        return self._ids[np.minimum(codes[offsets], _CODES)], offsets


@lru_cache(maxsize=1)
def _spaces() -> np.ndarray:
    return np.array([chr(code).isspace() for code in range(_CODES)] + [False])


def pack(question: np.ndarray, context: np.ndarray, text: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """One input of the reader, ``[START] question [SEPARATOR] context [SEPARATOR] text``: ids, segments, and where the text begins.

    :param question: ids, as :meth:`Vocabulary.encode` gives them, like the other two; each is cut to what is read of it. The end is
        filled up to a multiple of :data:`STEP`.
    """
    question, context, text = question[:LONGEST_QUESTION], context[:LONGEST_CONTEXT], text[:LONGEST_TEXT]
    begin = len(question) + len(context) + 3
    filling = np.full(-(begin + len(text)) % STEP, PAD)
    ids = np.concatenate([[START], question, [SEPARATOR], context, [SEPARATOR], text, filling])
    lengths = (len(question) + 2, len(context) + 1, len(text) + len(filling))
    return ids, np.repeat((QUESTION, CONTEXT, TEXT), lengths), begin


def match_runs(ids: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """How long the longest run of characters is that a character is part of and that question and window share: int64, 0 to
    :data:`LONGEST_RUN`.

    :param ids, segments: as :func:`pack` gives them.
    """
    real, asking = ids >= SPECIAL, segments == QUESTION
    asked = int(asking.sum())
    same = (ids[:asked, None] == ids) & (real[:asked, None] & (real & ~asking))
    run, longest = same, np.zeros(len(ids), np.int64)
    for size in range(1, LONGEST_RUN + 1):
        if size > 1:  # a run of n is a run of n - 1 followed by a character that is the same
            run = run[:-1, :-1] & same[size - 1:, size - 1:]
        begins = np.append(run.any(axis=0), np.zeros(size - 1, bool))
        begins[:len(run)] |= run.any(axis=1)
        if not begins.any():
            break
        covered = begins.copy()
        for back in range(1, size):
            covered[back:] |= begins[:-back]
        longest += covered
    return longest
