"""What a sentence shows for or against being the answer: the numbers that the reader weighs."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from corpus.dates import explicit_years, is_plan, years_of
from corpus.places import contains, places_in
from corpus.snapshot import Entry
from qa.question import Kind, Query
from qa.spans import asked_unit, fits_unit, typed_spans
from qa.terms import fold, terms

NAMES = (
    "own", "own_rare", "own_words", "near", "passage", "context", "missing_rare", "run", "density", "score", "first",
    "length", "short", "long", "question_mark", "kind", "kind_unit", "kind_missing", "unit_missing", "fresh_figure",
    "figures", "years_agree", "years_differ", "years_context", "years_other",
    "places_agree", "places_inside", "places_differ", "plan_agrees", "plan_missing", "plan_unasked", "title_only",
    "list_marks", "list_asked", "reason", "means", "definition", "colon", "opening", "vector")

_REASON = re.compile(r"因|由于|为了|为[^，。]{2,20}[，,]|鉴于|缘于|得益于|旨在|以便|防止|避免")
_MEANS = re.compile(r"通过|采取|采用|实行|按照|依托|凭|可以|可通过|应当?|须|以[^，。]{2,15}(?:为|方式|办法)|登录|拨打|到[^，。]{2,15}(?:办理|申请)")
_DEFINITION = re.compile(r"是指|指的是|包括|即[“\u4e00-\u9fff]|所称|称为|是[“\u4e00-\u9fff]")
_LIST = re.compile(r"、|；|（[一二三四五六七八九十]）|[①②③④⑤]|[一二三四五]是")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a retrieved passage; offsets ``[start, end)`` in the document.

    :ivar around: the passage's text before and after the sentence.
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


def term_weights(query: Query, idf: Callable[[str], float]) -> dict[str, float]:
    """The share of the question's meaning that each of its terms carries: IDF times weight, summing to 1.

    :param idf: IDF of a term; unknown ones should count as the rarest, since the question names them.
    """
    raw = {term: weight * idf(term) for term, weight in query.weights.items()}
    total = sum(raw.values()) or 1.0
    return {term: value / total for term, value in raw.items()}


def features(query: Query, candidates: list[Candidate], weights: dict[str, float]) -> np.ndarray:
    """float32 array of shape ``(candidates, len(NAMES))``.

    :param weights: from :func:`term_weights`.
    """
    top = max((c.score for c in candidates), default=1.0) or 1.0
    rare = sorted(weights, key=weights.get, reverse=True)[:5]
    cached: dict[str, frozenset[str]] = {}

    def bag(text: str) -> frozenset[str]:
        if text not in cached:
            cached[text] = frozenset(terms(text))
        return cached[text]

    rows = [_row(query, c, weights, rare, bag, top) for c in candidates]
    return np.array(rows, np.float32).reshape(len(candidates), len(NAMES))


def _row(query: Query, c: Candidate, weights: dict[str, float], rare: list[str], bag, top: float) -> list[float]:
    own, near, context = bag(c.text), bag(c.before[-60:]) | bag(c.after[:60]), bag(c.context)
    passage = bag(c.before) | bag(c.after)

    def share(keep: Callable[[str], bool]) -> float:
        return sum(weight for term, weight in weights.items() if keep(term))

    covered = own | near | passage | context
    rare_total = sum(weights[t] for t in rare) or 1.0
    mine = share(own.__contains__)
    length = len(c.text)
    return [
        mine,
        sum(weights[t] for t in rare if t in own) / rare_total,
        share(lambda t: len(t) > 1 and t in own) / (share(lambda t: len(t) > 1) or 1.0),
        share(lambda t: t in near and t not in own),
        share(lambda t: t in passage and t not in own and t not in near),
        share(lambda t: t in context and t not in own),
        sum(weights[t] for t in rare if t not in covered) / rare_total,
        _longest_run(fold(query.content), fold(c.text)),
        mine / np.log(20 + length),
        c.score / top, 1.0 / (1 + c.rank),
        np.log(1 + length) / 5, float(length < 12), float(length > 160),
        float("？" in c.text or "?" in c.text),
        *_kind_features(query, c), *_time_and_place(query, c),
        float(mine < 0.1), *_form_features(query, c), c.vector]


def _kind_features(query: Query, c: Candidate) -> list[float]:
    spans = typed_spans(c.text, query.kind)
    asked = fold(query.text)
    fresh = [c.text[s:e] for s, e in spans if fold(c.text[s:e]) not in asked]
    typed = query.kind in (Kind.NUMBER, Kind.DATE, Kind.CONTACT, Kind.NAME)
    unit = asked_unit(query.text) if query.kind is Kind.NUMBER else ""
    with_unit = any(fits_unit(span, unit) for span in fresh)
    return [float(bool(fresh)), float(with_unit), float(typed and not fresh), float(bool(unit) and not with_unit),
            float(typed and bool(fresh) and any(re.search(r"\d", span) for span in fresh)), min(len(fresh), 5) / 5]


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
