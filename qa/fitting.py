"""How the reader's weights are made: ``python -m qa.fitting QUESTIONS UNRELATED UNSEEN`` on the index in ``QA_HOME``.

All models are convex and fitted to the optimum by L-BFGS, so that the same data give the same weights. Which sentence, and
which window, answers is a conditional logit over those of a question (McFadden 1974: the likelihood that one of the right
ones is chosen). A question may have no answer for two reasons that look different: the documents are not about it, or they
are and do not state what it asks. Each has its logistic regression.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from tqdm import tqdm

from embeddings.encoder import load_encoder
from qa.evaluation import holds, normalize, of_right_file, read_questions
from qa.evidence import Evidence, choices
from qa.filters import NO_FILTERS, Filters
from qa.neural import Finding, NeuralReader
from qa.question import Query
from qa.quoting import quote
from qa.reader import signals, verdict
from qa.service import AnswerService
from qa.settings import Settings
from qa.weights import CHOICE, SHIPPED, VERDICT, Weights, load_weights, save_weights
from qa.windows import Window

RIDGE = 0.003  # on standardised features, per question
HELD = 1.5  # what a prior weighs against all questions together, so that many outweigh it and few do not
NO = 0.3  # share of questions that each logistic regression reckons with as having no for an answer
UNRELATED = 500  # questions on other subjects that are looked at, at most
MISSES = 5  # times that a question written to have no answer counts


def labels(question: dict, evidence: Evidence) -> np.ndarray:
    """Which candidates answer a question: they hold a gold answer, or are part of a long one. Bool, one a candidate."""
    return np.array([of_right_file(candidate.entry.source, question) and _answers(question, candidate.text)
                     for candidate in evidence.candidates], bool)


def window_labels(question: dict, evidence: Evidence) -> np.ndarray:
    """As :func:`labels`, of the windows that were looked at."""
    return np.array([of_right_file(evidence.candidates[window.first].entry.source, question)
                     and _answers(question, window.text) for window in evidence.windows], bool)


def _answers(question: dict, text: str) -> bool:
    text = normalize(text)
    wanted = [normalize(each) for each in [*(question.get("all_of") or ()), *question["answers"]]]
    return any(gold in text or len(text) > 15 and text in gold for gold in wanted)


def fit_choice(seen: Sequence[tuple[np.ndarray, np.ndarray]], prior: np.ndarray | None = None) -> np.ndarray:
    """Weights of features, scaling folded in, float64 of shape ``(features,)``: a conditional logit. The prior's where there
    never is a choice.

    :param seen: for each question the features of what may be chosen, one row each, and which of them are right.
    :param prior: weights that they are held near to; 0 where None.
    """
    prior = np.zeros(seen[0][0].shape[1]) if prior is None else prior
    useful = [(matrix.astype(float), right) for matrix, right in seen if right.any() and not right.all()]
    if not useful:
        return prior
    scale = np.concatenate([matrix for matrix, _ in useful]).std(axis=0)
    scale[scale == 0] = 1.0
    ridge = max(RIDGE, HELD / len(useful) if prior.any() else 0.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        away = weights - prior * scale
        total, gradient = ridge * away @ away, 2 * ridge * away
        for matrix, right in useful:
            scaled = matrix / scale
            logits = scaled @ weights
            all_, chosen = logsumexp(logits), logsumexp(logits[right])
            total += (all_ - chosen) / len(useful)
            gradient = gradient + (scaled.T @ np.exp(logits - all_)
                                   - scaled[right].T @ np.exp(logits[right] - chosen)) / len(useful)
        return total, gradient

    return minimize(loss, prior * scale, jac=True, method="L-BFGS-B").x / scale


def fit_logistic(matrix: np.ndarray, target: np.ndarray, prior: np.ndarray | None = None) -> np.ndarray:
    """Weights of the columns of a matrix, whose last is all 1 and is not held down: float64, one a column.

    :param matrix: one row a question.
    :param target: yes or no, bool; both weigh as :data:`NO` says, however many there are.
    :param prior: weights that they are held near to; 0 where None.
    """
    prior = np.zeros(matrix.shape[1]) if prior is None else prior
    target = target.astype(float)
    share = np.where(target == 1, (1 - NO) / max(1.0, target.sum()), NO / max(1.0, (1 - target).sum()))
    scale = matrix.std(axis=0)
    scale[scale == 0] = 1.0
    scaled = matrix / scale
    ridge = max(RIDGE, HELD / len(matrix) if prior.any() else 0.0)

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        logits = scaled @ found
        away = np.append((found - prior * scale)[:-1], 0.0)
        total = share @ (np.logaddexp(0, logits) - target * logits) + ridge * away @ away
        return total, scaled.T @ (share * (expit(logits) - target)) + 2 * ridge * away

    return minimize(loss, prior * scale, jac=True, method="L-BFGS-B").x / scale


def main() -> None:
    """Fit on the index in use and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, help="on documents of the index, some of them without an answer")
    parser.add_argument("unrelated", type=Path, help="on other subjects, with a split into train and others")
    parser.add_argument("unseen", type=Path, help="as the first, but none that the neural reader was trained on")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    settings = Settings.from_environment()
    related, unrelated = _halves(read_questions(arguments.unrelated))
    encoder = load_encoder(settings.embedding_model)
    service = AnswerService(settings, encoder, Unread(), load_weights())
    questions, unseen = read_questions(arguments.questions), read_questions(arguments.unseen)
    weights = fit_sentences(service, questions, related)
    service = AnswerService(settings, encoder, NeuralReader(), weights)
    elsewhere = [replace(case, question={}) for case in look(service, unrelated)]
    cases = [*look(service, unseen), *filter(None, near_misses(service, unseen)), *elsewhere]
    save_weights(arguments.out, fit_windows(cases, weights))


