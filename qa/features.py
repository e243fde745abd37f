"""What a sentence shows for or against being the answer: the numbers that the reader weighs."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from corpus.dates import explicit_years, is_plan, years_of
from corpus.places import contains, places_in
from corpus.snapshot import Entry
from qa.matcher import Matcher, content_words
from qa.question import Kind, Query
from qa.spans import TYPED, asked_measure, nearest, typed_spans
from qa.terms import fold, terms

_SOFT = ("soft_own", "soft_covered", "soft_missing")
NAMES = (
    "own", "own_rare", "own_words", "near", "passage", "context", "missing_rare", "title_only", "title_named",
    "named", "run", "density", "score", "first", "length", "short", "long", "question_mark", "kind", "kind_unit",
    "kind_missing", "unit_missing", "fresh_figure", "figures", "span_near", "asked_figure", "typed", "years_agree",
    "years_differ", "years_context", "years_other", "places_agree", "places_inside", "places_differ", "plan_agrees",
    "plan_missing", "plan_unasked", "list_marks", "list_asked", "reason", "means", "definition", "colon", "opening",
    "vector", *_SOFT)
Idf = Callable[[Iterable[str]], list[float]]  # IDF of each of some terms
RARE = 5  # of the question's terms that are looked at by themselves

_REASON = re.compile(r"因|由于|为了|为[^，。]{2,20}[，,]|鉴于|缘于|得益于|旨在|以便|防止|避免")
_MEANS = re.compile(r"通过|采取|采用|实行|按照|依托|凭|可以|可通过|应当?|须|以[^，。]{2,15}(?:为|方式|办法)|登录|拨打|到[^，。]{2,15}(?:办理|申请)")
_DEFINITION = re.compile(r"是指|指的是|包括|即[“\u4e00-\u9fff]|所称|称为|是[“\u4e00-\u9fff]")
_DIGIT = re.compile(r"\d")
_LIST = re.compile(r"、|；|（[一二三四五六七八九十]）|[①②③④⑤]|[一二三四五]是")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a retrieved passage; offsets ``[start, end)`` in the document.

    :ivar before, after: the passage's text around the sentence.
    :ivar score: the passage's fused score, 1.0 the highest possible.
    :ivar rank: the passage's place in the ranking, from 0.
    :ivar vector: cosine similarity of the sentence to the question.
    """

    entry: Entry
    section: tuple[str, ...]
    start: int
    end: int
    text: str
    before: str
    after: str
    score: float
    rank: int
    vector: float

    @property
    def context(self) -> str:
        """What stands above the sentence: title, place, issuer, year and headings."""
        known = self.entry.metadata
        year = f"{known.report_year}年" if known.report_year else ""
        return "\n".join((known.title, known.region or "", known.issuer or "", year, *self.section))


def term_weights(query: Query, idf: Idf) -> dict[str, float]:
    """The share of the question's meaning that each of its terms carries: IDF times weight, summing to 1.

    :param idf: unknown terms should count as the rarest, since the question names them.
    """
    raw = {term: weight * rarity for (term, weight), rarity in zip(query.weights.items(), idf(query.weights))}
    total = sum(raw.values()) or 1.0
    return {term: value / total for term, value in raw.items()}


def features(query: Query, candidates: list[Candidate], weights: dict[str, float], idf: Idf, matcher: Matcher) -> np.ndarray:
    """float32 array of shape ``(candidates, len(NAMES))``.

    :param candidates: those of one passage stand next to each other.
    :param weights: from :func:`term_weights`.
    """
    top = max((c.score for c in candidates), default=1.0) or 1.0
    contexts, own = [c.context for c in candidates], [bag(c.text) for c in candidates]
    coverage = _coverage(weights, candidates, contexts, own)
    rarity = dict(zip(weights, idf(weights)))
    titles = list(dict.fromkeys(c.entry.metadata.title for c in candidates))
    named = dict(zip(titles, _precision([bag(title) for title in titles], rarity, idf)))
    question, measure = fold(query.content), asked_measure(query.text) if query.kind is Kind.NUMBER else None
    rows = [[named[c.entry.metadata.title], precision, _longest_run(question, fold(c.text)),
             mine / math.log(20 + len(c.text)), c.score / top, 1.0 / (1 + c.rank), *_shape(c),
             *_kind_features(query, c, weights, measure), *_time_and_place(query, c), *_form_features(query, c), c.vector]
            for c, precision, mine in zip(candidates, _precision(own, rarity, idf), coverage[:, 0].tolist())]
    rest = np.array(rows, np.float32).reshape(len(candidates), len(NAMES) - len(_SOFT) - coverage.shape[1])
    return np.hstack([coverage, rest, _soft(query, candidates, contexts, idf, matcher)])


@lru_cache(maxsize=1024)
def bag(text: str) -> frozenset[str]:
    """The terms of a text."""
    return frozenset(terms(text))


