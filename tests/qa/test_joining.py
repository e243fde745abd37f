"""What the parts of a question found, as one answer."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.joining import APART, Found, joined, merged
from qa.quoting import Quote
from qa.retriever import Hit

TEXT = "2019年收小麦五万吨。2020年收小麦六万吨。" + "水渠修了又修。" * 9 + "玉米七万吨。"


@dataclass
class Paper:
    """A document's text."""

    text: str = TEXT


def document(document_id):
    return Paper()


def quote(start, end, document_id="a"):
    return Quote(document_id, start, end, TEXT[start:end], (start + 1, end))


def found(quotes, confidence=0.9, rows=(0,)):
    return Found(tuple(quotes), confidence, tuple((Hit(row, 1.0 - row / 10, 1.0, 1.0), f"passage {row}") for row in rows), {}, (0.1, 0.2))


def test_answers_to_all_parts_are_the_answer_as_sure_as_the_least_sure():
    answer = joined(found([quote(0, 5)], 0.95), [found([quote(0, 12)], 0.8, (1, 2)), found([quote(90, 94)], 0.6, (3,))], 0.35, document)
    assert [each.text for each in answer.quotes] == [TEXT[0:12], TEXT[90:94]]
    assert answer.confidence == 0.6
    assert [passage for _, passage in answer.ranking] == ["passage 1", "passage 3", "passage 0", "passage 2"]
    scores = [hit.score for hit, _ in answer.ranking]
    assert scores == sorted(scores, reverse=True)
    assert answer.seconds == pytest.approx((0.3, 0.6))


@pytest.mark.parametrize("part", [found([quote(0, 3)], 0.2), found([], 0.0)])
def test_where_a_part_has_no_answer_the_whole_question_is_answered(part):
    whole = found([quote(0, 5)], 0.95)
    answer = joined(whole, [found([quote(90, 94)]), part], 0.35, document)
    assert (answer.quotes, answer.confidence, answer.ranking) == (whole.quotes, whole.confidence, whole.ranking)


def test_quotes_that_nearly_touch_are_one():
    near, far = quote(14, 25), quote(40, 45)
    [one] = merged([near, quote(0, 12)], document)
    assert (one.start, one.end, one.text, one.highlight) == (0, 25, TEXT[0:25], (1, 25))
    assert merged([near, far], document) == (near, far)
    assert len(merged([near, quote(0, 12, "b")], document)) == 2


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(1, 10)), min_size=1, max_size=5))
def test_merged_quotes_are_slices_and_hold_all_that_was_quoted(spans):
    quotes = [quote(start, start + length) for start, length in spans]
    made = merged(quotes, document)
    assert all(each.text == TEXT[each.start:each.end] for each in made)
    assert all(any(each.start <= one.start and one.end <= each.end for each in made) for one in quotes)
    if len(made) == len(quotes) == 2:
        assert max(made[0].start, made[1].start) - min(made[0].end, made[1].end) > APART
