"""Texts to the tokens of a tokenizer that ``embeddings.training.tokenizer`` makes, many texts at a time.

Such a tokenizer writes each character that it knows three times, ``云溪`` as ``云 云 云溪 溪 溪``, so that characters and pairs stand between
spaces. The same tokens are found here without writing that: a character is one, and what stands between two characters is one more: their
pair, or again the one that stands beside a space or a word.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from tokenizers import Tokenizer
from tokenizers.normalizers import Precompiled
from tokenizers.normalizers import Sequence as Normalizers

WORD = r"[a-z0-9]+(?:\.[0-9]+)?%?"
LEFT_OUT = r"[^\p{Han}a-z0-9.%]+"

_WORD = re.compile(WORD)
_CODES = 0x110000
# What a code point is read as, where that is no known character: not looked up yet, white space, a whole word, anything else.
_UNSEEN, _SPACE, _WHOLE, _OTHER = range(4)


class Pieces:
    """What finds tokens. Any number of threads may use it, and it can be sent to another process.

    :param tokenizer: one whose normalizer first makes a text plain, in three steps, and then writes its characters three times.
    :param vocabulary: pieces and their ids.
    :param unknown: the id of all other pieces.
    """

    def __init__(self, tokenizer: Tokenizer, vocabulary: Mapping[str, int], unknown: int) -> None:
        self._tokenizer, self._vocabulary, self._unknown = tokenizer, vocabulary, unknown
        self._plain, self._threefold = Normalizers([tokenizer.normalizer[i] for i in range(3)]), tokenizer.normalizer[3]
        self._forms, self._ids = np.zeros(_CODES, np.int32), np.zeros(_CODES, np.int32)  # by code point, as they are met
        self._forms[[ord(" "), ord("\n")]], self._forms[ord("0")] = _SPACE, _WHOLE
        pairs = [piece for piece in vocabulary if len(piece) == 2 and not piece.isascii()]
        keys = _keys(*_codes("".join(pairs)).reshape(-1, 2).T)
        self._keys = np.sort(keys)
        self._paired = np.array([vocabulary[piece] for piece in pairs], np.int32)[np.argsort(keys)]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "Pieces | None":
        """The same tokens in the same order as a tokenizer's own; None where it is made otherwise."""
        kinds = json.loads(tokenizer.to_str())
        model, vocabulary = kinds["model"], kinds["model"]["vocab"]
        if model["type"] != "WordLevel" or kinds["added_tokens"] or not _is_threefold(kinds["normalizer"]) or not _parts_words(kinds["pre_tokenizer"]):
            return None
        unknown = vocabulary.get(model["unk_token"])
        if unknown is None or not _is_made_of((piece for piece in vocabulary if piece != model["unk_token"]), tokenizer.normalizer[3]):
            return None
        return cls(tokenizer, vocabulary, unknown)

    def __reduce__(self) -> tuple:
        # A tokenizer can be pickled, its Precompiled normalizer alone cannot.
        return Pieces.of, (self._tokenizer,)

    def __call__(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """:returns: int32 of the tokens of all texts, and int64 of shape ``(len(texts) + 1,)``: text i has ``[starts[i], starts[i + 1])``."""
        text = "\n".join(["", *map(self._plain.normalize_str, texts), ""])
        codes = _codes(_WORD.sub("0", text))
        forms = self._read(codes)
        own = np.where(forms > _OTHER, self._ids[codes], -1)
        own[forms == _WHOLE] = [self._vocabulary.get(word, self._unknown) for word in _WORD.findall(text)]
        found = np.column_stack([self._before_each(forms, own), own])
        held = found >= 0
        return found[held], np.cumsum(held.ravel())[1::2][codes == ord("\n")]

    def _read(self, codes: np.ndarray) -> np.ndarray:
        """What each code point is read as."""
        for code in np.unique(codes[self._forms[codes] == _UNSEEN]):
            form = self._threefold.normalize_str(chr(code))[0]
            self._ids[code] = self._vocabulary.get(form, self._unknown)
            self._forms[code] = ord(form) if form in self._vocabulary else _OTHER  # last, for threads that find it seen
        return self._forms[codes]

    def _before_each(self, forms: np.ndarray, own: np.ndarray) -> np.ndarray:
        """The token between each and the one before it, -1 where there is none.

        A character that is not known makes unknown all that it stands with, as far as the next known one, word or space.
        """
        left, right = forms[:-1], forms[1:]
        known_left, known_right = left > _OTHER, right > _OTHER
        ends, begins, pairs = known_left & (right < _OTHER), known_right & (left < _OTHER), known_left & known_right
        tokens = np.full(len(forms), -1, np.int32)
        found = tokens[1:]
        found[ends], found[begins] = own[:-1][ends], own[1:][begins]
        found[pairs] = self._pairs(_keys(left[pairs], right[pairs]))
        found[(left == _OTHER) & (right != _OTHER)] = self._unknown
        return tokens

    def _pairs(self, keys: np.ndarray) -> np.ndarray:
        if not len(self._keys):
            return np.full(len(keys), self._unknown, np.int32)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, self._paired[places], self._unknown)


def _is_threefold(normalizer: dict | None) -> bool:
    steps = (normalizer or {}).get("normalizers", [])
    return ([step["type"] for step in steps] == ["NFKC", "Lowercase", "Replace", "Precompiled"]
            and steps[2]["pattern"] == {"Regex": LEFT_OUT} and steps[2]["content"] == " ")


def _parts_words(pre_tokenizer: dict | None) -> bool:
    steps = (pre_tokenizer or {}).get("pretokenizers", [])
    return ([step["type"] for step in steps] == ["WhitespaceSplit", "Split"]
            and steps[1]["pattern"] == {"Regex": WORD} and steps[1]["behavior"] == "Isolated" and not steps[1]["invert"])


def _is_made_of(pieces: Iterable[str], threefold: Precompiled) -> bool:
    """Are these words, characters that are written three times, and pairs of those?"""
    words, others = [], {1: [], 2: []}
    for piece in pieces:
        (words if piece.isascii() else others.setdefault(len(piece), [])).append(piece)
    characters = "\n".join(others[1])
    return (others.keys() == {1, 2} and all(map(_WORD.fullmatch, words)) and set(characters).issuperset("".join(others[2]))
            and threefold.normalize_str(characters) == "\n".join(f"{one} {one} {one}" for one in others[1]))


def _keys(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """A number for each pair of code points."""
    return left.astype(np.int64) << 32 | right


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le"), "<i4")
