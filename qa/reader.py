"""A query and its evidence to the answer, and how sure."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.special import expit, logsumexp

from qa.evidence import Evidence
from qa.features import NAMES
from qa.question import Kind, Query
from qa.quoting import Quote, quote
from qa.spans import asked_measure, lacks_figure, typed_spans
from qa.terms import fold

_FORMED = (Kind.NUMBER, Kind.DATE, Kind.CONTACT)  # kinds of answer that have a form of their own
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
WEIGHTS = Path(__file__).parent / "data" / "reader.json"

# What tells a question that the documents are about, and state what is asked, from others. The first three and the last are
# worked out in signals(), those between are features of the best sentence.
SIGNALS = ("top", "margin", "probability", "own", "own_rare", "missing_rare", "near", "context", "run", "kind",
           "kind_missing", "kind_unit", "unit_missing", "years_agree", "years_context", "years_differ", "years_other",
           "places_differ", "title_named", "named", "span_near", "asked_figure", "typed", "plan_missing",
           "plan_unasked", "vector", "soft_own", "soft_covered", "soft_missing", "saturation")
# Of a window: what the neural reader thinks of it, its best sentence's score, how sure the span found in it is, whether that
# lacks the figure or date that is asked for, has one in another unit, or only repeats one of the question.
CHOICE = ("relevance", "promise", "certainty", "formless", "misfit", "echo")
# Of a question: what its sentences say of both, what its windows say, whether the quote lacks the figure that is asked for, and
# whether all that it quotes from names only other years or other places.
VERDICT = ("related", "answered", "relevance", "lacking", "years_differ", "places_differ")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    :ivar quotes: the answer, best first; empty only where there were no candidates.
    :ivar confidence: probability that the quotes answer the question, in [0, 1].
    :ivar scores: of each window of the evidence; the higher, the likelier it answers.
    """

    quotes: tuple[Quote, ...]
    confidence: float
    scores: np.ndarray


@dataclass(frozen=True, slots=True)
class Model:
    """The weights that the reader decides by, all of them fitted, see :mod:`qa.fitting`.

    :ivar sentence: weight of each feature of :data:`qa.features.NAMES`, scaling folded in.
    :ivar window: weights of :data:`CHOICE`.
    :ivar related: weight of each signal of :func:`signals`, and the bias last, for "the documents are about this".
    :ivar answered: the same for "they state what is asked", of a question that they are about, by its sentences alone.
    :ivar verdict: weights of :data:`VERDICT`, and the bias last, for "this quote answers".
    """

    sentence: np.ndarray
    window: np.ndarray
    related: np.ndarray
    answered: np.ndarray
    verdict: np.ndarray


PARTS = {"sentence": NAMES, "window": CHOICE, "related": (*SIGNALS, "bias"), "answered": (*SIGNALS, "bias"),
         "verdict": (*VERDICT, "bias")}


@lru_cache(maxsize=2)
def load_model(path: Path = WEIGHTS) -> Model:
    """The weights of a file, by default those that ship.

    :raises ValueError: the file was made for other features.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    if not all(set(data.get(part, ())) == set(names) for part, names in PARTS.items()):
        raise ValueError(f"{path} holds weights of other features; make it again with python -m qa.fitting")
    return Model(**{part: np.array([data[part][name] for name in names]) for part, names in PARTS.items()})


def save_model(path: Path, model: Model) -> None:
    """Write weights as :func:`load_model` reads them."""
    rounded = {part: dict(zip(names, np.round(getattr(model, part), 4).tolist())) for part, names in PARTS.items()}
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def signals(evidence: Evidence) -> np.ndarray:
    """What the sentences tell of whether there is an answer, and 1 for the bias: float64 of shape ``(len(SIGNALS) + 1,)``."""
    logits = evidence.logits
    order = np.argsort(-logits)
    best = dict(zip(NAMES, evidence.matrix[order[0]].tolist()))
    spread = np.exp(logits - logits.max())
    margin = logits[order[0]] - logits[order[1]] if len(order) > 1 else 5.0
    return np.array([logits[order[0]], min(margin, 5.0), 1 / spread.sum(), *(best[name] for name in SIGNALS[3:-1]),
                     evidence.saturation, 1.0])


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


def verdict(query: Query, evidence: Evidence, model: Model, chosen: int, quoted: Quote) -> np.ndarray:
    """:data:`VERDICT` of a question, and 1 for the bias.

    :param model: of which ``related`` and ``answered`` are used.
    :param chosen: row of the window that is quoted.
    """
    signs = signals(evidence)
    relevance = logsumexp([found.relevance for found in evidence.findings])
    window = evidence.windows[chosen]
    rows = [row for row in range(window.first, window.last + 1)
            if evidence.candidates[row].start < quoted.end and evidence.candidates[row].end > quoted.start]
    differ = evidence.matrix[np.ix_(rows, [NAMES.index(name) for name in VERDICT[-2:]])].min(axis=0)
    return np.array([signs @ model.related, signs @ model.answered, relevance, float(lacks_figure(quoted.text, query)), *differ, 1.0])


def read(query: Query, evidence: Evidence, model: Model) -> Reading:
    """The answer that the evidence holds."""
    if not evidence.windows:
        return Reading((), 0.0, np.empty(0))
    scores = choices(query, evidence) @ model.window
    chosen = int(np.argmax(scores))
    quoted = quote(query.kind, evidence, chosen)
    return Reading((quoted,), float(expit(verdict(query, evidence, model, chosen, quoted) @ model.verdict)), scores)
