"""A conversation written out: questions, quotes verbatim, and the references that the quotes are numbered after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from web.card import Card
from web.exports.references import Reference
from web.viewer import Pieces
from web.wording import say


class Writer(Protocol):
    """A form of document, written from the top to the end."""

    def title(self, text: str) -> None:
        """The title of the document."""

    def heading(self, text: str) -> None:
        """The heading of a part."""

    def note(self, text: str) -> None:
        """Something that is said about a part."""

    def text(self, text: str) -> None:
        """Words of this site."""

    def quote(self, pieces: Pieces, number: int) -> None:
        """Words of a report, in pieces of which some are marked, and the number of their reference."""

    def reference(self, reference: Reference) -> None:
        """An entry of the list of references."""

    def finish(self) -> bytes:
        """The file."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation, ready to be written.

    :ivar note: where it comes from, and when it was written out.
    :ivar cards: its answers, laid out.
    :ivar references: by the ids of the documents.
    """

    title: str
    note: str
    cards: Sequence[Card]
    references: dict[str, Reference]

    def write(self, writer: Writer, language: str) -> bytes:
        """The file that a fresh writer makes of it."""
        writer.title(self.title)
        writer.note(self.note)
        for card in self.cards:
            self._write_turn(card, writer, language)
        if self.references:
            writer.heading(say("references", language))
        for reference in self.references.values():
            writer.reference(reference)
        return writer.finish()

    def _write_turn(self, card: Card, writer: Writer, language: str) -> None:
        answer = card.answer
        writer.heading(answer.question)
        if answer.understood != answer.question:
            writer.note(say("understood", language) + answer.understood)
        for quote in card.quotes:
            writer.quote(quote.pieces, self.references[quote.citation.document_id].number)
        if answer.answered:
            writer.note(say(f"confidence_{card.certainty}", language))
        elif not answer.other_years:
            writer.text(say("no_answer", language))
        else:
            writer.text(say("no_answer_of_year", language))
        for other in answer.other_years:
            writer.note(say("of_year", language, year=other.year))
            writer.quote([(other.citation.quote, False)], self.references[other.citation.document_id].number)
