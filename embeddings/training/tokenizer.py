"""The tokenizer of the shipped model: every Han character and every pair of neighbours, words and numbers whole.

A tokenizer cannot emit overlapping pieces, so the normaliser writes each Han character three times with spaces
between, ``云溪`` becoming ``云 云 云溪 溪 溪``: what stands between spaces is then a character or a pair.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from embeddings.pieces import LEFT_OUT, WORD
from embeddings.training.charsmap import compile_charsmap

UNKNOWN = "[UNK]"
HAN = (0x4E00, 0xA000)
_HAN = re.compile(r"[\u4e00-\u9fff]")


def build_tokenizer(texts: Iterable[str], traditional: Mapping[str, str], size: int) -> Tokenizer:
    """A tokenizer with the most frequent pieces of the texts.

    :param traditional: traditional characters and their simplified forms, read as the same.
    :param size: number of pieces, the unknown one included; its vector is to be zero.
    """
    folding = str.maketrans(dict(traditional))
    counts = Counter()
    for text in texts:
        counts.update(_pieces(text.translate(folding)))
    vocabulary = [UNKNOWN] + [piece for piece, _ in counts.most_common(size - 1)]
    return with_vocabulary(vocabulary, traditional)


def with_vocabulary(vocabulary: Sequence[str], traditional: Mapping[str, str]) -> Tokenizer:
    """A tokenizer with the given pieces, numbered from 0 in their order."""
    characters = {piece for piece in vocabulary if _HAN.fullmatch(piece)}
    folded = {old: new for old, new in traditional.items() if new in characters}
    threefold = {old: f"{new} {new} {new}" for old, new in ({new: new for new in characters} | folded).items()}
    tokenizer = Tokenizer(models.WordLevel({piece: row for row, piece in enumerate(vocabulary)}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(LEFT_OUT), " "),
            normalizers.Precompiled(compile_charsmap(threefold)),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(WORD), "isolated")]
    )
    return tokenizer


def _pieces(text: str) -> Iterable[str]:
    """The pieces that the tokenizer would make, each as often as it stands in the text."""
    plain = re.sub(r"[^\u4e00-\u9fffa-z0-9.%]+", " ", unicodedata.normalize("NFKC", text).lower())
    for run in re.findall(rf"{WORD}|[\u4e00-\u9fff]+", plain):
        if _HAN.match(run):
            yield from run
            yield from map("".join, zip(run, run[1:], strict=False))
        else:
            yield run
