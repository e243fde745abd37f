"""A query and its evidence to the answer, and how sure."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from qa.evidence import Evidence, choices
from qa.features import NAMES
from qa.question import Query
from qa.quoting import Quote, quote
from qa.spans import lacks_figure
from qa.weights import SIGNALS, VERDICT, Weights


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    :ivar quotes: the answer, best first; empty only where there were no candidates.
    :ivar confidence: probability that the quotes answer the question, in [0, 1].
    :ivar scores: of each window of the evidence; the higher, the likelier it answers.
    :ivar verdict: :data:`VERDICT` of the quotes, and 1 for the bias; empty where there were no candidates.
    """

    quotes: tuple[Quote, ...]
    confidence: float
    scores: np.ndarray
    verdict: np.ndarray


def signals(evidence: Evidence) -> np.ndarray:
    """What the sentences tell of whether there is an answer, and 1 for the bias: float64 of shape ``(len(SIGNALS) + 1,)``."""
    logits = evidence.logits
    order = np.argsort(-logits)
    best = dict(zip(NAMES, evidence.matrix[order[0]].tolist()))
    spread = np.exp(logits - logits.max())
    margin = logits[order[0]] - logits[order[1]] if len(order) > 1 else 5.0
    return np.array([logits[order[0]], min(margin, 5.0), 1 / spread.sum(), *(best[name] for name in SIGNALS[3:-1]),
                     evidence.saturation, 1.0])


def verdict(query: Query, evidence: Evidence, weights: Weights, chosen: int, quoted: Quote) -> np.ndarray:
    """:data:`VERDICT` of a question, and 1 for the bias.

    :param weights: of which ``related`` and ``answered`` are used.
    :param chosen: row of the window that is quoted.
    """
    signs = signals(evidence)
    relevance = logsumexp([found.relevance for found in evidence.findings])
    window = evidence.windows[chosen]
    rows = [row for row in range(window.first, window.last + 1)
            if evidence.candidates[row].start < quoted.end and evidence.candidates[row].end > quoted.start]
    differ = evidence.matrix[np.ix_(rows, [NAMES.index(name) for name in VERDICT[4:]])].min(axis=0)
    return np.array([signs @ weights.related, signs @ weights.answered, relevance, float(lacks_figure(quoted.text, query)), *differ, 1.0])


def read(query: Query, evidence: Evidence, weights: Weights) -> Reading:
    """The answer that the evidence holds."""
    if not evidence.windows:
        return Reading((), 0.0, np.empty(0), np.empty(0))
    scores = choices(query, evidence) @ weights.window
    chosen = int(np.argmax(scores))
    quoted = quote(query.kind, evidence, chosen)
    signs = verdict(query, evidence, weights, chosen, quoted)
    return Reading((quoted,), float(expit(signs @ weights.verdict)), scores, signs)
