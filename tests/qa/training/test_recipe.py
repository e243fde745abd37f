from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

from qa.training import recipe, text
from qa.training.recipe import MEASURED, REFINING, USES
from qa.training.trainer import counter


def dropout(model):
    return {module.p for module in model.modules() if isinstance(module, nn.Dropout)}


@pytest.fixture
def files(groups, tmp_path):
    """The same groups as every set."""
    names = {*USES, *REFINING, MEASURED}
    for name in names:
        groups.save(tmp_path / f"{name}.gz")
    return {name: tmp_path / f"{name}.gz" for name in names}


def test_shares_of_the_sets_are_whole():
    for time_over in (0.0, 0.5, 0.99):
        assert sum(use.share(time_over) for use in USES.values()) == pytest.approx(1)
        assert sum(use.share(time_over) for use in REFINING.values()) == pytest.approx(1)
    assert USES["made"].share(0.49) > USES["made"].share(0.5)
    assert USES["contexts"].share(0.49) < USES["contexts"].share(0.5)


def test_characters_are_learnt_without_dropout_and_answers_with(shared, characters, small, files):
    tokens, model = text.stream(text.read(shared), characters), small()
    before = model.masked.weight.clone()
    assert recipe.learn_characters(model, tokens, counter(2), print) is model
    assert dropout(model) == {0.0} and not torch.equal(model.masked.weight, before)
    mean = recipe.learn_answers(model, files, characters, counter(2), print)
    assert mean is not model and dropout(mean) == dropout(model) == {recipe.DROPOUT}
    assert not torch.equal(mean.spans.weight, model.spans.weight)


def test_refining_goes_on_with_a_teacher_or_without(answering, characters, small, files):
    begun = small()
    alone, taught = (recipe.refine(deepcopy(begun), files, characters, counter(2), print, teacher) for teacher in (None, answering))
    assert not torch.equal(alone.spans.weight, begun.spans.weight)
    assert not torch.equal(alone.spans.weight, taught.spans.weight)


def test_the_measured_set_is_measured(answering, characters, files):
    line = recipe.measured(answering, files, characters)
    name, figures = line.split(": ")
    shares = dict(each.split() for each in figures.split(", "))
    assert name == MEASURED and 0.5 < float(shares["window"]) <= 1 and np.isnan(float(shares["order"]))