def _halves(questions: Sequence[dict]) -> tuple[list[dict], list[dict]]:
    """Questions that the neural reader may have been trained on, and others."""
    parts = [[q for q in questions if (q.get("split", "train") == "train") is trained] for trained in (True, False)]
    return tuple(part[::max(1, len(part) // UNRELATED)][:UNRELATED] for part in parts)


def fit_sentences(service: AnswerService, questions: Sequence[dict], unrelated: Sequence[dict]) -> Weights:
    """The weights that go by sentences alone: ``sentence``, ``related`` and ``answered``."""
    seen = [case.evidence for case in look(service, questions)]
    sentence = fit_choice([(evidence.matrix, labels(question, evidence)) for question, evidence in zip(questions, seen)])
    seen = [replace(evidence, logits=evidence.matrix @ sentence) for evidence in seen]
    elsewhere = [replace(case.evidence, logits=case.evidence.matrix @ sentence) for case in look(service, unrelated)]
    matrix = np.array([signals(evidence) for evidence in [*seen, *elsewhere]])
    related = fit_logistic(matrix, np.arange(len(matrix)) < len(seen))
    answered = fit_logistic(matrix[:len(seen)], np.array([bool(question["answers"]) for question in questions]))
    return Weights(sentence, np.zeros(len(CHOICE)), related, answered, np.zeros(len(VERDICT) + 1))


@dataclass(frozen=True, slots=True)
class Case:
    """A question to fit to, as it was understood, and its evidence.

    :ivar question: without ``answers`` where the evidence cannot hold one, though nobody wrote the question to have none.
    """

    question: dict
    query: Query
    evidence: Evidence


def fit_windows(cases: Sequence[Case], weights: Weights) -> Weights:
    """Weights with those fitted that go by windows: ``window`` and ``verdict``.

    :param cases: on none that the neural reader was trained on: of those it is too sure.
    :param weights: that they are held near to.
    """
    cases = [case for case in cases if case.evidence.windows]
    offered = [(choices(case.query, case.evidence), window_labels(case.question, case.evidence)) for case in cases
               if case.question.get("answers")]
    weights = replace(weights, window=fit_choice(offered, weights.window))
    rows = [(case.question, _quoted(case, weights)) for case in cases]
    # Near misses that somebody thought of are few and the hardest.
    rows += [(question, row) for question, row in rows if question.get("answers") == []] * (MISSES - 1)
    matrix, right = (np.array(column) for column in zip(*(row for _, row in rows)))
    return replace(weights, verdict=fit_logistic(matrix, right, weights.verdict))


def _quoted(case: Case, weights: Weights) -> tuple[np.ndarray, bool]:
    """What the verdict on a quote goes by, and whether it answers the question."""
    query, evidence = case.query, case.evidence
    chosen = int(np.argmax(choices(query, evidence) @ weights.window))
    quoted = quote(query.kind, evidence, chosen)
    source = evidence.candidates[evidence.windows[chosen].first].entry.source
    gold, needed = ([normalize(each) for each in case.question.get(name) or ()] for name in ("answers", "all_of"))
    right = bool(gold) and of_right_file(source, case.question) and holds(normalize(quoted.text), gold, needed)
    return verdict(query, evidence, weights, chosen, quoted), right


class Unread:
    """A reader that finds nothing, for evidence of which only the sentences count."""

    name = "none"

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        """An empty finding for each window."""
        return [Finding(0.0, 0, 0, 0.0, (0, 0))] * len(windows)


def look(service: AnswerService, questions: Sequence[dict]) -> list[Case]:
    """The questions with what is found for them."""
    return [Case(question, *_evidence(service, question)) for question in progress(questions)]


def near_misses(service: AnswerService, questions: Sequence[dict]) -> list[Case | None]:
    """What is found for each question once the documents that answer it are left out: passages about the subject at best.

    None where it has no answer, no document is left, or one that is left holds an answer too.
    """
    sources = {document.id: document.source for document in service.documents(0, service.status()["documents"])[0]}
    return [_near_miss(service, question, sources) if question["answers"] else None for question in progress(questions)]


def _near_miss(service: AnswerService, question: dict, sources: Mapping[str, str]) -> Case | None:
    """:param sources: of all documents, by id."""
    others = tuple(id_ for id_, source in sources.items() if not of_right_file(source, question))
    if not others:
        return None
    query, evidence = _evidence(service, question, Filters(document_ids=others))
    held = any(_answers(question, window.text) for window in evidence.windows)
    return None if held else Case({"question": question["question"]}, query, evidence)


def _evidence(service: AnswerService, question: dict, filters: Filters = NO_FILTERS) -> tuple[Query, Evidence]:
    return service.evidence(question["question"], question.get("history") or (), filters)


def progress(questions: Sequence[dict]) -> Iterable[dict]:
    """The questions, with a bar that shows how far it is with them."""
    return tqdm(questions, unit="", leave=False, disable=None)


if __name__ == "__main__":
    main()
