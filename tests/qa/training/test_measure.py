import numpy as np
import pytest
import torch
from torch import nn

from qa.training.batches import Questions
from qa.training.groups import Group, Groups
from qa.training.measure import best_span, measure


class Seeing(nn.Module):
    """Takes every window with one character for right, and that character for the answer."""

    def __init__(self, character):
        super().__init__()
        self.character = character

    def forward(self, ids, segments):
        seen = (ids == self.character).float() * 9
        return seen.amax(1) - 1, seen[:, :, None].expand(-1, -1, 2)


@pytest.fixture
def asked(characters):
    """A question with two windows, the second of which answers with 户, and one that none answers."""
    groups = Groups()
    rows = (groups.row("", "粮食"), groups.row("", "农户"))
    groups.groups += [Group("养护", rows, ((1, 1, 2),)), Group("养护", rows[:1], ())]
    return Questions(groups, characters, 12, np.ones(2), "cpu")


@pytest.mark.parametrize(("character", "window", "f1"), [("户", 1.0, 1.0), ("农", 1.0, 0.0), ("粮", 0.0, 0.0)])
def test_the_best_window_and_the_best_span_are_measured(characters, asked, character, window, f1):
    figures = measure(Seeing(int(characters.encode(character)[0][0])), asked)
    assert (figures["window"], figures["f1"]) == (window, f1)


def test_scores_of_answerable_and_unanswerable_questions_are_ordered(characters, asked):
    assert measure(Seeing(int(characters.encode("户")[0][0])), asked)["order"] == 1.0


def test_a_span_ends_where_it_begins_or_later_and_inside():
    logits = torch.zeros(8, 2)
    logits[6, 0], logits[2, 1], logits[4, 1], logits[3, 0], logits[7, 1] = 6, 4, 3, 2, 9
    assert best_span(logits, 2, 7) == (6, 6)
    assert best_span(logits, 2, 6) == (3, 4)
