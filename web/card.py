"""An answer laid out for reading."""

from dataclasses import dataclass

from qa.answer import Answer, Citation, RankedPassage
from web.viewer import Pieces, mark

SURE, FAIR = 0.85, 0.65  # confidence from which an answer is called very, or fairly, certain


@dataclass(frozen=True, slots=True)
class Quote:
    """One citation of an answer.

    :ivar number: from 1, as shown on its chip.
    :ivar pieces: the quote, its highlights marked.
    """

    number: int
    citation: Citation
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class Card:
    """What the answer template shows.

    :ivar certainty: name of the confidence in words.
    :ivar others: further passages, those that the quotes come from left out.
    """

    answer: Answer
    quotes: tuple[Quote, ...]
    certainty: str
    others: tuple[RankedPassage, ...]


def lay_out(answer: Answer) -> Card:
    """The card of an answer or an abstention."""
    quotes, offset = [], 0
    for number, citation in enumerate(answer.citations, 1):
        end = offset + len(citation.quote)
        quotes.append(Quote(number, citation, mark(answer.text, answer.highlights, offset, end)))
        offset = end + 1
    others = tuple(p for p in answer.passages if not any(_overlaps(p.citation, c) for c in answer.citations))
    return Card(answer, tuple(quotes), certainty(answer.confidence), others)


def certainty(confidence: float) -> str:
    """``sure``, ``fair`` or ``slight``."""
    return "sure" if confidence >= SURE else "fair" if confidence >= FAIR else "slight"


def _overlaps(one: Citation, other: Citation) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end
