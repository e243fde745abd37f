"""How the reader's weights are made: ``python -m qa.fitting QUESTIONS`` on the index in ``QA_HOME``.

Two models, both convex and fitted to the optimum by L-BFGS, so that the same data give the same weights: a
conditional logit over the candidate sentences of a question (McFadden 1974: the likelihood that one of the right
sentences is chosen), and a logistic regression of "the documents answer this question" on signals of the choice.
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
UNANSWERABLE = 0.3  # share of unanswerable questions that the confidence reckons with


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


def fit_confidence(seen: Sequence[tuple[Evidence, bool]], weights: np.ndarray) -> np.ndarray:
    """Weights of the signals and the bias, float64 of shape ``(len(SIGNALS) + 1,)``.

    What is learned is whether the documents answer the question at all. Learning whether the chosen sentence is right
    told the unanswerable questions apart much worse: see docs/decisions.md.

    :param seen: the candidates of each question and whether it has an answer.
    :param weights: from :func:`fit_sentences`.
    """
    useful = [(evidence, answerable) for evidence, answerable in seen if evidence.candidates]
    matrix = np.array([np.append(signals(evidence, evidence.matrix @ weights), 1.0) for evidence, _ in useful])
    target = np.array([float(answerable) for _, answerable in useful])
    share = np.where(target == 1, (1 - UNANSWERABLE) / max(1.0, target.sum()),
                     UNANSWERABLE / max(1.0, (1 - target).sum()))
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
    parser.add_argument("questions", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    service = AnswerService.open(Settings.from_environment())
    seen, answerable = [], []
    for question in tqdm(read_questions(arguments.questions), unit="", disable=None):
        _, evidence = service.evidence(question["question"], question.get("history") or ())
        seen.append((evidence, labels(question, evidence)))
        answerable.append((evidence, bool(question["answers"])))
    sentence = fit_sentences(seen)
    confidence = fit_confidence(answerable, sentence)
    rounded = {"sentence": dict(zip(NAMES, np.round(sentence, 4).tolist())),
               "signals": dict(zip((*SIGNALS, "bias"), np.round(confidence, 4).tolist()))}
    arguments.out.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")
    chosen = [bool(right[np.argmax(evidence.matrix @ sentence)]) for evidence, right in seen if evidence.candidates]
    print(f"{len(seen)} questions, best sentence right for {np.mean(chosen):.3f}")


if __name__ == "__main__":
    main()
