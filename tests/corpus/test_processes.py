"""Work spread over processes."""

import multiprocessing
from threading import Lock

import pytest

from corpus.processes import spread


def test_results_come_in_the_order_of_their_items():
    assert list(spread(str, range(50), 2)) == list(map(str, range(50)))


@pytest.mark.parametrize("ahead", [1, 5])
def test_items_are_looked_at_a_little_ahead(ahead):
    looked = []
    results = spread(str, (looked.append(item) or item for item in range(100)), 2, ahead)
    assert next(results) == "0"
    assert len(looked) == 2 * ahead + 1
    results.close()
    assert multiprocessing.active_children() == []


def test_work_that_cannot_be_sent_is_refused():
    with pytest.raises(TypeError):
        next(spread(Lock().__enter__, [1], 2))


def test_what_goes_wrong_in_a_process_goes_wrong_here():
    with pytest.raises(ValueError, match="invalid literal"):
        list(spread(int, ["1", "one"], 2))
