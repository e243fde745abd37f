"""How often a model alone finds the passage with the answer: ``python -m embeddings.training.evaluate``.

A passage is right when it comes from the right document and holds the beginning of a gold answer.
"""

import argparse
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embeddings.encoder import Encoder, load_encoder
from embeddings.training.text import passages, read_lines

RANKS = (1, 5, 20)
_ANSWER_START = 20


@dataclass(frozen=True)
class QuestionSet:
    """Questions, the passages to search, and for each question the rows of the right passages."""

    name: str
    questions: Sequence[str]
    passages: Sequence[str]
    right: Sequence[frozenset[int]]


def recall(encoder: Encoder, questions: QuestionSet, ranks: Sequence[int] = RANKS) -> list[float]:
    """The share of questions with a right passage among the first k, for each k."""
    found = np.zeros(len(ranks))
    passages_ = encoder.encode_passages(questions.passages)
    queries = encoder.encode_queries(questions.questions)
    for query, right in zip(queries, questions.right, strict=True):
        order = np.argsort(-(passages_ @ query), kind="stable")[: max(ranks)]
        first = next((rank for rank, row in enumerate(order, 1) if int(row) in right), max(ranks) + 1)
        found += first <= np.array(ranks)
    return list(found / len(queries))


def question_sets(shared: Path) -> dict[str, Callable[[], QuestionSet]]:
    """The sets that measure and never train, by name."""
    folder = shared / "eval"

    def contexts(name: str) -> dict[str, str]:
        return {line["id"]: line["text"] for line in read_lines(folder / name / "contexts.jsonl.gz")}

    def asked(name: str, split: str | None = None) -> Iterable[dict]:
        lines = read_lines(folder / name / "questions.jsonl.gz")
        return [line for line in lines if split is None or line["split"] == split]

    def official() -> QuestionSet:
        return _questions("official-dev", list(read_lines(folder / "official/dev.jsonl")), contexts("official"))

    def reports() -> QuestionSet:
        files = {path.name: path.read_text("utf-8") for path in sorted((shared / "source-reports").glob("*.txt"))}
        return _questions("reports-dev", list(read_lines(folder / "reports-dev.jsonl")), files)

    return {
        "reports-dev": reports,
        "policy-dev": lambda: _questions("policy-dev", asked("policy-dev"), contexts("policy-dev")),
        "official-dev": official,
        "procuratorate": lambda: _questions("procuratorate", asked("procuratorate_faq"), contexts("procuratorate_faq")),
        "cmrc-dev": lambda: _questions("cmrc-dev", asked("cmrc2018", "dev"), contexts("cmrc2018")),
        "drcd-test": lambda: _questions("drcd-test", asked("drcd_hans", "test"), contexts("drcd_hans")),
    }


def _questions(name: str, lines: Iterable[dict], documents: dict[str, str]) -> QuestionSet:
    lines = [line for line in lines if line.get("answers") and not line.get("history")]
    wanted = {key for line in lines for key in _sources(line)}
    texts, rows_of = [], {}
    for key, text in documents.items():
        if key in wanted:
            cut = ["".join(run) for run in passages(_without_space(text))]
            rows_of[key] = range(len(texts), len(texts) + len(cut))
            texts += cut
    normal = [_normal(text) for text in texts]
    asked, right = [], []
    for line in lines:
        starts = [_normal(answer)[:_ANSWER_START] for answer in line["answers"]]
        rows = [row for key in _sources(line) for row in rows_of[key]]
        gold = frozenset(row for row in rows if any(start in normal[row] for start in starts))
        if gold:
            asked.append(line["question"])
            right.append(gold)
    return QuestionSet(name, asked, texts, right)


def _sources(line: dict) -> Sequence[str]:
    return line.get("docs") or [line["context_id"]]


def _without_space(text: str) -> str:
    return "\n".join("".join(block.split()) for block in text.split("\n\n"))


def _normal(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--model", default="", help="a folder or a name; the shipped model if left out")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.model)
    print(f"| {'set':13} | questions | passages | " + " | ".join(f"recall@{rank}" for rank in RANKS) + " |")
    print("|---|---|---|" + "---|" * len(RANKS))
    for make in question_sets(arguments.shared).values():
        questions = make()
        figures = " | ".join(f"{share:8.3f}" for share in recall(encoder, questions))
        print(f"| {questions.name:13} | {len(questions.questions):9} | {len(questions.passages):8} | {figures} |")


if __name__ == "__main__":
    main()
