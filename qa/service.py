"""AnswerService, the one door that web, command line and evaluation go through."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np

from corpus.document import Document, Passage
from corpus.errors import DocumentError
from corpus.intake import IntakeSummary
from corpus.library import Library
from corpus.snapshot import Entry, Snapshot
from embeddings.encoder import Encoder, load_encoder
from qa import indexing
from qa.answer import Answer
from qa.candidates import candidates
from qa.citing import compose, ranked
from qa.errors import IndexUnavailable, no_document, unusable_index
from qa.evidence import Evidence, gather
from qa.index import Index, current_version, load
from qa.joining import Found, joined
from qa.likeness import groups
from qa.matcher import Matcher
from qa.neural import WindowReader
from qa.own_models import load_reader
from qa.parts import parts
from qa.question import NO_FILTERS, Filters, Query, check, understand
from qa.reader import read
from qa.reranking import reranked
from qa.retriever import Hit, retrieve
from qa.settings import Settings
from qa.statements import statements
from qa.suggestions import related, varied
from qa.weights import Weights, weights_for

T = TypeVar("T")

READ = 8  # passages that the reader looks into
ALIKE = 0.5  # mean cosine of questions that are called alike
SAMPLED = 1000  # passages that first questions are made from
TRIED = 40  # first questions that are tried out, at most
DOCUMENTS_KEPT = 64  # documents held in memory for citations and the viewer
TRIES = 3  # of opening an index that a writer may be replacing


@dataclass(frozen=True)
class _Edition:
    """One index version with the library as it was when the version was built."""

    index: Index
    snapshot: Snapshot
    document: Callable[[str], Document]


class AnswerService:
    """Answers questions from the current index. Safe in any number of threads.

    Use :meth:`open` to make one.

    :ivar weights: what it reads by.
    """

    def __init__(self, settings: Settings, encoder: Encoder, reader: WindowReader, weights: Weights) -> None:
        self.settings = settings
        self._encoder, self._reader, self.weights = encoder, reader, weights
        self._matcher = Matcher(encoder)
        self._library = Library(settings.home)
        self._refreshing = Lock()
        self._first_questions: tuple[str, int, list[str]] = ("", 0, [])  # of which version, how many asked for
        self._edition = self._open()

    @classmethod
    def open(cls, settings: Settings, encoder: Encoder | None = None) -> "AnswerService":
        """A service on the current index.

        :param encoder: instead of the model that the settings name.
        :raises IndexUnavailable: no index, or one that cannot be used; the message says what to run.
        :raises EncoderError: the embedding model cannot be loaded.
        :raises ServiceError: the reader or the reranker cannot be.
        """
        encoder = encoder or load_encoder(settings.embedding_model)
        reader = load_reader(settings.reader_model, settings.reranker_model)
        return cls(settings, encoder, reader, weights_for(settings.home, (encoder.name, reader.name)))

    @staticmethod
    def index(settings: Settings, paths: Sequence[Path],
              progress: indexing.Progress = lambda done, total, name: None, encoder: Encoder | None = None,
              waiting: Callable[[], None] = lambda: None) -> IntakeSummary:
        """See :func:`qa.indexing.index`."""
        return indexing.index(settings, paths, progress, encoder, waiting)

    @staticmethod
    def remove(settings: Settings, document_ids: Sequence[str], encoder: Encoder | None = None) -> None:
        """See :func:`qa.indexing.remove`."""
        indexing.remove(settings, document_ids, encoder)

    @staticmethod
    def correct(settings: Settings, document_id: str, encoder: Encoder | None = None,
                **values: str | int | None) -> None:
        """See :func:`qa.indexing.correct`."""
        indexing.correct(settings, document_id, encoder, **values)

    def _open(self) -> _Edition:
        for left in reversed(range(TRIES)):
            version = current_version(self.settings.home)
            try:
                index = load(self.settings.home, self._encoder)
                snapshot = self._library.snapshot(index.manifest.generation)
            except (IndexUnavailable, DocumentError) as error:
                # A writer may have cleared the version away, or pruned its generation, while it was read.
                if left and current_version(self.settings.home) != version:
                    continue
                raise IndexUnavailable(error.code, error.message, **error.detail) from error
            if index.manifest.library != self._library.identity:
                break
            return _Edition(index, snapshot, lru_cache(DOCUMENTS_KEPT)(snapshot.document))
        raise unusable_index("index_mismatch", "索引与文档库不匹配", "The index belongs to another library")

    def refresh(self) -> bool:
        """Take up a newer version of the index where there is one; cheap where there is none.

        :returns: whether a newer one was taken up.
        :raises IndexUnavailable: the newer one cannot be used; the service goes on with the one it has.
        """
        with self._refreshing:
            if current_version(self.settings.home) == self.index_version:
                return False
            self._edition = self._open()
            return True

    @property
    def models(self) -> tuple[str, str]:
        """Names of the embedding model and of the reader."""
        return self._encoder.name, self._reader.name

    @property
    def index_version(self) -> str:
        """Name of the index version that answers."""
        return self._edition.index.manifest.version

    def status(self) -> dict:
        """What is being served: documents, passages, model, index version."""
        edition = self._edition
        return {"documents": edition.snapshot.count(), "passages": len(edition.index),
                "model": edition.index.manifest.model, "index_version": edition.index.manifest.version,
                "built": edition.index.manifest.built}

    def ask(self, question: str, history: Sequence[str] = (), filters: Filters = NO_FILTERS, top_k: int = 10) -> Answer:
        """The answer to a question, or an abstention.

        :param history: earlier questions of the conversation, oldest first.
        :param top_k: most passages returned beside the answer.
        :raises QuestionError: the question or one of the history is not acceptable.
        """
        limit = self.settings.max_question
        asked = check(question, limit)
        begun = time.perf_counter()
        query = understand(asked, [check(earlier, limit) for earlier in history], self._edition.index.bm25.held)
        understanding = time.perf_counter() - begun
        return self._on_edition(lambda edition: self._answer(edition, asked, query, filters, top_k, understanding))

    def _on_edition(self, work: Callable[[_Edition], T]) -> T:
        """Do work on the current edition, or on the newest one where the library no longer holds what that one ranks,
        as happens after several runs of a writer since the last refresh."""
        edition = self._edition
        try:
            return work(edition)
        except KeyError:
            self.refresh()
            if self._edition is edition:
                raise
            return work(self._edition)

    def _answer(self, edition: _Edition, asked: str, query: Query, filters: Filters, top_k: int, understanding: float) -> Answer:
        limit = max(top_k, READ)
        found = self._find(edition, query, filters, limit)
        several = parts(query.text)
        if len(several) > 1:
            each = [self._find(edition, understand(part, (), edition.index.bm25.held), filters, limit) for part in several]
            found = joined(found, each, self.settings.threshold, edition.document)
        answered = bool(found.quotes) and found.confidence >= self.settings.threshold
        text, citations, highlights = compose(found.quotes, edition.document) if answered else (None, (), ())
        return Answer(
            id=uuid.uuid4().hex, question=asked, understood=query.text, text=text, confidence=found.confidence,
            citations=citations, highlights=highlights,
            passages=tuple(ranked(hit, passage, found.entries[passage.document_id])
                           for hit, passage in found.ranking[:top_k]),
            suggestions=related(asked, text, [passage for _, passage in found.ranking], found.entries),
            timings_ms=_timings(understanding, *found.seconds), index_version=edition.index.manifest.version)

    def _find(self, edition: _Edition, query: Query, filters: Filters, limit: int) -> Found:
        """The answer to one question, however sure, and the best passages."""
        clock = [time.perf_counter()]
        query = query.within(edition.index.bm25.vocabulary)
        hits, passages, entries = self._retrieve(edition, query, filters, limit)
        clock.append(time.perf_counter())
        evidence = self._weigh(edition, query, hits[:READ], passages[:READ], entries)
        reading = read(query, evidence, self.weights)
        hits, passages = reranked(hits, passages, evidence, reading.scores)
        clock.append(time.perf_counter())
        return Found(reading.quotes, reading.confidence, tuple(zip(hits, passages)), entries,
                     (clock[1] - clock[0], clock[2] - clock[1]))

    def _retrieve(self, edition: _Edition, query: Query, filters: Filters, limit: int,
                  ) -> tuple[list[Hit], list[Passage], dict[str, Entry]]:
        """The best hits, their passages, and the catalogue entries of the passages' documents by id."""
        rows = None
        if filters != NO_FILTERS:
            ids = edition.snapshot.live_passage_ids(
                filters.document_ids or None, filters.regions, filters.years, filters.issuers)
            rows = np.flatnonzero(np.isin(edition.index.passage_ids, ids))
        hits = retrieve(query, edition.index, self._encoder, limit, self.settings.candidates,
                        self.settings.vector_weight, rows)
        passages = edition.snapshot.passages(edition.index.passage_ids[[hit.row for hit in hits]])
        return hits, passages, edition.snapshot.entries({passage.document_id for passage in passages})

    def _weigh(self, edition: _Edition, query: Query, hits: list[Hit], passages: list[Passage],
               entries: Mapping[str, Entry]) -> Evidence:
        bm25 = edition.index.bm25
        highest = bm25.highest_score(query.searched)
        return gather(query, candidates(query, hits, passages, entries, self._matcher), bm25.known_idf, self._matcher,
                      hits[0].bm25 / highest if hits and highest else 0.0, self.weights.sentence, self._reader)

    def evidence(self, question: str, history: Sequence[str] = (), filters: Filters = NO_FILTERS) -> tuple[Query, Evidence]:
        """What the reader sees of a question: the query, and the sentences with their features."""
        edition = self._edition
        query = understand(question, history, edition.index.bm25.held).within(edition.index.bm25.vocabulary)
        hits, passages, entries = self._retrieve(edition, query, filters, READ)
        return query, self._weigh(edition, query, hits, passages, entries)

    def alike(self, questions: Sequence[str]) -> list[list[int]]:
        """Questions grouped by what they are about: their places in the sequence, groups by their first question."""
        return groups(self._encoder.encode_queries([understand(question, ()).content for question in questions]), ALIKE)

    def documents(self, offset: int = 0, limit: int = 50, filters: Filters = NO_FILTERS) -> tuple[list[Document], int]:
        """A page of documents, latest publication first, and how many there are in all."""
        wanted = {"ids": filters.document_ids or None, "regions": filters.regions, "years": filters.years,
                  "issuers": filters.issuers}
        snapshot = self._edition.snapshot
        return snapshot.documents(offset, limit, **wanted), snapshot.count(**wanted)

    def document(self, document_id: str) -> Document:
        """:raises NotFound: no such document."""
        return _found(self._edition.document, document_id)

    def passage_count(self, document_id: str) -> int:
        """:raises NotFound: no such document."""
        return _found(self._edition.snapshot.passage_count, document_id)

    def original(self, document_id: str) -> tuple[Path, str]:
        """The file that the document was read from, and its name for download.

        :raises NotFound: no such document.
        """
        return _found(self._edition.snapshot.original, document_id)

    def suggestions(self, limit: int = 6) -> list[str]:
        """Questions to begin with, each of which the service answers with the figure it was made from."""
        version, sought, questions = self._first_questions
        if version != self.index_version or sought < limit:
            version, questions = self._on_edition(lambda edition: self._answerable(edition, limit))
            self._first_questions = (version, limit, questions)
        return questions[:limit]

    def _answerable(self, edition: _Edition, limit: int) -> tuple[str, list[str]]:
        """The edition's version and the first questions made of it."""
        ids = edition.index.passage_ids
        spread = ids[np.unique(np.linspace(0, len(ids) - 1, min(len(ids), SAMPLED)).astype(int))] if len(ids) else ids
        made = varied((each for _, passage, metadata in edition.snapshot.iter_passages(spread)
                       for each in statements(passage, metadata)), TRIED)
        kept: list[str] = []
        for each in made:
            if len(kept) < limit and each.reply in (self.ask(each.question, top_k=1).text or ""):
                kept.append(each.question)
        return edition.index.manifest.version, kept


def _found(look: Callable, document_id: str):
    try:
        return look(document_id)
    except KeyError as error:
        raise no_document(document_id) from error


def _timings(understand: float, retrieve: float, read: float) -> dict[str, float]:
    """Milliseconds of each stage and of all, from seconds."""
    seconds = {"understand": understand, "retrieve": retrieve, "read": read, "total": understand + retrieve + read}
    return {stage: round(1000 * each, 3) for stage, each in seconds.items()}
