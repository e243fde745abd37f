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
from qa.training.sets import MEASURED, REFINING, USES, Use
from qa.training.trainer import answer, restore

RESTORE_SECONDS, ANSWER_SECONDS = 292, 245  # of one H200: some 14,240 and 4,750 batches
REFINE_STEPS = 1000
RESTORE_RATE, ANSWER_RATE, REFINE_RATE = 1.2e-3, 5e-4, 1.5e-4
REFINE_GROUPS = 5  # in a batch
DROPOUT = 0.1  # in answering; no stretch of text is restored often enough to be learnt by heart
MEASURED_WINDOWS = 12

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Batches:
    """:ivar stretches, length: of text to restore. :ivar groups: to answer."""

    stretches: int
    length: int
    groups: int


BATCHES = {"cuda": Batches(256, 256, 48), "cpu": Batches(8, 128, 4)}


def learn_characters(model: Reader, tokens: np.ndarray, time_over: Iterable[float], report: Report) -> Reader:
    """The model, which has learnt to restore hidden characters of a stream of tokens."""
    device = _device(model)
    set_dropout(model, 0.0)
    # Compiling takes some twenty seconds, which only a GPU makes up for.
    forward = partial(model.restore, encode=torch.compile(model.encode, dynamic=False)) if device == "cuda" else None
    sizes = BATCHES[device]
    restore(model.train(), torch.from_numpy(tokens).to(device), time_over, sizes.stretches, sizes.length, RESTORE_RATE, report, forward)
    return model


def learn_answers(model: Reader, files: Mapping[str, Path], characters: Vocabulary, time_over: Iterable[float],
                  report: Report) -> Reader:
    """A model whose weights are the running mean of those that the given one goes through as it learns to answer.

    :param files: of groups, by the name of their set.
    """
    return _learn(model, files, USES, characters, time_over, BATCHES[_device(model)].groups, ANSWER_RATE, report)


def refine(model: Reader, files: Mapping[str, Path], characters: Vocabulary, time_over: Iterable[float], report: Report) -> Reader:
    """A model half way between the given one, which can answer, and what becomes of it as it learns the questions that ship.

    Of weights in between, both ends' errors partly cancel out (Wortsman et al., WiSE-FT, 2022); the questions that ship are few
    and have shorter answers than others.
    """
    before = deepcopy(model.state_dict())
    learnt = _learn(model, files, REFINING, characters, time_over, REFINE_GROUPS, REFINE_RATE, report)
    learnt.load_state_dict({name: (weights + before[name]) / 2 for name, weights in learnt.state_dict().items()})
    return learnt


def _learn(model: Reader, files: Mapping[str, Path], uses: Mapping[str, Use], characters: Vocabulary, time_over: Iterable[float],
           count: int, rate: float, report: Report) -> Reader:
    sets = [(_questions(files[name], characters, use.windows, model), use.share) for name, use in uses.items()]
    set_dropout(model, DROPOUT)
    mean = deepcopy(model).requires_grad_(False)
    answer(model.train(), sets, time_over, count, rate, report, mean)
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


def _device(model: nn.Module) -> str:
    return next(model.parameters()).device.type
