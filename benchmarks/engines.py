"""Whether the index on Milvus finds what the local one finds: ``QA_INDEX_URL=... python -m benchmarks.engines QUESTIONS``.

Builds both from the library that ``QA_HOME`` names where they are not up to date, and compares the first ten passages of each
question. Passages with the same score may stand in any order.
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from corpus.library import Library
from embeddings.encoder import load_encoder
from qa.evaluation import read_questions
from qa.filters import NO_FILTERS, Filters
from qa.index import Index, store_of
from qa.indexing import renew
from qa.question import Query, understand
from qa.retriever import Hit, retrieve
from qa.settings import Settings

FIRST = 10  # passages that are compared
NEAR = 1e-6  # scores that differ by less are the same


def same(one: Sequence[Hit], other: Sequence[Hit]) -> bool:
    """Whether two rankings have the same passages at the same places, or others with the same score."""
    return len(one) == len(other) and all(
        left.passage_id == right.passage_id or math.isclose(left.score, right.score, rel_tol=NEAR) for left, right in zip(one, other))


def finder(settings: Settings) -> tuple[Index, Callable[[str, Filters], list[Hit]]]:
    """The index that the settings name, brought up to date, and a function from a question to its first passages there."""
    encoder = load_encoder(settings.embedding_model)
    begun = time.process_time()
    renew(settings, encoder)
    index = store_of(settings).load(encoder)
    snapshot = Library(settings.home, settings.database_url).snapshot(index.manifest.generation)
    print(f"{type(index).__name__}: {len(index)} passages, {time.process_time() - begun:.0f} s of CPU to be ready")

    def find(question: str, filters: Filters) -> list[Hit]:
        query: Query = index.vocabulary.consulted(lambda held: understand(question, (), held)).within(index.vocabulary)
        return retrieve(query, index, encoder, settings.candidates, settings.vector_weight, filters, snapshot).best(FIRST)

    return index, find


def main() -> None:
    """Print how many questions have the same first passages in both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, metavar="QUESTIONS")
    parser.add_argument("--limit", type=int, default=200, metavar="N", help="the first questions only")
    parser.add_argument("--region", help="only passages of this place")
    arguments = parser.parse_args()
    settings = Settings.from_environment()
    filters = Filters(regions=(arguments.region,)) if arguments.region else NO_FILTERS
    (_, local), (_, remote) = (finder(each) for each in (replace(settings, index_url=""), settings))
    questions = [question["question"] for question in read_questions(arguments.questions, arguments.limit)]
    equal = identical = 0
    times: dict[Callable, list[float]] = {local: [], remote: []}
    for question in questions:
        found = []
        for find, taken in times.items():
            begun = time.perf_counter()
            found.append(find(question, filters))
            taken.append(1000 * (time.perf_counter() - begun))
        equal += same(*found)
        identical += [hit.passage_id for hit in found[0]] == [hit.passage_id for hit in found[1]]
    print(f"{len(questions)} questions: the same first {FIRST} in {equal},"
          f" with equal scores in the same order in {identical}")
    print("median ms a question: " + ", ".join(f"{name} {np.median(taken):.1f}" for name, taken in zip(("local", "Milvus"), times.values())))


if __name__ == "__main__":
    main()
