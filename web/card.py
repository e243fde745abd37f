"""An answer laid out for reading."""

from collections.abc import Mapping
from dataclasses import dataclass

from qa.answer import Answer, Citation, RankedPassage
from web.viewer import Pieces, mark
from web.wording import say

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
    :ivar verdict, comment: what was said of it, or None and nothing.
    """

    answer: Answer
    quotes: tuple[Quote, ...]
    certainty: str
    others: tuple[RankedPassage, ...]
    verdict: int | None
    comment: str

    def as_text(self, site: str, language: str) -> str:
        """The answer with its citations, to be pasted elsewhere.

        :param site: what the citations' addresses begin with, with a slash at its end.
        """
        return "\n\n".join(_cited(quote.citation, site.rstrip("/"), language) for quote in self.quotes)


def lay_out(answer: Answer, said: Mapping[str, tuple[int, str]]) -> Card:
    """The card of an answer or an abstention.

    :param said: verdicts and comments by the answer's id.
    """
    quotes, offset = [], 0
    for number, citation in enumerate(answer.citations, 1):
        end = offset + len(citation.quote)
        quotes.append(Quote(number, citation, mark(answer.text, answer.highlights, offset, end)))
        offset = end + 1
    others = tuple(p for p in answer.passages if not any(_overlaps(p.citation, c) for c in answer.citations))
    return Card(answer, tuple(quotes), certainty(answer.confidence), others, *said.get(answer.id, (None, "")))


def certainty(confidence: float) -> str:
    """``sure``, ``fair`` or ``slight``."""
    return "sure" if confidence >= SURE else "fair" if confidence >= FAIR else "slight"


def _cited(citation: Citation, site: str, language: str) -> str:
    """A quote, who says it and where it stands, each on a line of its own."""
    page = citation.page and say("page_of_report", language, page=citation.page)
    facts = filter(None, (citation.title, citation.issuer, citation.published, page))
    return f"{citation.quote}\n—— {' · '.join(facts)}\n{site}{citation.url}#quote"


def _overlaps(one: Citation, other: Citation) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end
