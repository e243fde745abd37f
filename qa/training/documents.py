"""The documents of the shared folder: which of them may be learnt from, and all of them as files.

Each comes with the name of its collection. None is a document that a measuring question is about, but for :func:`measured`.
"""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from embeddings.training.text import read_lines
from qa.training.kept import kept

OFFICIAL = ("gov_work_reports", "cn_laws", "local_policies_digital", "tax_policy", "gov_services_gd", "state_council_policies",
            "procuratorate_docs")
MANUALS = ("d365_finance_zh",)
QUESTIONS = {"cmrc2018": ("train", "trial"), "drcd_hans": ("dev",)}  # sets and the splits that are trained on
LAWS = 0.3  # share of the laws that is asked of: they are most of the text, and much alike

Document = tuple[str, dict]


def texts(shared: Path, collections: Iterable[str] = OFFICIAL + MANUALS) -> Iterator[Document]:
    """The documents of the text collections."""
    held_out = _held_out(shared)
    for name in collections:
        yield from ((name, line) for line in read_lines(shared / f"text/{name}.jsonl.gz") if line["id"] not in held_out)


def asked(shared: Path) -> Iterator[Document]:
    """Official texts to make questions of: all but most of the laws."""
    rng = random.Random(1)
    for name, line in texts(shared, OFFICIAL):
        if name != "cn_laws" or rng.random() < LAWS:
            yield name, line


def contexts(shared: Path) -> Iterator[Document]:
    """The contexts of the reading comprehension questions that are trained on."""
    for name, splits in QUESTIONS.items():
        questions = read_lines(shared / f"eval/{name}/questions.jsonl.gz")
        trained = {line["context_id"] for line in questions if line["split"] in splits}
        yield from ((name, line) for line in read_lines(shared / f"eval/{name}/contexts.jsonl.gz") if line["id"] in trained)


def written(shared: Path) -> Iterator[Document]:
    """The documents that the official training questions are about, and others beside them."""
    held_out = _held_out(shared)
    yield from ((name, line) for name, line in measured(shared) if line["id"] not in held_out)


def measured(shared: Path) -> Iterator[Document]:
    """The same with the documents that the measuring questions are about."""
    yield from (("official", line) for line in read_lines(shared / "eval/official/contexts.jsonl.gz"))


def lay_out(documents: Iterable[Document], folder: Path) -> Path:
    """The folder that holds the documents as files, in a folder for each collection; they are written unless it is there."""
    def write(begun: Path) -> None:
        for collection, document in documents:
            name = document["id"].replace("/", "_")
            path = begun / collection / f"{name}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{document.get('title') or name}\n{document['text']}\n", encoding="utf-8")

    return kept(folder, write)


def _held_out(shared: Path) -> set[str]:
    return {question["context_id"] for question in read_lines(shared / "eval/official/dev.jsonl")}
