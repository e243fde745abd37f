"""The reader's weights fitted to a user's own models and documents."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from qa.errors import QuestionError
from qa.evaluation import Outcome, evaluate, of_right_file
from qa.fitting import Case, fit_windows, look, near_misses, progress
from qa.reader import read
from qa.service import AnswerService
from qa.weights import CALIBRATED, Weights, load_weights, save_weights

FEWEST = 20  # questions with an answer; by fewer, chance decides
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """How a service did on the questions of a calibration.

    :ivar refused: share of the answerable questions that it refused once the documents that answer them were left out; None
        where there were no others.
    """

    outcomes: list[Outcome]
    refused: float | None


def answerable_here(service: AnswerService, questions: Sequence[dict]) -> list[dict]:
    """Those questions that have no answer or have it in a document of the index."""
    sources = {document.source for document in service.documents(0, service.status()["documents"])[0]}
    return [question for question in questions
            if not question["answers"] or any(of_right_file(source, question) for source in sources)]


def calibrate(service: AnswerService, questions: Sequence[dict]) -> tuple[Measured, Measured]:
    """Fit which window is chosen and how sure an answer is, and write that into the service's home; services opened from
    then on go by it.

    Questions without an answer are made of the others, by leaving out the documents that answer them.

    :param questions: see :func:`answerable_here`.
    :returns: what the weights that ship did, and what fitted ones do: each question by weights fitted without it.
    :raises QuestionError: ``too_few_questions`` or ``no_unanswerable_questions``; nothing is written.
    """
    known = sum(bool(question["answers"]) for question in questions)
    if known < FEWEST:
        raise QuestionError("too_few_questions", f"校准至少需要 {FEWEST} 个答案在已收录文档中的问题，现在只有 {known} 个：请补充问题，或先收录"
                            f"这些文档。 Calibration needs {FEWEST} questions or more whose answers the indexed documents hold,"
                            f" and there are {known}: add questions, or index their documents.", found=known, needed=FEWEST)
    cases, misses = look(service, questions), near_misses(service, questions)
    if known == len(questions) and not any(misses):
        raise QuestionError("no_unanswerable_questions", "校准还需要没有答案的问题：请补充，或再收录几份别的文档。 Calibration needs"
                            " questions without an answer, too: add some, or index other documents.")
    shipped = load_weights()  # not those calibrated before, which know these questions
    before = _measured(service, questions, misses, [(shipped, slice(None))])
    after = _measured(service, questions, misses, _folds(cases, misses, shipped))
    fitted = fit_windows([*cases, *filter(None, misses)], shipped)
    save_weights(service.settings.home / CALIBRATED, fitted, service.models)
    return before, after


def _folds(cases: Sequence[Case], misses: Sequence[Case | None], shipped: Weights) -> Iterator[tuple[Weights, slice]]:
    """Each fold of the questions, with weights fitted to the others and their near misses."""
    for first in range(FOLDS):
        kept = [case for pair in (cases, misses) for number, case in enumerate(pair) if case and number % FOLDS != first]
        yield fit_windows(kept, shipped), slice(first, None, FOLDS)


def _measured(service: AnswerService, questions: Sequence[dict], misses: Sequence[Case | None],
              folds: Iterable[tuple[Weights, slice]]) -> Measured:
    """:param folds: weights, and the questions that they are measured on."""
    outcomes, refused = [], []
    for weights, fold in folds:
        outcomes += evaluate(service.variant(weights), progress(questions[fold]))
        refused += [read(miss.query, miss.evidence, weights).confidence < service.settings.threshold
                    for miss in misses[fold] if miss]
    return Measured(outcomes, fmean(refused) if refused else None)
