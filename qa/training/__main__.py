"""Make the shipped reader: ``python -m qa.training --shared ../shared --out qa/model``."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from qa.tokens import STEP, Vocabulary
from qa.training import recipe, text
from qa.training.export import export, save_vocabulary
from qa.training.kept import kept
from qa.training.network import Reader, Shape
from qa.training.sets import MADE, collect_all
from qa.training.trainer import clock, counter

SEED = 1


def main() -> None:
    """Run the steps that are not done."""
    given = parser().parse_args()
    work, device = given.work, "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_float32_matmul_precision("high")
    characters = read_characters(given.shared, work)
    tokens = kept(work / "stream.npy", lambda path: np.save(path, text.stream(text.read(given.shared), characters)))
    groups = collect_all(given.shared, work, given.made, given.seed, report)

    teacher = given.teacher and read_teacher(given.teacher).to(device)
    torch.manual_seed(given.seed)
    model = Reader(Shape(len(characters), layers=given.layers, step=given.step)).to(device)
    time_over = _time_over(given.restore_seconds, given.restore_steps)
    load(model, work / "restored.pt", lambda: recipe.learn_characters(model, np.load(tokens), time_over, report))
    torch.manual_seed(given.seed)  # so that a run that is taken up here does as one that was not interrupted
    time_over = _time_over(given.answer_seconds, given.answer_steps)
    load(model, work / "answering.pt", lambda: recipe.learn_answers(model, groups, characters, time_over, report, teacher))
    torch.manual_seed(given.seed)
    time_over = _time_over(given.refine_seconds, given.refine_steps)
    load(model, work / "refined.pt", lambda: recipe.refine(model, groups, characters, time_over, report, teacher))
    report(recipe.measured(model, groups, characters))
    if given.step == STEP:  # any other can only teach
        export(model.cpu(), characters, given.out)


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--shared", type=Path, default=Path("../shared"), help="the folder with the training text")
    made.add_argument("--out", type=Path, default=Path("qa/model"), help="where the model is written")
    made.add_argument("--work", type=Path, default=Path(".training"),
                      help="where each step keeps what it made, to go on after an interruption; delete what is to be made anew,"
                           " for options do not change what is there")
    made.add_argument("--made", type=int, default=MADE, help="windows that questions are made of; two in three offer one")
    made.add_argument("--seed", type=int, default=SEED)
    made.add_argument("--layers", type=int, default=Shape(0).layers, help="of the network")
    made.add_argument("--step", type=int, default=STEP, help="characters that its layers take together; with any number but"
                      f" {STEP} it is not exported and can only be a teacher")
    made.add_argument("--teacher", type=Path, help="weights of a network to learn from as well: refined.pt in the --work of another")
    for name, seconds in (("restore", recipe.RESTORE_SECONDS), ("answer", recipe.ANSWER_SECONDS), ("refine", recipe.REFINE_SECONDS)):
        made.add_argument(f"--{name}-seconds", type=float, default=seconds, help="how long it learns to")
        made.add_argument(f"--{name}-steps", type=int, help="batches, instead of seconds: the same on any machine")
    return made


def read_characters(shared: Path, work: Path) -> Vocabulary:
    """The vocabulary of the text."""
    made = kept(work / "vocabulary.txt", lambda path: save_vocabulary(text.vocabulary(text.read(shared)), path))
    return Vocabulary.read(made)


def load(model: Reader, path: Path, train: Callable[[], Reader]) -> None:
    """Give a model the weights of a file, which are trained unless it is there."""
    kept(path, lambda begun: torch.save(train().state_dict(), begun))
    model.load_state_dict(torch.load(path, map_location=next(model.parameters()).device))


def read_teacher(path: Path) -> Reader:
    """The network whose weights a step kept in a file."""
    weights = torch.load(path, map_location="cpu")
    model = Reader(Shape.of(weights))
    model.load_state_dict(weights)
    return model


def report(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def _time_over(seconds: float, steps: int | None) -> Iterator[float]:
    return counter(steps) if steps else clock(seconds)


if __name__ == "__main__":
    main()
