"""Which windows are looked at."""

import numpy as np
import pytest

from qa.evidence import LOOKED_AT, SURPRISE, gather
from qa.features import NAMES
from qa.neural import Finding
from qa.question import understand
from qa.weights import CHOICE, PARTS, Weights

SENTENCE, WINDOW = np.zeros(len(NAMES)), np.zeros(len(CHOICE))
SENTENCE[NAMES.index("run")] = 5.0  # the window whose sentence repeats the question is the best
WINDOW[[CHOICE.index("relevance"), CHOICE.index("promise")]] = 1.0
WEIGHTS = Weights(**{part: np.zeros(len(names)) for part, names in PARTS.items()} | {"sentence": SENTENCE, "window": WINDOW})


class Tells:
    """A reader that gives a relevance to windows that hold a word, and keeps what it was given to read."""

    name = "tells"

    def __init__(self, **relevances):
        self._relevances, self.read_windows = relevances, []

    def read(self, question, windows):
        self.read_windows += [window.text for window in windows]
        return [Finding(max((told for word, told in self._relevances.items() if word in window.text), default=0.0),
                        0, len(window.text), 0.0, (0, len(window.text))) for window in windows]


@pytest.fixture
def look(candidate, matcher):
    """Has windows of some texts, one a passage, looked at: the evidence."""
    def make(texts, reader, all_windows=False):
        candidates = [candidate(text, rank=rank) for rank, text in enumerate(texts)]
        return gather(understand("粮食总产量达到多少"), candidates, lambda terms: [1.0 for _ in terms], matcher, 0.5, WEIGHTS, reader, all_windows)

    return make


TEXTS = ["粮食总产量达到多少。", "粮食总产量达到新高。", "粮食总产量不低。", "粮食总产还好。"]


def test_windows_behind_one_that_surely_answers_are_not_read(look):
    reader = Tells(多少=SURPRISE + 0.1)
    assert look(TEXTS, reader).windows[0].text == TEXTS[0]
    assert reader.read_windows == TEXTS[:1]


def test_all_are_read_where_they_are_asked_for(look):
    reader = Tells(多少=SURPRISE + 0.1)
    evidence = look(TEXTS, reader, all_windows=True)
    assert reader.read_windows == TEXTS
    assert len(evidence.findings) == len(evidence.windows) == len(TEXTS)


def test_reading_goes_on_until_what_was_found_surely_answers(look):
    reader = Tells(新高=SURPRISE + 0.1)
    evidence = look(TEXTS, reader)
    assert reader.read_windows == TEXTS[:3]  # the second and the third are read side by side
    assert [found.relevance > 0 for found in evidence.findings] == [False, True, False]


def test_doubt_has_all_read_but_not_more_than_so_many(look):
    reader = Tells()
    look([f"粮食总产量达到第{number}位。" for number in "一二三四五六七八"], reader)
    assert len(reader.read_windows) == LOOKED_AT


def test_nothing_to_read_is_no_error(look):
    assert look([], Tells()).windows == []
