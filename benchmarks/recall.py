"""Recall of BM25 alone, of vectors alone and of both fused: ``python -m benchmarks.recall QUESTIONS``.

Reads the index that ``QA_HOME`` names. A question counts at k where one of the first k passages is of the right file
and holds a gold answer, as in ``python -m qa eval``.
"""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import fmean

from corpus.library import Library, Snapshot
from embeddings.encoder import Encoder, load_encoder
from qa.evaluation import holds, normalize, of_right_file, read_questions
from qa.filters import NO_FILTERS
from qa.local_index import LocalIndex, load
from qa.question import Query, understand
from qa.retriever import retrieve
from qa.settings import Settings

CUTOFFS = (1, 5, 20)


class Judge:
    """Says which passages of a snapshot hold the answer to a question."""

    def __init__(self, snapshot: Snapshot, index: LocalIndex) -> None:
        ids = index.passage_ids.tolist()
        passages = snapshot.passages(ids)
        entries = snapshot.entries({passage.document_id for passage in passages})
        self.snapshot = snapshot
        self._passages = {i: (entries[passage.document_id].source, normalize(passage.text)) for i, passage in zip(ids, passages)}

    def right(self, passage_id: int, question: dict) -> bool:
        """Is a passage right for a question?"""
        return is_right(*self._passages[passage_id], question)


def is_right(source: str, text: str, question: dict) -> bool:
    """Is a passage of the right file, and holds it a gold answer?

    :param text: the passage's, as :func:`normalize` makes it.
    """
    gold, needed = ([normalize(each) for each in question.get(name) or ()] for name in ("answers", "all_of"))
    return of_right_file(source, question) and holds(text, gold, needed)


def ranks(questions: Iterable[tuple[dict, Query]], index: LocalIndex, encoder: Encoder, judge: Judge, candidates: int,
          weight: float) -> Iterator[int | None]:
    """For each question the place of the first right passage, from 1; None where none is among the last cutoff's."""
    for question, query in questions:
        hits = retrieve(query, index, encoder, candidates, weight, NO_FILTERS, judge.snapshot).best(CUTOFFS[-1])
        yield next((rank for rank, hit in enumerate(hits, 1) if judge.right(hit.passage_id, question)), None)


def recalls(found: list[int | None]) -> list[float]:
    """Recall at each of :data:`CUTOFFS`."""
    return [fmean(rank is not None and rank <= cutoff for rank in found) for cutoff in CUTOFFS]


def main() -> None:
    """Print a table of recalls."""
    settings = Settings.from_environment()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, metavar="QUESTIONS")
    parser.add_argument("--weights", metavar="W,W,...", help="measure these shares of the vectors instead")
    arguments = parser.parse_args()
    encoder = load_encoder(settings.embedding_model)
    index = load(settings.home, encoder)
    judge = Judge(Library(settings.home, settings.database_url).snapshot(index.manifest.generation), index)
    questions = [(q, understand(q["question"], q.get("history") or ()))
                 for q in read_questions(arguments.questions) if q["answers"]]
    rows = {"BM25 alone": 0.0, "vectors alone": 1.0, f"hybrid, {settings.vector_weight:g}": settings.vector_weight}
    if arguments.weights:
        rows = {f"{float(weight):g}": float(weight) for weight in arguments.weights.split(",")}
    print(f"{arguments.questions}: {len(questions)} answerable questions, {len(index)} passages, {encoder.name}\n")
    print("| ranking | " + " | ".join(f"recall@{cutoff}" for cutoff in CUTOFFS) + " |\n|---"
          + "|---" * len(CUTOFFS) + "|")
    for name, weight in rows.items():
        found = list(ranks(questions, index, encoder, judge, settings.candidates, weight))
        print(f"| {name} | " + " | ".join(f"{recall:.3f}" for recall in recalls(found)) + " |", flush=True)


if __name__ == "__main__":
    main()
