"""What the parts of a question found, as one answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.document import Document, Passage
from corpus.snapshot import Entry
from qa.quoting import Quote
from qa.retriever import Hit

APART = 12  # characters between two quotes that are quoted with them


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for one question.

    :ivar quotes: the answer, best first; empty only where nothing was retrieved.
    :ivar confidence: probability that the documents answer the question, in [0, 1].
    :ivar ranking: retrieved passages, best first, and how each was retrieved.
    :ivar entries: catalogue entries of the passages' documents, by document id.
    :ivar seconds: that retrieving and reading took.
    """

    quotes: tuple[Quote, ...]
    confidence: float
    ranking: tuple[tuple[Hit, Passage], ...]
    entries: Mapping[str, Entry]
    seconds: tuple[float, float]

    def answers(self, threshold: float) -> bool:
        """Whether there is something to quote, and it is sure enough."""
        return bool(self.quotes) and self.confidence >= threshold


def joined(whole: Found, parts: Sequence[Found], threshold: float, document: Callable[[str], Document]) -> Found:
    """The answers to the parts together where each part has one, else the answer to the whole; as sure as the least sure.

    :param threshold: confidence from which on a part has an answer.
    :param document: a document by its id.
    """
    seconds = tuple(map(sum, zip(whole.seconds, *(part.seconds for part in parts))))
    if not parts or not all(part.answers(threshold) for part in parts):
        return replace(whole, seconds=seconds)
    quotes = merged([quote for part in parts for quote in part.quotes], document)
    entries = dict(whole.entries)
    for part in parts:
        entries |= part.entries
    return Found(quotes, min(part.confidence for part in parts), _interleaved([*parts, whole]), entries, seconds)


def merged(quotes: Sequence[Quote], document: Callable[[str], Document]) -> tuple[Quote, ...]:
    """Quotes in their order, those that overlap or nearly touch made one."""
    kept: list[Quote] = []
    for quote in quotes:
        near = next((i for i, other in enumerate(kept) if other.document_id == quote.document_id
                     and max(other.start, quote.start) - min(other.end, quote.end) <= APART), None)
        if near is None:
            kept.append(quote)
        else:
            kept[near] = _union(kept[near], quote, document(quote.document_id).text)
    return tuple(kept)


def _union(one: Quote, other: Quote, text: str) -> Quote:
    start, end = min(one.start, other.start), max(one.end, other.end)
    highlights = [quote.highlight for quote in (one, other) if quote.highlight]
    highlight = (min(start for start, _ in highlights), max(end for _, end in highlights)) if highlights else None
    return Quote(one.document_id, start, end, text[start:end], highlight)


def _interleaved(found: Sequence[Found]) -> tuple[tuple[Hit, Passage], ...]:
    """The passages of several rankings by turns, each once; scores fall from one to the next, as everywhere."""
    longest = max(len(each.ranking) for each in found)
    turns = [each.ranking[place] for place in range(longest) for each in found if place < len(each.ranking)]
    once = dict.fromkeys(hit.passage_id for hit, _ in turns)
    first = {each: next(pair for pair in turns if pair[0].passage_id == each) for each in once}
    ranking, lowest = [], float("inf")
    for hit, passage in first.values():
        lowest = min(lowest, hit.score)
        ranking.append((replace(hit, score=lowest), passage))
    return tuple(ranking)