def _coverage(weights: dict[str, float], candidates: list[Candidate], contexts: list[str], own: list[frozenset[str]]) -> np.ndarray:
    """Which share of the question stands in the sentence, beside it, in its passage, above it, or nowhere: float32 of
    shape ``(candidates, 8)``, in the order of :data:`NAMES`.
    """
    share = np.array(list(weights.values()))
    long = share * np.array([len(term) > 1 for term in weights], bool)
    rare = np.zeros(len(share))
    rarest = np.argsort(-share, kind="stable")[:RARE]
    rare[rarest] = share[rarest]
    here = _held(weights, own)
    each = list(dict.fromkeys(contexts))
    above = dict(zip(each, _held(weights, [bag(context) for context in each])))
    context = np.array([above[context] for context in contexts], bool).reshape(here.shape)
    passage_of = np.array([c.rank for c in candidates])
    around, passage = np.zeros_like(here), np.zeros_like(here)
    follows = passage_of[1:] == passage_of[:-1]
    around[1:][follows] |= here[:-1][follows]
    around[:-1][follows] |= here[1:][follows]
    for rank in dict.fromkeys(passage_of.tolist()):
        passage[passage_of == rank] = here[passage_of == rank].any(axis=0)
    mine = here @ share
    return np.stack([
        mine, here @ rare / (rare.sum() or 1.0), here @ long / (long.sum() or 1.0), (around & ~here) @ share,
        (passage & ~here & ~around) @ share, (context & ~here) @ share,
        ~(here | around | passage | context) @ rare / (rare.sum() or 1.0), mine < 0.1], axis=1).astype(np.float32)


def _held(weights: dict[str, float], bags: list[frozenset[str]]) -> np.ndarray:
    """Which of the terms each bag holds: bool of shape ``(bags, terms)``."""
    return np.array([[term in bag for term in weights] for bag in bags], bool).reshape(len(bags), len(weights))


def _precision(bags: list[frozenset[str]], rarity: dict[str, float], idf: Idf) -> list[float]:
    """Of each text, which share of its meaning the question names: low where it is of something else or says much new.

    :param rarity: IDF of each of the question's terms.
    """
    every = list(frozenset().union(*bags))
    worth = dict(zip(every, idf(every)))
    totals = [sum(map(worth.__getitem__, terms)) for terms in bags]
    return [sum(value for term, value in rarity.items() if term in terms) / total if total else 0.0 for terms, total in zip(bags, totals)]


def _shape(c: Candidate) -> list[float]:
    length = len(c.text)
    return [math.log(1 + length) / 5, float(length < 12), float(length > 160), float("？" in c.text or "?" in c.text)]


def _soft(query: Query, candidates: list[Candidate], contexts: list[str], idf: Idf, matcher: Matcher) -> np.ndarray:
    """Coverage by meaning: in the sentence, in it or above it, and what remains of the worst covered word."""
    question = content_words(query.content)
    if not question or not candidates:
        return np.zeros((len(candidates), len(_SOFT)), np.float32)
    share = np.array([_word_idf(word, idf) for word in question])
    share /= share.sum() or 1.0
    own = matcher.closeness(question, [c.text for c in candidates])
    each = list(dict.fromkeys(contexts))
    above = dict(zip(each, matcher.closeness(question, each)))
    both = np.maximum(own, np.array([above[context] for context in contexts]))
    return np.stack([own @ share, both @ share, ((1 - both) * share).max(axis=1)], axis=1).astype(np.float32)


def _word_idf(word: str, idf: Idf) -> float:
    """IDF of a word; of one that is no term by itself, the mean of its terms."""
    parts = terms(word)
    return float(np.mean(idf(parts))) if parts else 0.0


def _kind_features(query: Query, c: Candidate, weights: dict[str, float], measure: re.Pattern | None) -> list[float]:
    if query.kind not in TYPED:
        return [0.0] * 9
    spans, asked = typed_spans(c.text, query.kind), fold(query.text)
    fresh = [(start, end) for start, end in spans if fold(c.text[start:end]) not in asked]
    measured = bool(measure) and any(measure.search(c.text[start:end]) for start, end in fresh)
    best = nearest(c.text, fresh, weights, measure)
    return [float(bool(fresh)), float(measured), float(not fresh), float(bool(measure) and not measured),
            float(any(_DIGIT.search(c.text, start, end) for start, end in fresh)), min(len(fresh), 5) / 5,
            min(best[1], 3.0) if best else 0.0, float(query.kind is Kind.NUMBER and len(spans) > len(fresh)), 1.0]


def _time_and_place(query: Query, c: Candidate) -> list[float]:
    known = c.entry.metadata
    asked, mine = set(query.years), set(explicit_years(c.text))
    inherited = set(years_of(c.text, known.published, known.report_year, c.section))
    there = places_in(c.text) or (known.region,) * bool(known.region) or places_in(known.title)
    planned = is_plan(c.text, c.section)
    agree = any(place in query.places for place in (*there, known.region))
    inside = any(contains(outer, inner) for outer in query.places for inner in there)
    return [float(bool(asked & mine)), float(bool(asked and mine and not asked & mine)),
            float(bool(asked and not mine and asked & inherited)),
            float(bool(asked and inherited and not asked & inherited)),
            float(agree), float(inside and not agree), float(bool(query.places and there) and not agree and not inside),
            float(query.plan and planned), float(query.plan and not planned), float(planned and not query.plan)]


def _form_features(query: Query, c: Candidate) -> list[float]:
    marks = min(len(_LIST.findall(c.text)), 6) / 6
    asks = query.kind
    return [marks, marks if asks is Kind.LIST else 0.0,
            float(asks is Kind.REASON and bool(_REASON.search(c.text))),
            float(asks is Kind.MEANS and bool(_MEANS.search(c.text))),
            float(asks is Kind.DEFINITION and bool(_DEFINITION.search(c.text))),
            float(c.text.rstrip().endswith(("：", ":"))), float(not c.before)]


def _longest_run(question: str, text: str) -> float:
    """Length of the longest common substring over the question's length."""
    best = 0
    for start in range(len(question)):
        while start + best < len(question) and question[start:start + best + 1] in text:
            best += 1
    return best / max(1, len(question))
