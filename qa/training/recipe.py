"""How the shipped reader was trained: in which batches, at which rate, on which shares of the sets."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from qa.tokens import Vocabulary
from qa.training.batches import Questions
from qa.training.groups import Groups
from qa.training.measure import measure
from qa.training.network import Reader
from qa.training.trainer import Forward, answer, restore

RESTORE_SECONDS, ANSWER_SECONDS, REFINE_SECONDS = 245, 275, 195  # of one H200: 10,200, 6,800 and 5,500 batches
RESTORE_RATE, ANSWER_RATE, REFINE_RATE = 1.2e-3, 5e-4, 3e-4
DROPOUT = 0.1  # in answering; no stretch of text is restored often enough to be learnt by heart
WINDOWS = 6  # of a group that is learnt, at most
MEASURED, MEASURED_WINDOWS = "official-dev", 12

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Use:
    """:ivar early, late: a set's share of the batches in the first half of the time, and in the second."""

    early: float
    late: float

    def share(self, time_over: float) -> float:
        """Its share of the batches when a share of the time is over."""
        return self.early if time_over < 0.5 else self.late


USES = {"made": Use(0.69, 0.28), "made-contexts": Use(0.08, 0.08), "contexts": Use(0.17, 0.40), "official": Use(0.03, 0.10),
        "own": Use(0.03, 0.14)}
REFINING = {"made": Use(0.28, 0.28), "made-contexts": Use(0.06, 0.06), "contexts": Use(0.40, 0.40), "official": Use(0.10, 0.10),
            "own": Use(0.16, 0.16)}


@dataclass(frozen=True, slots=True)
class Batches:
    """:ivar stretches, length: of text to restore. :ivar groups: to answer."""

    stretches: int
    length: int
    groups: int


BATCHES = {"cuda": Batches(256, 256, 64), "cpu": Batches(8, 128, 4)}


def learn_characters(model: Reader, tokens: np.ndarray, time_over: Iterable[float], report: Report) -> Reader:
    """The model, which has learnt to restore hidden characters of a stream of tokens."""
    device = _device(model)
    set_dropout(model, 0.0)
    sizes = BATCHES[device]
    restore(model.train(), torch.from_numpy(tokens).to(device), time_over, sizes.stretches, sizes.length, RESTORE_RATE, report,
            partial(model.restore, encode=_encode(model)))
    return model


def learn_answers(model: Reader, files: Mapping[str, Path], characters: Vocabulary, time_over: Iterable[float],
                  report: Report, teacher: Reader | None = None) -> Reader:
    """A model whose weights are the running mean of those that the given one goes through as it learns to answer.

    :param files: of groups, by the name of their set.
    :param teacher: a network that can answer, from which it learns as well.
    """
    return _learn(model, files, USES, characters, time_over, ANSWER_RATE, report, teacher)


def refine(model: Reader, files: Mapping[str, Path], characters: Vocabulary, time_over: Iterable[float], report: Report,
           teacher: Reader | None = None) -> Reader:
    """A model that can answer, gone on with at a lower rate and with fewer questions that rules made; see :func:`learn_answers`."""
    return _learn(model, files, REFINING, characters, time_over, REFINE_RATE, report, teacher)


def _learn(model: Reader, files: Mapping[str, Path], uses: Mapping[str, Use], characters: Vocabulary, time_over: Iterable[float],
           rate: float, report: Report, teacher: Reader | None) -> Reader:
    sets = [(_questions(files[name], characters, WINDOWS, model), use.share) for name, use in uses.items()]
    set_dropout(model, DROPOUT)
    mean = deepcopy(model).requires_grad_(False)
    count = BATCHES[_device(model)].groups
    answer(model.train(), sets, time_over, count, rate, report, mean, teacher and _forward(teacher.eval()), _forward(model))
    return mean


def measured(model: Reader, files: Mapping[str, Path], characters: Vocabulary) -> str:
    """How well a model does on the set that nothing was learnt from, as a line."""
    figures = measure(model, _questions(files[MEASURED], characters, MEASURED_WINDOWS, model))
    return f"{MEASURED}: " + ", ".join(f"{name} {value:.3f}" for name, value in figures.items())


def set_dropout(model: nn.Module, share: float) -> None:
    """Set the share of all dropout layers."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = share


def _questions(path: Path, characters: Vocabulary, windows: int, model: Reader) -> Questions:
    groups = Groups.load(path)
    return Questions(groups, characters, windows, np.ones(len(groups.groups)), _device(model))


def _forward(model: Reader) -> Forward:
    return partial(model, encode=_encode(model))


def _encode(model: Reader) -> Callable:
    """Compiling takes some twenty seconds, which only a GPU makes up for."""
    return torch.compile(model.encode, dynamic=False) if _device(model) == "cuda" else model.encode


def _device(model: nn.Module) -> str:
    return next(model.parameters()).device.type
