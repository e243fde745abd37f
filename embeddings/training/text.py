"""The shared text: documents, and passages and sentences cut from them."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

PASSAGE_LENGTH = 220
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]|[^。！？；\n]+$")
_SPACE_BESIDE_HAN = re.compile(r"(?<=[^\x00-\x7f])[ \t\u3000]+|[ \t\u3000]+(?=[^\x00-\x7f])")


def read_lines(path: Path) -> Iterator[dict]:
    """The objects of a JSON Lines file, compressed or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def sentences(text: str) -> list[str]:
    """The sentences of a text, end mark included, blank ones left out."""
    found = (match.group().strip() for match in _SENTENCE.finditer(_SPACE_BESIDE_HAN.sub("", text)))
    return [sentence for sentence in found if sentence]


def passages(text: str, length: int = PASSAGE_LENGTH) -> list[list[str]]:
    """The text as runs of whole sentences of about ``length`` characters."""
    runs: list[list[str]] = []
    size = length
    for sentence in sentences(text):
        if size + len(sentence) > length:
            runs.append([])
            size = 0
        runs[-1].append(sentence)
        size += len(sentence)
    return runs
