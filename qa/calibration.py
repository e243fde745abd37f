"""The reader's weights fitted to a user's own models and documents."""

from collections.abc import Sequence

from qa.errors import QuestionError
from qa.evaluation import of_right_file
from qa.fitting import fit_windows
from qa.service import AnswerService
from qa.weights import CALIBRATED, save_weights

FEWEST = 20  # questions with an answer; by fewer, chance decides


def answerable_here(service: AnswerService, questions: Sequence[dict]) -> list[dict]:
    """Those questions that have no answer or have it in a document of the index."""
    sources = {document.source for document in service.documents(0, service.status()["documents"])[0]}
    return [question for question in questions
            if not question["answers"] or any(of_right_file(source, question) for source in sources)]


def calibrate(service: AnswerService, questions: Sequence[dict]) -> None:
    """Fit which window is chosen and how sure an answer is, and write that into the service's home; services opened from
    then on go by it.

    Questions without an answer are made of the others, by leaving out the documents that answer them.

    :param questions: see :func:`answerable_here`.
    :raises QuestionError: ``too_few_questions``; nothing is written.
    """
    known = sum(bool(question["answers"]) for question in questions)
    if known < FEWEST:
        raise QuestionError("too_few_questions", f"校准至少需要 {FEWEST} 个答案在已收录文档中的问题，现在只有 {known} 个：请补充问题，或先收录"
                            f"这些文档。 Calibration needs {FEWEST} questions or more whose answers the indexed documents hold,"
                            f" and there are {known}: add questions, or index their documents.", found=known, needed=FEWEST)
    weights = fit_windows(service, questions, [], service.weights)
    save_weights(service.settings.home / CALIBRATED, weights, service.models)
