"""What the reader decides on: candidate sentences with their features, and windows with what the neural reader found there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from qa.features import Candidate, Idf, features, term_weights
from qa.matcher import Matcher
from qa.neural import Finding, WindowReader
from qa.question import Kind, Query
from qa.spans import asked_measure, typed_spans
from qa.terms import fold
from qa.weights import CHOICE, Weights
from qa.windows import Window, windows

# Windows that the neural reader looks at, and how much worse than the best one's the best sentence of each may score. Windows
# further behind made no answer on the dev sets better on the whole, and each costs some 5 ms.
LOOKED_AT = 5
BEHIND = 3.0
SURPRISE = 5.2  # by how much what is found in a window may raise its score above what its sentences promise; see docs/decisions.md
SIDE_BY_SIDE = 2  # windows behind the first that are looked at together
_FORMED = (Kind.NUMBER, Kind.DATE, Kind.CONTACT)  # kinds of answer that have a form of their own
_FIGURE = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of a question before an answer is chosen.

    :ivar weights: share of the question's meaning that each of its terms carries.
    :ivar matrix: features of the candidates, float32 of shape ``(candidates, len(NAMES))``.
    :ivar logits: the candidates' scores under the sentence model.
    :ivar saturation: the best passage's BM25 score over the highest that the question could reach, in [0, 1].
    :ivar windows: the windows with the best sentences that were looked at, best first, and what was found in each.
    """

    candidates: list[Candidate]
    weights: dict[str, float]
    matrix: np.ndarray
    logits: np.ndarray
    saturation: float
    windows: list[Window] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def promise(self) -> np.ndarray:
        """The score of the best sentence in each window, float64 of shape ``(windows,)``."""
        return np.array([self.logits[window.first:window.last + 1].max() for window in self.windows])


def gather(query: Query, candidates: list[Candidate], idf: Idf, matcher: Matcher, saturation: float,
           weights: Weights, reader: WindowReader, all_windows: bool = False) -> Evidence:
    """Weigh the candidate sentences and have the windows that hold the best of them looked at.

    :param idf: above 0 for unknown terms too.
    :param saturation: as in :class:`Evidence`.
    :param weights: of which ``sentence`` and ``window`` are used.
    :param all_windows: look at those too that would hardly be chosen any more.
    """
    terms = term_weights(query, idf)
    matrix = features(query, candidates, terms, idf, matcher)
    logits = matrix @ weights.sentence
    evidence = Evidence(candidates, terms, matrix, logits, saturation)
    left = shortlist(windows(candidates), logits)
    while left and (all_windows or not _settled(query, evidence, left[0], weights.window)):
        count = SIDE_BY_SIDE if evidence.windows else 1
        some, left = left[:count], left[count:]
        evidence = replace(evidence, windows=[*evidence.windows, *some],
                           findings=[*evidence.findings, *reader.read(query.stated, some)])
    return evidence


def _settled(query: Query, evidence: Evidence, following: Window, weights: np.ndarray) -> bool:
    """Whether the best window looked at is so good that neither the following one nor those behind it will be chosen."""
    if not evidence.windows:
        return False
    promised = evidence.logits[following.first:following.last + 1].max() * weights[CHOICE.index("promise")]
    return (choices(query, evidence) @ weights).max() >= promised + SURPRISE


def shortlist(found: Sequence[Window], logits: np.ndarray) -> list[Window]:
    """The windows that hold the best sentences, best first."""
    promise = np.array([logits[window.first:window.last + 1].max() for window in found])
    order = np.argsort(-promise, kind="stable")[:LOOKED_AT]
    return [found[i] for i in order if promise[i] >= promise[order[0]] - BEHIND]


def choices(query: Query, evidence: Evidence) -> np.ndarray:
    """:data:`CHOICE` of each window: float64 of shape ``(windows, len(CHOICE))``."""
    asked, formed = fold(query.text), query.kind in _FORMED
    measure = asked_measure(query.text) if query.kind is Kind.NUMBER else None
    rows = []
    for window, found, promise in zip(evidence.windows, evidence.findings, evidence.promise):
        span = window.text[found.start:found.end]
        figures, typed = _FIGURE.findall(fold(span)), bool(typed_spans(span, query.kind))
        rows.append([found.relevance, promise, found.certainty, formed and not typed,
                     typed and measure is not None and not measure.search(span),
                     formed and bool(figures) and all(figure in asked for figure in figures)])
    return np.array(rows, float).reshape(len(rows), len(CHOICE))
