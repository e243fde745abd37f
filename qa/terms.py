"""Text to terms, the same way for passages and questions."""

import operator
import re
import unicodedata
from functools import lru_cache
from itertools import takewhile

import opencc
import rjieba

_RUNS = re.compile(r"[0-9a-z]+(?:[.,:/+&-][0-9a-z]+)*|[\u3400-\u9fff〇○]+")
_BETWEEN = " "


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """NFKC, lower case, traditional characters to simplified ones. Offsets are not kept."""
    return _simplifier().convert(unicodedata.normalize("NFKC", text).lower())


def terms(text: str) -> list[str]:
    """Terms of a text, repeated as often as they occur.

    A number with its decimal point, a Latin word and a code (``5g``, ``pm2.5``) is one term. A run of Han characters
    gives its characters, its bigrams and its words (jieba's search mode): a bigram that is a word counts twice.
    """
    found: list[str] = []
    runs = _RUNS.findall(fold(text))
    # All runs in one call, which takes a quarter less time; what parts them comes back as a word of its own.
    words = iter(rjieba.cut_for_search(_BETWEEN.join([run for run in runs if not run.isascii()])))
    for run in runs:
        if run.isascii():
            found.append(run.replace(",", ""))
            continue
        found.extend(run)
        found.extend(map(operator.add, run, run[1:]))
        found.extend([word for word in takewhile(_BETWEEN.__ne__, words) if len(word) > 1])
    return found
