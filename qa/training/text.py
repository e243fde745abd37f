"""The text that the neural reader learns its characters from."""

import gzip
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import opencc

from qa.tokens import Vocabulary

OFFICIAL = ("gov_work_reports", "cn_laws", "local_policies_digital", "tax_policy", "gov_services_gd", "state_council_policies",
            "procuratorate_docs")
TEXTS = (*OFFICIAL, "d365_finance_zh")
QUESTIONS = {"cmrc2018": ("train", "trial"), "drcd_hans": ("dev",)}
RAREST = 12  # occurrences of a character that has an id of its own
_BASIC_PLANE = range(0x10000)


def documents(shared: Path) -> Iterator[str]:
    """Title and text of every document that no measuring question is about."""
    measured = {line["context_id"] for line in lines(shared / "eval/official/dev.jsonl")}
    for name in TEXTS:
        for line in lines(shared / f"text/{name}.jsonl.gz"):
            if line["id"] not in measured:
                yield f"{line['title']}\n{line['text']}"
    for name, splits in QUESTIONS.items():
        asked = lines(shared / f"eval/{name}/questions.jsonl.gz")
        trained = {line["context_id"] for line in asked if line["split"] in splits}
        for line in lines(shared / f"eval/{name}/contexts.jsonl.gz"):
            if line["id"] in trained:
                yield f"{line['title']}\n{line['text']}"


def lines(path: Path) -> Iterator[dict]:
    """The objects of a file of JSON lines, which may be gzipped."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


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
