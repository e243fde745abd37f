"""Figures over hand-made outcomes, as a report and as a table."""

import pytest

from qa.evaluation import Outcome
from qa.figures import HEAD, Figures, head, percentile, report, row

ANSWERED = Outcome("1", "多少？", "number", ("甲",), True, "甲乙", 0.9, 12.34, True, True, True, 1.0, 0.5, 2, 1, 1)
MISSED = Outcome("2", "多少？", "date", ("丙",), False, None, 0.1, 2.0, False, False, False, 0.0, 0.0, None)
REFUSED = Outcome("3", "谁？", "none", (), False, None, None, 3.0, True, error="问题为空。 The question is empty.")
WRONG = Outcome("4", "谁？", "none", (), True, "甲", 0.8, 4.0, False, citations=1)


def test_means_are_over_the_questions_that_they_are_about():
    figures = Figures.of([ANSWERED, MISSED, REFUSED, WRONG])
    assert (figures.questions, figures.answerable, figures.right, figures.abstained) == (4, 2, 0.5, 0.5)
    assert (figures.hit, figures.cited, figures.answered, figures.span_f1, figures.rouge_l) == (0.5, 0.5, 0.5, 0.5, 0.25)
    assert figures.recalls == (0.0, 0.5, 0.5)
    assert figures.p50 == 4.0


def test_the_report_counts():
    lines = list(report([ANSWERED, MISSED, REFUSED, WRONG]))
    assert lines == [
        "questions       4 (2 answerable, 2 unanswerable)", "right           0.500", "hit             0.500",
        "cited           0.500", "answered        0.500 of answerable", "abstained       0.500 of unanswerable",
        "span F1         0.500", "rouge-l         0.250", "recall@1        0.000", "recall@5        0.500",
        "recall@20       0.500", "verbatim        1/2 citations", "answer length   median 2 characters",
        "latency ms      p50 4.0  p95 12.3  p99 12.3", "right by type   date 0/1  none 1/2  number 1/1",
        "errors          1, the first: 问题为空。 The question is empty."]


def test_no_questions_give_a_report_and_a_row_too():
    assert list(report([])) == [
        "questions       0 (0 answerable, 0 unanswerable)", "verbatim        0/0 citations"]
    assert row("none", []) == "| none | 0" + " | –" * 10 + " |"


@pytest.mark.parametrize(("outcomes", "cells"), [
    ([ANSWERED, MISSED], "2 | 0.500 | 0.500 | 0.500 | – | 0.500 | 0.250 | 0.000 | 0.500 | 0.500 | 12.3"),
    ([WRONG, REFUSED], "2 | 0.500 | – | – | 0.500 | – | – | – | – | – | 4.0")])
def test_a_cell_that_does_not_apply_is_a_dash(outcomes, cells):
    assert row("a|b", outcomes) == rf"| a\|b | {cells} |"


def test_the_head_fits_the_rows():
    names, rule = head().splitlines()
    assert names.count("|") == rule.count("|") == row("a", [ANSWERED]).count("|") == len(HEAD) + 1


def test_a_percentile_is_one_of_the_values():
    assert [percentile([4, 1, 3, 2], share) for share in (0, 50, 99)] == [1, 3, 4]
