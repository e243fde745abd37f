"""The text that the neural reader learns its characters from."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import opencc

from qa.tokens import Vocabulary
from qa.training import documents

RAREST = 12  # occurrences of a character that has an id of its own
_BASIC_PLANE = range(0x10000)


def read(shared: Path) -> Iterator[str]:
    """Title and text of every document that may be learnt from."""
    for _, document in chain(documents.texts(shared), documents.contexts(shared)):
        yield f"{document['title']}\n{document['text']}"


def vocabulary(texts: Iterator[str]) -> Vocabulary:
    """The characters of some texts that are not too rare, each with the forms that are read as it."""
    convert = opencc.OpenCC("t2s").convert
    folded: dict[str, str] = {}
    for code in _BASIC_PLANE:
        character = chr(code)
        if 0xD800 <= code < 0xE000 or character.isspace() or not character.isprintable():
            continue
        form = unicodedata.normalize("NFKC", character).lower()[:1]
        folded[character] = convert(form)[:1] or form
    counts = Counter()
    for text in texts:
        counts.update(text)
    frequent = Counter()
    for character, count in counts.items():
        if character in folded:
            frequent[folded[character]] += count
    variants: dict[str, str] = {character: "" for character, count in sorted(frequent.items()) if count >= RAREST}
    for character, form in folded.items():
        if form in variants:
            variants[form] += character
    return Vocabulary([forms for forms in variants.values() if forms])


def stream(texts: Iterator[str], characters: Vocabulary) -> np.ndarray:
    """All texts as one row of tokens, int16."""
    return np.concatenate([characters.encode(text)[0].astype(np.int16) for text in texts])
