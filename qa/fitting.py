"""How the reader's weights are made: ``python -m qa.fitting QUESTIONS UNRELATED UNSEEN`` on the index in ``QA_HOME``.

All models are convex and fitted to the optimum by L-BFGS, so that the same data give the same weights. Which sentence, and
which window, answers is a conditional logit over those of a question (McFadden 1974: the likelihood that one of the right
ones is chosen). A question may have no answer for two reasons that look different: the documents are not about it, or they
are and do not state what it asks. Each has its logistic regression.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from tqdm import tqdm

from embeddings.encoder import load_encoder
from qa.evaluation import normalize, of_right_file, read_questions
from qa.evidence import Evidence
from qa.neural import Finding, NeuralReader
from qa.question import Query
from qa.quoting import quote
from qa.reader import WEIGHTS, Model, choices, load_model, save_model, signals, verdict
from qa.service import AnswerService
from qa.settings import Settings
from qa.windows import Window

RIDGE = 0.003  # on standardised features, per question
NO = 0.3  # share of questions that each logistic regression reckons with as having no for an answer
UNRELATED = 500  # questions on other subjects that are looked at, at most


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


def fit_choice(seen: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Weights of features, scaling folded in, float64 of shape ``(features,)``: a conditional logit. All 0 where there never
    is a choice.

    :param seen: for each question the features of what may be chosen, one row each, and which of them are right.
    """
    useful = [(matrix.astype(float), right) for matrix, right in seen if right.any() and not right.all()]
    if not useful:
        return np.zeros(seen[0][0].shape[1])
    scale = np.concatenate([matrix for matrix, _ in useful]).std(axis=0)
    scale[scale == 0] = 1.0

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, gradient = RIDGE * weights @ weights, 2 * RIDGE * weights
        for matrix, right in useful:
            scaled = matrix / scale
            logits = scaled @ weights
            all_, chosen = logsumexp(logits), logsumexp(logits[right])
            total += (all_ - chosen) / len(useful)
            gradient = gradient + (scaled.T @ np.exp(logits - all_)
                                   - scaled[right].T @ np.exp(logits[right] - chosen)) / len(useful)
        return total, gradient

    return minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B").x / scale


def fit_logistic(matrix: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Weights of the columns of a matrix, whose last is all 1 and is not held down: float64, one a column.

    :param matrix: one row a question.
    :param target: yes or no, bool; both weigh as :data:`NO` says, however many there are.
    """
    target = target.astype(float)
    share = np.where(target == 1, (1 - NO) / max(1.0, target.sum()), NO / max(1.0, (1 - target).sum()))
    scale = matrix.std(axis=0)
    scale[scale == 0] = 1.0
    scaled = matrix / scale

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        logits = scaled @ found
        total = share @ (np.logaddexp(0, logits) - target * logits) + RIDGE * found[:-1] @ found[:-1]
        return total, scaled.T @ (share * (expit(logits) - target)) + 2 * RIDGE * np.append(found[:-1], 0.0)

    return minimize(loss, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B").x / scale


def main() -> None:
    """Fit on the index in use and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, help="on documents of the index, some of them without an answer")
    parser.add_argument("unrelated", type=Path, help="on other subjects; where they have a split, its train part")
    parser.add_argument("unseen", type=Path, help="as the first, but none that the neural reader was trained on")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    settings = Settings.from_environment()
    others = [question for question in read_questions(arguments.unrelated) if question.get("split", "train") == "train"]
    others = others[::max(1, len(others) // UNRELATED)][:UNRELATED]
    encoder = load_encoder(settings.embedding_model)
    service = AnswerService(settings, encoder, Unread(), load_model())
    questions = read_questions(arguments.questions)
    seen = [evidence for _, evidence in _look(service, questions)]
    sentence = fit_choice([(evidence.matrix, labels(question, evidence)) for question, evidence in zip(questions, seen)])
    seen = [replace(evidence, logits=evidence.matrix @ sentence) for evidence in seen]
    elsewhere = [replace(evidence, logits=evidence.matrix @ sentence) for _, evidence in _look(service, others)]
    related = fit_logistic(_signals([*seen, *elsewhere]), np.arange(len(seen) + len(elsewhere)) < len(seen))
    answered = fit_logistic(_signals(seen), np.array([bool(question["answers"]) for question in questions]))
    unseen = read_questions(arguments.unseen)
    service = AnswerService(settings, encoder, NeuralReader(), replace(load_model(), sentence=sentence))
    window, conclusion = fit_windows(unseen, _look(service, unseen), answered)
    save_model(arguments.out, Model(sentence, window, related, answered, conclusion))


def fit_windows(questions: Sequence[dict], seen: Sequence[tuple[Query, Evidence]], answered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weights ``window`` and ``verdict`` of :class:`qa.reader.Model`.

    :param questions: none that the neural reader was trained on: of those it is too sure.
    :param seen: each as it was understood, and its evidence.
    :param answered: the weights of that name.
    """
    pairs = [(question, query, evidence) for question, (query, evidence) in zip(questions, seen) if evidence.windows]
    window = fit_choice([(choices(query, evidence), window_labels(question, evidence))
                         for question, query, evidence in pairs if question["answers"]])
    quotes = [quote(query.kind, evidence, int(np.argmax(choices(query, evidence) @ window))) for _, query, evidence in pairs]
    matrix = np.array([verdict(query, evidence, answered, quoted) for (_, query, evidence), quoted in zip(pairs, quotes)])
    return window, fit_logistic(matrix, np.array([bool(question["answers"]) for question, _, _ in pairs]))


class Unread:
    """A reader that finds nothing, for evidence of which only the sentences count."""

    name = "none"

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        """An empty finding for each window."""
        return [Finding(0.0, 0, 0, 0.0, (0, 0))] * len(windows)


def _look(service: AnswerService, questions: Sequence[dict]) -> list[tuple[Query, Evidence]]:
    return [service.evidence(question["question"], question.get("history") or ())
            for question in tqdm(questions, unit="", leave=False, disable=None)]


def _signals(seen: Sequence[Evidence]) -> np.ndarray:
    return np.array([signals(evidence) for evidence in seen])


if __name__ == "__main__":
    main()
