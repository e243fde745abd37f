"""Groups of the questions that people wrote: their windows are what the service itself finds for them."""

from collections.abc import Iterable, Mapping

import numpy as np

from qa.evaluation import of_right_file
from qa.service import AnswerService
from qa.training.groups import Group, Groups, find, find_all
from qa.weights import load_weights
from qa.windows import Window, windows

WINDOWS = 10  # of a question, at most
LONGEST_ANSWER = 190


def collect(service: AnswerService, questions: Iterable[Mapping], groups: Groups) -> None:
    """Add a group for each question; one that has an answer which the windows do not hold gets the window that does.

    :param service: one whose library holds the questions' documents.
    """
    for question in questions:
        query, evidence = service.evidence(question["question"], question.get("history") or ())
        found = windows(evidence.candidates)
        if not found:
            continue
        logits = evidence.matrix @ load_weights().sentence
        order = np.argsort([-logits[each.first:each.last + 1].max() for each in found], kind="stable")
        best = [found[i] for i in order[:WINDOWS]]
        sources = {each.entry.id: each.entry.source for each in evidence.candidates}
        right, vague = _right(best, sources, question)
        if question["answers"] and not right:
            best = [*best[:WINDOWS - 1], *_elsewhere(found, sources, question)]
            right, vague = _right(best, sources, question)
            if not right:
                continue
        keep = [i for i in range(len(best)) if i not in vague]
        rows = tuple(groups.row(best[i].context, best[i].text) for i in keep)
        groups.groups.append(Group(query.stated, rows, tuple((keep.index(i), *span) for i, span in right.items())))


def _elsewhere(found: list[Window], sources: Mapping[str, str], question: Mapping) -> list[Window]:
    right, _ = _right(found, sources, question)
    return [found[i] for i in list(right)[:1]]


def _right(found: list[Window], sources: Mapping[str, str], question: Mapping,
           ) -> tuple[dict[int, tuple[int, int]], set[int]]:
    """The windows that answer with the answer's offsets, and those that hold its words at another place of the document."""
    spans = {}
    for i, window in enumerate(found):
        if question["answers"] and of_right_file(sources[window.document_id], question):
            span = answer_in(window.text, question)
            if span and span[1] - span[0] <= LONGEST_ANSWER:
                spans[i] = span
    at = _place(question)
    stated = {i: span for i, span in spans.items() if at(found[i], span)}
    chosen = stated or spans
    return chosen, set(spans) - set(chosen)


def answer_in(text: str, question: Mapping) -> tuple[int, int] | None:
    """Where a text holds a question's answer: all its parts, else the longest of its wordings."""
    whole = find_all(text, question["all_of"]) if question.get("all_of") else None
    if question.get("all_of"):
        return whole
    return next((span for answer in sorted(question["answers"], key=len, reverse=True) if (span := find(text, answer))), None)


def _place(question: Mapping):
    """A test whether a window's match stands where the answer was found by the question's writer."""
    evidence = "".join((question.get("evidence") or "").split())
    if evidence:
        def stands(window: Window, span: tuple[int, int]) -> bool:
            around = "".join(window.text[max(0, span[0] - 12):span[1] + 12].split())
            return any(piece in evidence for piece in (around, around[:len(around) // 2 + 6], around[len(around) // 2 - 6:]))
        return stands
    start = (question.get("answer_start") or [None])[0]
    # The document's text begins with its title, and repair moves characters a little.
    return lambda window, span: start is None or abs(window.start + span[0] - start) < 60


