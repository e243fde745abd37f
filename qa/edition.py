"""One version of the index with the library as it was then: where a query becomes an answer."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from corpus.catalogue import Catalogue, Facets
from corpus.document import Document, Passage
from corpus.snapshot import Entry, Snapshot
from embeddings.encoder import Encoder
from qa import explaining, other_years
from qa.answer import Answer, OtherYear, RankedPassage, SearchResult
from qa.candidates import candidates
from qa.citing import cite, compose, ranked
from qa.evidence import Evidence, gather
from qa.explaining import SHOWN, Explanation, Part
from qa.features import bag
from qa.filters import Filters
from qa.index import Index
from qa.joining import Found, joined
from qa.lookup import Lookup
from qa.matcher import Matcher
from qa.neural import WindowReader
from qa.parts import parts
from qa.question import Query, understand
from qa.reader import read
from qa.reranking import reranked
from qa.retriever import Hit, Retrieval, retrieve
from qa.settings import Settings
from qa.suggestions import related
from qa.weights import Weights

READ = 8  # passages that the reader looks into
FACETS = 24  # places, years and issuers that are offered to choose from, of each
DOCUMENTS_KEPT = 64  # documents held in memory for citations and the viewer


@dataclass(frozen=True)
class Edition:
    """An index version, its library, and what it is read with. Nothing in it changes, so any number of threads may use it.

    Methods raise KeyError where the library no longer holds what the index ranks.

    :ivar snapshot: the library as it was when the version was built.
    """

    index: Index
    snapshot: Snapshot
    settings: Settings
    encoder: Encoder
    reader: WindowReader
    matcher: Matcher
    weights: Weights

    @property
    def version(self) -> str:
        """Name of the index version."""
        return self.index.manifest.version

    @cached_property
    def document(self) -> Callable[[str], Document]:
        """A document by its id."""
        return lru_cache(DOCUMENTS_KEPT)(self.snapshot.document)

    @cached_property
    def facets(self) -> Facets:
        """Places, years and issuers to choose from."""
        return Catalogue(self.snapshot).facets(FACETS)

    def understand(self, question: str, history: Sequence[str] = ()) -> Query:
        """A checked question, what seems mistyped corrected by the words of the index."""
        return self.index.vocabulary.consulted(lambda held: understand(question, history, held))

    def answer(self, asked: str, query: Query, filters: Filters, top_k: int, understanding: float) -> Answer:
        """The answer to a query, or an abstention.

        :param asked: the question as it was asked.
        :param understanding: seconds that it took to understand it.
        """
        return self._answer(asked, self.look_up(query, filters, max(top_k, READ)), filters, top_k, understanding)

    def search(self, asked: str, query: Query, filters: Filters, top_k: int, understanding: float) -> SearchResult:
        """The passages that are retrieved for a query as a whole; see :meth:`answer`."""
        begun = time.perf_counter()
        passages = self._ranked(self._retrieve(query.within(self.index.vocabulary), filters).best(top_k))
        return SearchResult(asked, query.text, passages, _timings(understand=understanding, retrieve=time.perf_counter() - begun), self.version)

    def explain(self, asked: str, query: Query, filters: Filters, understanding: float) -> Explanation:
        """The same answer, and how it came about; see :meth:`answer`."""
        lookups = self.look_up(query, filters, max(SHOWN, READ))
        whole, *others = lookups
        return Explanation(
            answer=self._answer(asked, lookups, filters, SHOWN, understanding), query=whole.query,
            vector_weight=self.settings.vector_weight, threshold=self.settings.threshold, terms=explaining.terms(whole),
            words=self._ranked(whole.retrieval.by_words(SHOWN)), meaning=self._ranked(whole.retrieval.by_meaning(SHOWN)),
            fused=self._ranked(whole.retrieval.best(SHOWN)),
            sentences=explaining.sentences(whole.evidence, self.weights, self.document),
            stretches=explaining.stretches(whole.evidence, whole.reading, self.document),
            confidence=whole.reading.confidence, grounds=explaining.grounds(whole.reading, self.weights),
            parts=tuple(Part(other.query.text, other.found.confidence, other.found.answers(self.settings.threshold))
                        for other in others))

    def evidence(self, query: Query, filters: Filters) -> tuple[Query, Evidence]:
        """What the reader may see: the query as it is searched, the sentences with their features, and all their windows."""
        query = query.within(self.index.vocabulary)
        hits = self._retrieve(query, filters).best(READ)
        return query, self._weigh(query, hits, *self._passages(hits), all_windows=True)

    def look_up(self, query: Query, filters: Filters, limit: int) -> list[Lookup]:
        """The query looked up as a whole and, where it asks for several things, for each of these.

        :param limit: most passages found for each.
        """
        several = parts(query.text)
        each = [self.understand(part) for part in several] if len(several) > 1 else []
        return [self._look_up(one, filters, limit) for one in (query, *each)]

    def _answer(self, asked: str, lookups: Sequence[Lookup], filters: Filters, top_k: int, understanding: float) -> Answer:
        whole, *others = lookups
        threshold = self.settings.threshold
        found = joined(whole.found, [other.found for other in others], threshold, self.document)
        text, citations, highlights = compose(found.quotes, self.document) if found.answers(threshold) else (None, (), ())
        return Answer(
            id=uuid.uuid4().hex, question=asked, understood=whole.query.text, text=text, confidence=found.confidence,
            citations=citations, highlights=highlights,
            passages=tuple(ranked(hit, passage, found.entries[passage.document_id])
                           for hit, passage in found.ranking[:top_k]),
            suggestions=related(asked, text, [passage for _, passage in found.ranking], found.entries),
            timings_ms=_timings(understand=understanding, retrieve=found.seconds[0], read=found.seconds[1]), index_version=self.version,
            other_years=() if citations else tuple(self._of_other_years(whole, filters)))

    def _of_other_years(self, lookup: Lookup, filters: Filters) -> list[OtherYear]:
        """What answers the same question of other years, surely enough to be an answer; newest first."""
        found = []
        for year, question in other_years.restated(lookup.query, lookup.evidence):
            other = self._look_up(self.understand(question), filters, READ)
            sure = other.found.answers(max(self.settings.threshold, other_years.SURE))
            if sure and other_years.answers(other.query, quote := other.found.quotes[0], year, other.evidence):
                found.append(OtherYear(year, cite(self.document(quote.document_id), quote.start, quote.end)))
        return sorted(found, key=lambda each: -each.year)[:other_years.SHOWN]

    def _look_up(self, query: Query, filters: Filters, limit: int) -> Lookup:
        clock = [time.perf_counter()]
        query = query.within(self.index.vocabulary)
        retrieval = self._retrieve(query, filters)
        hits = retrieval.best(limit)
        passages, entries = self._passages(hits)
        clock.append(time.perf_counter())
        evidence = self._weigh(query, hits[:READ], passages[:READ], entries)
        reading = read(query, evidence, self.weights)
        hits, passages = reranked(hits, passages, evidence, reading.scores)
        clock.append(time.perf_counter())
        found = Found(reading.quotes, reading.confidence, tuple(zip(hits, passages)), entries,
                      (clock[1] - clock[0], clock[2] - clock[1]))
        return Lookup(query, retrieval, evidence, reading, found)

    def _retrieve(self, query: Query, filters: Filters) -> Retrieval:
        return retrieve(query, self.index, self.encoder, self.settings.candidates, self.settings.vector_weight, filters, self.snapshot)

    def _ranked(self, hits: Sequence[Hit]) -> tuple[RankedPassage, ...]:
        passages, entries = self._passages(hits)
        return tuple(ranked(hit, passage, entries[passage.document_id]) for hit, passage in zip(hits, passages))

    def _passages(self, hits: Sequence[Hit]) -> tuple[list[Passage], dict[str, Entry]]:
        """The passages of hits, and the catalogue entries of their documents by id."""
        passages = self.snapshot.passages([hit.passage_id for hit in hits])
        return passages, self.snapshot.entries({passage.document_id for passage in passages})

    def _weigh(self, query: Query, hits: Sequence[Hit], passages: Sequence[Passage], entries: Mapping[str, Entry],
               all_windows: bool = False) -> Evidence:
        vocabulary = self.index.vocabulary
        highest = vocabulary.highest_score(query.searched)
        found = candidates(query, hits, passages, entries, self.matcher)
        vocabulary.expect(bag(each.text) for each in found)
        return gather(query, found, vocabulary.known_idf, self.matcher,
                      hits[0].bm25 / highest if hits and highest else 0.0, self.weights, self.reader, all_windows)


def _timings(**seconds: float) -> dict[str, float]:
    """Milliseconds of each stage and of all, from seconds."""
    return {stage: round(1000 * each, 3) for stage, each in (seconds | {"total": sum(seconds.values())}).items()}
