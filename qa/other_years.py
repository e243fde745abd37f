"""What the reports say of other years, where they do not say it of the year that is asked for."""

import re
from collections.abc import Iterator

from corpus.dates import years_of
from qa.evidence import Evidence
from qa.features import NAMES, Candidate
from qa.question import Kind, Query
from qa.quoting import Quote
from qa.spans import lacks_figure

TRIED = 3  # years that are asked about instead; each takes as long as a question
SHOWN = 3
SURE = 0.6  # confidence from which an answer about another year is worth showing
_HERE = NAMES.index("places_agree")


def restated(query: Query, evidence: Evidence) -> Iterator[tuple[int, str]]:
    """The same question of other years of which the evidence has a figure as asked for, nearest to the year asked for first, with
    these years.

    None where the question does not ask for a figure of just one year.
    """
    if len(query.years) != 1 or query.kind is not Kind.NUMBER:
        return
    [asked] = query.years
    for year in sorted(_told(query, evidence) - {asked}, key=lambda year: (abs(year - asked), -year))[:TRIED]:
        question = re.sub(rf"(?<!\d){asked}(?!\d)", str(year), query.text)
        if question != query.text:
            yield year, question


def answers(query: Query, quote: Quote, year: int, evidence: Evidence) -> bool:
    """Whether a quote has a figure as asked for, and stands in what is said of just that year and of a place that is asked about.

    :param query: of the other year, as the evidence was gathered for it.
    """
    if lacks_figure(quote.text, query):
        return False
    rows = [row for row, candidate in enumerate(evidence.candidates)
            if candidate.entry.id == quote.document_id and candidate.start < quote.end and quote.start < candidate.end]
    here = any(_is_here(query, evidence, row) for row in rows)
    return here and any(_years(evidence.candidates[row]) == (year,) for row in rows)


def _told(query: Query, evidence: Evidence) -> set[int]:
    """Years that sentences of a place asked about speak of and have a figure as asked for."""
    return {year for row, candidate in enumerate(evidence.candidates)
            if _is_here(query, evidence, row) and not lacks_figure(candidate.text, query) for year in _years(candidate)}


def _is_here(query: Query, evidence: Evidence, row: int) -> bool:
    """Whether a sentence is of a place that is asked about, or none is."""
    return not query.places or bool(evidence.matrix[row, _HERE])


def _years(candidate: Candidate) -> tuple[int, ...]:
    known = candidate.entry.metadata
    return years_of(candidate.text, known.published, known.report_year, candidate.section)
