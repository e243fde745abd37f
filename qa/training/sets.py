"""The sets of groups that the neural reader learns from, and the one that it is measured on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np

from embeddings.training.pairs import Wordings
from embeddings.training.text import read_lines
from qa.service import AnswerService
from qa.training import documents
from qa.training.groups import Groups
from qa.training.kept import kept
from qa.training.libraries import library
from qa.training.made import Maker
from qa.training.recipe import MEASURED
from qa.training.sources import sources
from qa.training.written import collect

MADE = 460_000  # windows of official text that a question is made of; two in three offer one
MADE_OF_CONTEXTS = 40_000
# How much likelier a window of a collection is drawn than one of another.
DRAWN = {"gov_work_reports": 5, "local_policies_digital": 5, "tax_policy": 5, "state_council_policies": 5, "procuratorate_docs": 2,
         "cn_laws": 0.6}
OWN = Path(__file__).parent / "data" / "questions.jsonl"


def collect_all(shared: Path, work: Path, made: int, seed: int, report: Callable[[str], None]) -> dict[str, Path]:
    """The file of each set, made unless it is in the folder.

    :param made: windows of official text that a question is made of.
    """
    @cache  # a library is opened only where a set needs it
    def over(name: str) -> AnswerService:
        laid = {"asked": documents.asked, "contexts": documents.contexts, "written": documents.written,
                "measured": documents.measured}
        return library(laid[name](shared), work / name)

    wordings = Wordings.read(shared / "lexicon").chinese()
    makers = {
        "made": lambda: make(over("asked"), wordings, made, seed),
        "made-contexts": lambda: make(over("contexts"), wordings, min(made, MADE_OF_CONTEXTS), seed),
        "contexts": lambda: ask(over("contexts"), comprehension(shared)),
        "official": lambda: ask(over("written"), read_lines(shared / "eval/official/train.jsonl")),
        "own": lambda: ask(over("written"), own_questions(shared)),
        MEASURED: lambda: ask(over("measured"), read_lines(shared / "eval/official/dev.jsonl"))}

    def save(name: str, path: Path) -> None:
        groups = makers[name]()
        groups.save(path)
        report(f"{name}: {len(groups.groups)} groups of {len(groups.windows)} windows")

    return {name: kept(work / f"{name}.gz", lambda path, name=name: save(name, path)) for name in makers}


def make(service: AnswerService, wordings: Wordings, count: int, seed: int) -> Groups:
    """Groups made by rule of so many windows of a service's documents, drawn by their collection."""
    groups, rng, found = Groups(), np.random.default_rng(seed), sources(service.settings.home)
    maker = Maker(found, wordings, groups, rng)
    places = [(source, at) for source in found for at in range(len(source.windows))]
    odds = np.array([DRAWN.get(source.kind, 1.0) for source, _ in places])
    for row in rng.choice(len(places), count, p=odds / odds.sum()):
        maker.make(*places[row])
    return groups


def ask(service: AnswerService, questions: Iterable[Mapping]) -> Groups:
    """Groups of questions that people wrote, with what a service finds for them."""
    groups = Groups()
    collect(service, questions, groups)
    return groups


def own_questions(shared: Path) -> Iterator[dict]:
    """The questions that ship with the code, whose answers are given as offsets ``[start, end)`` in the text of their document."""
    texts = {document["id"]: document["text"] for _, document in documents.written(shared)}
    for question in read_lines(OWN):
        if text := texts.get(question["context_id"]):
            yield question | {"answers": [text[start:end] for start, end in question["answers"]]}


def comprehension(shared: Path) -> Iterable[dict]:
    """The reading comprehension questions that are trained on."""
    return chain.from_iterable(
        (question for question in read_lines(shared / f"eval/{name}/questions.jsonl.gz") if question["split"] in splits)
        for name, splits in documents.QUESTIONS.items())
