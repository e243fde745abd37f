"""A query and retrieved passages to the sentences that answer, and how sure."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.special import expit

from corpus.passages import sentences
from qa.features import NAMES, Candidate, features, term_weights
from qa.matcher import Matcher
from qa.question import Kind, Query
from qa.spans import highlight

WEIGHTS = Path(__file__).parent / "data" / "reader.json"
LONGEST = 155  # characters of an answer; a longer sentence is cut at clauses
NEARLY = 4.0  # how much worse than the best a sentence beside it may score to be quoted with it
LONGEST_LIST = 320  # characters of an answer that lists

# Kinds of answer that are told rather than named, and may take several sentences.
_LONG_KINDS = (Kind.LIST, Kind.MEANS, Kind.DEFINITION, Kind.REASON, Kind.POLAR, Kind.OTHER)
# The first three and the last are worked out in signals(), those between are features of the chosen sentence.
SIGNALS = ("top", "margin", "probability", "own", "own_rare", "missing_rare", "near", "context", "run", "kind",
           "kind_missing", "kind_unit", "unit_missing", "years_agree", "years_context", "years_differ", "years_other",
           "places_differ", "title_named", "named", "span_near", "asked_figure", "typed", "plan_missing",
           "plan_unasked", "vector", "soft_own", "soft_covered", "soft_missing", "saturation")


@dataclass(frozen=True, slots=True)
class Quote:
    """A slice of a document; offsets ``[start, end)`` in it.

    :ivar highlight: the shortest reply, as offsets in the document, or None.
    """

    document_id: str
    start: int
    end: int
    highlight: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    :ivar quotes: the answer, best first; empty only where there were no candidates.
    :ivar confidence: probability that the documents answer the question, in [0, 1].
    """

    quotes: tuple[Quote, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the reader decides on.

    :ivar weights: share of the question's meaning that each of its terms carries.
    :ivar matrix: features of the candidates, float32 of shape ``(candidates, len(NAMES))``.
    :ivar saturation: the best passage's BM25 score over the highest that the question could reach, in [0, 1].
    """

    candidates: list[Candidate]
    weights: dict[str, float]
    matrix: np.ndarray
    saturation: float


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of a conditional logit over candidate sentences and of the two logistic regressions whose product is the confidence.

    :ivar sentence: weight of each feature of :data:`qa.features.NAMES`, scaling folded in.
    :ivar related: weight of each signal of :func:`signals`, and the bias last, for "the documents are about this".
    :ivar answered: the same for "they state what is asked", of a question that they are about.
    """

    sentence: np.ndarray
    related: np.ndarray
    answered: np.ndarray


@lru_cache(maxsize=1)
def load_model(path: Path = WEIGHTS) -> Model:
    """The shipped weights.

    :raises ValueError: the file was made for other features.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    names = (*SIGNALS, "bias")
    if not (set(data["sentence"]) == set(NAMES) and set(data["related"]) == set(data["answered"]) == set(names)):
        raise ValueError(f"{path} holds weights of other features; make it again with python -m qa.fitting")
    return Model(np.array([data["sentence"][name] for name in NAMES]),
                 np.array([data["related"][name] for name in names]),
                 np.array([data["answered"][name] for name in names]))


def signals(evidence: Evidence, logits: np.ndarray) -> np.ndarray:
    """What tells a question that the documents answer from one that they do not: float64 of shape ``(len(SIGNALS),)``.

    :param logits: the candidates' scores under the sentence model.
    """
    order = np.argsort(-logits)
    best = dict(zip(NAMES, evidence.matrix[order[0]].tolist()))
    spread = np.exp(logits - logits.max())
    margin = logits[order[0]] - logits[order[1]] if len(order) > 1 else 5.0
    return np.array([logits[order[0]], min(margin, 5.0), 1 / spread.sum(), *(best[name] for name in SIGNALS[3:-1]),
                     evidence.saturation])


def weigh(query: Query, candidates: list[Candidate], idf: Callable[[str], float], matcher: Matcher,
          saturation: float) -> Evidence:
    """Candidates with their features.

    :param idf: IDF of a term, above 0 for unknown ones too.
    :param saturation: the best passage's BM25 score over the highest that the question could reach, in [0, 1].
    """
    weights = term_weights(query, idf)
    return Evidence(candidates, weights, features(query, candidates, weights, idf, matcher), saturation)


def read(query: Query, evidence: Evidence, model: Model) -> Reading:
    """The answer among the candidate sentences."""
    if not evidence.candidates:
        return Reading((), 0.0)
    logits = evidence.matrix @ model.sentence
    signal = np.append(signals(evidence, logits), 1.0)
    confidence = float(expit(signal @ model.related) * expit(signal @ model.answered))
    return Reading((_quote(query, evidence, logits),), confidence)


def _quote(query: Query, evidence: Evidence, logits: np.ndarray) -> Quote:
    """The best sentence, with those beside it that answer too, or cut to clauses where it is very long."""
    best = int(np.argmax(logits))
    chosen = evidence.candidates[best]
    start, end = highlight(chosen.text, query, evidence.weights)
    marked = (chosen.start + start, chosen.start + end)
    if query.kind in _LONG_KINDS:
        first, last = _grown(evidence.candidates, logits, best)
        since = evidence.candidates[first].start
        return Quote(chosen.entry.id, since, _introduced(evidence.candidates[last], since), marked)
    if len(chosen.text) > LONGEST:
        first, last = _clauses(chosen.text, start, end)
        return Quote(chosen.entry.id, chosen.start + first, chosen.start + last, marked)
    return Quote(chosen.entry.id, chosen.start, chosen.end, marked)


def _grown(candidates: list[Candidate], logits: np.ndarray, best: int) -> tuple[int, int]:
    """First and last of the sentences around the best one, of the same passage, that score nearly as well."""
    first = last = best
    while True:
        for low, high in ((first, last + 1), (first - 1, last)):
            fits = low >= 0 and high < len(candidates) and candidates[low].rank == candidates[high].rank
            if fits and min(logits[low], logits[high]) > logits[best] - NEARLY and (
                    candidates[high].end - candidates[low].start <= LONGEST):
                first, last = low, high
                break
        else:
            return first, last


def _introduced(chosen: Candidate, since: int) -> int:
    """Where a sentence ends, or, if it ends in a colon, where what it introduces does; an offset in the document.

    :param since: where the quote begins that must stay within :data:`LONGEST_LIST`.
    """
    text = chosen.text + chosen.after
    end = len(chosen.text)
    if chosen.text.rstrip().endswith(("：", ":")):
        for _, stop in sentences(text, end):
            if chosen.start + stop - since > LONGEST_LIST:
                break
            end = stop
    return chosen.start + end


def _clauses(text: str, start: int, end: int) -> tuple[int, int]:
    """The clauses around ``[start, end)`` that fit into :data:`LONGEST`, growing forwards and backwards in turn."""
    marks = [0, *(i + 1 for i, char in enumerate(text) if char in "，；,;"), len(text)]
    first = max(i for i, mark in enumerate(marks) if mark <= start)
    last = min(i for i, mark in enumerate(marks) if mark >= end)
    grown = True
    while grown:
        grown = False
        for low, high in ((first - 1, last), (first, last + 1)):
            if low >= 0 and high < len(marks) and marks[high] - marks[low] <= LONGEST:
                first, last, grown = low, high, True
    return marks[first], marks[last]
