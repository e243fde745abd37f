"""How well the service as it ships answers the questions about the reports that ship: no worse than it did."""

import pytest

from qa.evaluation import evaluate
from qa.figures import Figures

# About three points below the figures that `make eval` gave on 239 questions, 42 of them unanswerable, when they were
# written: right 0.883, abstained 0.738, span F1 0.771, recall@5 0.959. Raise them with the figures.
RIGHT = 0.85
ABSTAINED = 0.71
SPAN_F1 = 0.74
RECALL_AT_5 = 0.93


@pytest.fixture(scope="module")
def outcomes(shipped, shipped_questions):
    return evaluate(shipped, shipped_questions)


def test_no_question_is_refused_and_every_citation_is_verbatim(outcomes):
    assert [o.error for o in outcomes if o.error] == []
    assert sum(o.verbatim for o in outcomes) == sum(o.citations for o in outcomes) > 0


def test_the_figures_are_no_lower_than_their_floors(outcomes):
    figures = Figures.of(outcomes)
    measured = {"right": figures.right, "abstained": figures.abstained, "span F1": figures.span_f1,
                "recall@5": figures.recalls[1]}
    floors = {"right": RIGHT, "abstained": ABSTAINED, "span F1": SPAN_F1, "recall@5": RECALL_AT_5}
    assert {name: value for name, value in measured.items() if value < floors[name]} == {}


@pytest.mark.parametrize("kind", ["number", "date", "entity", "list", "policy", "condition", "definition", "why_how",
                                  "followup", "comparison", "unanswerable"])
def test_no_kind_of_question_is_lost(outcomes, kind):
    rights = [o.right for o in outcomes if o.type == kind]
    assert sum(rights) >= len(rights) / 2
