"""How the reader's weights are made: ``python -m qa.fitting QUESTIONS UNRELATED`` on the index in ``QA_HOME``.

All models are convex and fitted to the optimum by L-BFGS, so that the same data give the same weights. Which sentence
answers is a conditional logit over the candidate sentences of a question (McFadden 1974: the likelihood that one of
the right sentences is chosen). A question may have no answer for two reasons that look different: the documents are not
about it, or they are and do not state what it asks. Each has its logistic regression on signals of the choice.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from tqdm import tqdm

from qa.evaluation import normalize, of_right_file, read_questions
from qa.features import NAMES
from qa.reader import SIGNALS, WEIGHTS, Evidence, signals
from qa.service import AnswerService
from qa.settings import Settings

RIDGE = 0.003  # on standardised features, per question
NO = 0.3  # share of questions that each logistic regression reckons with as having no for an answer
UNRELATED = 500  # questions on other subjects that are looked at, at most


def labels(question: dict, evidence: Evidence) -> np.ndarray:
    """Which candidates answer a question: they hold a gold answer, or are part of a long one. Bool, one a candidate."""
    wanted = [normalize(text) for text in [*(question.get("all_of") or ()), *question["answers"]]]

    def answers(text: str) -> bool:
        return any(gold in text or len(text) > 15 and text in gold for gold in wanted)

    return np.array([of_right_file(candidate.entry.source, question) and answers(normalize(candidate.text))
                     for candidate in evidence.candidates], bool)


def fit_sentences(seen: Sequence[tuple[Evidence, np.ndarray]]) -> np.ndarray:
    """Weights of the features, scaling folded in, float64 of shape ``(len(NAMES),)``.

    :param seen: the candidates of each question and which of them answer it.
    """
    useful = [(evidence.matrix.astype(float), right) for evidence, right in seen if right.any() and not right.all()]
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

    return minimize(loss, np.zeros(len(NAMES)), jac=True, method="L-BFGS-B").x / scale


def fit_logistic(seen: Sequence[tuple[Evidence, bool]], weights: np.ndarray) -> np.ndarray:
    """Weights of the signals and the bias for a yes or no of questions, float64 of shape ``(len(SIGNALS) + 1,)``.

    :param seen: the candidates of each question, and yes or no.
    :param weights: from :func:`fit_sentences`.
    """
    useful = [(evidence, yes) for evidence, yes in seen if evidence.candidates]
    matrix = np.array([np.append(signals(evidence, evidence.matrix @ weights), 1.0) for evidence, _ in useful])
    target = np.array([float(yes) for _, yes in useful])
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
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    service = AnswerService.open(Settings.from_environment())
    questions = read_questions(arguments.questions)
    others = [question for question in read_questions(arguments.unrelated) if question.get("split", "train") == "train"]
    elsewhere = [_look(service, question) for question in others[::max(1, len(others) // UNRELATED)][:UNRELATED]]
    seen = [_look(service, question) for question in tqdm(questions, unit="", disable=None)]
    right = [labels(question, evidence) for question, evidence in zip(questions, seen)]
    sentence = fit_sentences(list(zip(seen, right)))
    related = fit_logistic([*((evidence, True) for evidence in seen), *((e, False) for e in elsewhere)], sentence)
    answered = fit_logistic([(e, bool(q["answers"])) for q, e in zip(questions, seen)], sentence)
    _write(arguments.out, sentence, related, answered)
    chosen = [bool(yes[np.argmax(e.matrix @ sentence)]) for e, yes, q in zip(seen, right, questions) if q["answers"]]
    print(f"{len(seen)} questions, {len(elsewhere)} unrelated; best sentence right for {np.mean(chosen):.3f}")


def _look(service: AnswerService, question: dict) -> Evidence:
    return service.evidence(question["question"], question.get("history") or ())[1]


def _write(path: Path, sentence: np.ndarray, related: np.ndarray, answered: np.ndarray) -> None:
    names = (*SIGNALS, "bias")
    weights = {"sentence": (NAMES, sentence), "related": (names, related), "answered": (names, answered)}
    rounded = {model: dict(zip(of, np.round(values, 4).tolist())) for model, (of, values) in weights.items()}
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
