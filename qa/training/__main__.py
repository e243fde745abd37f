"""Make the shipped reader: ``python -m qa.training --shared ../shared --out qa/model``.

What a step made is kept in ``--work`` and not made again, so that an interrupted run goes on where it was. The weights that ship
took nine minutes on one H200 besides an hour on two cores for the groups; on a CPU, only a network that learnt little comes of it.
"""

import argparse
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import nn

from embeddings.training.pairs import Wordings
from qa.service import AnswerService
from qa.tokens import Vocabulary
from qa.training import libraries
from qa.training.batches import Questions
from qa.training.export import export
from qa.training.groups import Groups
from qa.training.made import Maker, Source
from qa.training.measure import measure
from qa.training.network import Reader, Shape
from qa.training.text import QUESTIONS, documents, lines, stream, vocabulary
from qa.training.trainer import answer, restore
from qa.training.written import collect

SEED = 1
MADE = 300_000  # questions made by rule on official text
MADE_ON_CONTEXTS = 30_000  # and on the contexts of reading comprehension questions
# How much likelier a window of a collection is drawn to ask of than one of another.
DRAWN = {"gov_work_reports": 5, "local_policies_digital": 5, "tax_policy": 5, "state_council_policies": 5, "procuratorate_docs": 2,
         "cn_laws": 0.6}
DROPOUT = 0.1  # in answering; restoring is not repeated, and has none
# Of each set of groups: the windows of a group, and its share of the batches in the first half of the time and in the second.
SETS = {"made": (5, 0.70, 0.30), "made-contexts": (5, 0.08, 0.08), "contexts": (8, 0.15, 0.42), "official": (8, 0.07, 0.20)}


def main() -> None:
    """Run the steps that are not done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="the folder with text and questions")
    parser.add_argument("--out", type=Path, default=Path("qa/model"), help="where the model is written")
    parser.add_argument("--work", type=Path, default=Path(".training"), help="where what the steps make is kept")
    parser.add_argument("--restore-seconds", type=float, default=292, help="how long hidden characters are restored")
    parser.add_argument("--answer-seconds", type=float, default=245, help="how long questions are answered")
    parser.add_argument("--made", type=int, default=MADE, help="how many windows of official text are asked of")
    parser.add_argument("--layers", type=int, default=Shape.layers)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    characters = read_characters(arguments.shared, arguments.work)
    groups = collect_groups(arguments.shared, arguments.work, arguments.made)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = Reader(Shape(len(characters), layers=arguments.layers)).to(device)
    kept(arguments.work / "restored.pt", model, lambda: learn_language(model, arguments.work, arguments.restore_seconds, device))
    kept(arguments.work / "answering.pt", model, lambda: learn_answers(model, groups, characters, arguments.answer_seconds, device))
    dev = Questions(groups["official-dev"], characters, 12, np.ones(len(groups["official-dev"].groups)), device)
    print("official dev: " + ", ".join(f"{name} {value:.3f}" for name, value in measure(model, dev).items()))
    export(model.cpu(), characters, arguments.out)


def read_characters(shared: Path, work: Path) -> Vocabulary:
    """The vocabulary, and the text as one row of its tokens."""
    path = work / "vocabulary.txt"
    if not (work / "stream.npy").exists():
        found = vocabulary(documents(shared))
        path.write_text("".join(f"{forms}\n" for forms in found.variants), encoding="utf-8")
        np.save(work / "stream.npy", stream(documents(shared), found))
    return Vocabulary.read(path)


def collect_groups(shared: Path, work: Path, made: int) -> dict[str, Groups]:
    """All sets of groups, and that of the questions that are only measured."""
    text = _Once(lambda: libraries.library(libraries.official(shared), work / "text"))
    contexts = _Once(lambda: libraries.library(libraries.asked(shared), work / "contexts"))
    official = _Once(lambda: libraries.library(libraries.written_for(shared), work / "official"))
    measured = _Once(lambda: libraries.library(libraries.measured_with(shared), work / "measured"))
    makers: dict[str, Callable[[], Groups]] = {
        "made": lambda: make(text(), shared, made), "made-contexts": lambda: make(contexts(), shared, min(made, MADE_ON_CONTEXTS)),
        "contexts": lambda: ask(contexts(), [question for name, splits in QUESTIONS.items() for question
                                             in lines(shared / f"eval/{name}/questions.jsonl.gz") if question["split"] in splits]),
        "official": lambda: ask(official(), list(lines(shared / "eval/official/train.jsonl"))),
        "official-dev": lambda: ask(measured(), list(lines(shared / "eval/official/dev.jsonl")))}
    return {name: _saved(work / f"{name}.gz", maker) for name, maker in makers.items()}


class _Once:
    """A service that is opened when it is first needed."""

    def __init__(self, open_: Callable[[], AnswerService]) -> None:
        self._open, self._opened = open_, None

    def __call__(self) -> AnswerService:
        self._opened = self._opened or self._open()
        return self._opened


def _saved(path: Path, maker: Callable[[], Groups]) -> Groups:
    if not path.exists():
        groups = maker()
        begun = path.with_suffix(".new")
        groups.save(begun)
        begun.rename(path)
        print(f"{path.stem}: {len(groups.groups)} questions", flush=True)
    return Groups.load(path)


def make(service: AnswerService, shared: Path, count: int) -> Groups:
    """Groups made by rule of windows of a service's documents, drawn by their collection."""
    groups, rng = Groups(), np.random.default_rng(SEED)
    found: list[Source] = libraries.sources(service)
    maker = Maker(found, Wordings.read(shared / "lexicon").chinese(), groups, rng)
    places = [(source, at) for source in found for at in range(len(source.windows))]
    odds = np.array([DRAWN.get(source.kind, 1.0) for source, _ in places])
    for row in rng.choice(len(places), count, p=odds / odds.sum()):
        maker.make(*places[row])
    return groups


def ask(service: AnswerService, questions: list[dict]) -> Groups:
    """Groups of questions that people wrote, with what a service finds for them."""
    groups = Groups()
    collect(service, questions, groups)
    return groups


def kept(path: Path, model: Reader, train: Callable[[], Reader]) -> None:
    """Give a model the weights that a file holds, or train it and keep them there."""
    if not path.exists():
        torch.save(train().state_dict(), path)
    model.load_state_dict(torch.load(path, map_location=next(model.parameters()).device))


def learn_language(model: Reader, work: Path, seconds: float, device: str) -> Reader:
    """Restore hidden characters."""
    tokens = torch.from_numpy(np.load(work / "stream.npy")).to(device)
    _set_dropout(model, 0.0)
    large = device == "cuda"
    restore(model.train(), tokens, seconds, 256 if large else 8, 256 if large else 128, 1.2e-3, _report)
    return model


def learn_answers(model: Reader, groups: dict[str, Groups], characters: Vocabulary, seconds: float, device: str) -> Reader:
    """Answer questions; what is kept is the mean of the last weights."""
    sets = []
    for name, (width, early, late) in SETS.items():
        questions = Questions(groups[name], characters, width, np.ones(len(groups[name].groups)), device)
        sets.append((questions, lambda share, early=early, late=late: early if share < 0.5 else late))
    _set_dropout(model, DROPOUT)
    mean = deepcopy(model).requires_grad_(False)
    answer(model.train(), sets, seconds, 48 if device == "cuda" else 4, 5e-4, _report, mean)
    return mean


def _set_dropout(model: nn.Module, share: float) -> None:
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = share


def _report(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
