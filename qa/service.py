"""AnswerService, the one door that web, command line and evaluation go through."""

import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TypeVar

from corpus.alignment import boxes
from corpus.catalogue import Catalogue, Facets, Row
from corpus.document import Document, Passage
from corpus.errors import DocumentError
from corpus.facsimile import Facsimile, facsimile
from corpus.intake import IntakeSummary
from corpus.library import Library
from corpus.original import Original
from corpus.readers.characters import Box
from embeddings.encoder import Encoder, load_encoder
from qa import delivery, indexing
from qa.answer import Answer, SearchResult
from qa.edition import Edition
from qa.errors import IndexUnavailable, NotFound, no_document, unusable_index
from qa.evidence import Evidence
from qa.explaining import Explanation
from qa.filters import NO_FILTERS, Filters
from qa.index import Index, store_of
from qa.likeness import groups
from qa.matcher import Matcher
from qa.neural import WindowReader
from qa.own_models import load_reader
from qa.question import Query, check, understand
from qa.settings import Settings
from qa.statements import statements
from qa.suggestions import varied
from qa.weights import Weights, weights_for

T = TypeVar("T")

ALIKE = 0.5  # mean cosine of questions that are called alike
SAMPLED = 1000  # passages that first questions are made from
TRIED = 40  # first questions that are tried out, at most
TRIES = 3  # of opening an index that a writer may be replacing


class AnswerService:
    """Answers questions from the current index. Safe in any number of threads.

    Use :meth:`open` to make one.

    :ivar weights: what it reads by.
    """

    def __init__(self, settings: Settings, encoder: Encoder, reader: WindowReader, weights: Weights) -> None:
        self.settings = settings
        self._encoder, self._reader, self.weights = encoder, reader, weights
        self._matcher = Matcher(encoder)
        self._library = Library(settings.home, settings.database_url)
        self._store = store_of(settings)
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
    def restore(settings: Settings, document_ids: Sequence[str], encoder: Encoder | None = None) -> None:
        """See :func:`qa.indexing.restore`."""
        indexing.restore(settings, document_ids, encoder)

    @staticmethod
    def purge(settings: Settings, document_ids: Sequence[str], encoder: Encoder | None = None) -> None:
        """See :func:`qa.indexing.purge`."""
        indexing.purge(settings, document_ids, encoder)

    @staticmethod
    def deliver(settings: Settings, deliveries: Sequence[delivery.Delivery], encoder: Encoder | None = None,
                reached: delivery.Reached = lambda path, stage, count: None) -> list[delivery.Delivered]:
        """See :func:`qa.delivery.deliver`."""
        return delivery.deliver(settings, deliveries, encoder, reached)

    @staticmethod
    def correct(settings: Settings, document_id: str, encoder: Encoder | None = None,
                **values: str | int | None) -> None:
        """See :func:`qa.indexing.correct`."""
        indexing.correct(settings, document_id, encoder, **values)

    def _open(self, previous: Index | None = None) -> Edition:
        for left in reversed(range(TRIES)):
            version = self._store.current()
            try:
                index = self._store.load(self._encoder, previous)
                snapshot = self._library.snapshot(index.manifest.generation)
            except (IndexUnavailable, DocumentError) as error:
                # A writer may have cleared the version away, or pruned its generation, while it was read.
                if left and self._store.current() != version:
                    continue
                raise IndexUnavailable(error.code, error.message, **error.detail) from error
            if index.manifest.library != self._library.identity:
                break
            return Edition(index, snapshot, self.settings, self._encoder, self._reader, self._matcher, self.weights)
        raise unusable_index("index_mismatch", "索引与文档库不匹配", "The index belongs to another library")

    def refresh(self) -> bool:
        """Take up a newer version of the index where there is one; cheap where there is none.

        :returns: whether a newer one was taken up.
        :raises IndexUnavailable: the newer one cannot be used; the service goes on with the one it has.
        """
        with self._refreshing:
            if self._store.current() == self.index_version:
                return False
            self._edition = self._open(self._edition.index)
            return True

    def variant(self, weights: Weights | None = None, **settings: float) -> "AnswerService":
        """A service on the same version of the index that reads by other weights, or with some settings changed.

        :raises SettingsError: a setting is outside its bounds.
        """
        other = copy(self)
        other.weights, other.settings = weights or self.weights, replace(self.settings, **settings)
        other._edition = replace(self._edition, weights=other.weights, settings=other.settings)
        return other

    def prepare(self) -> None:
        """Load what the first search would, so that processes that are forked then share it. Nothing that does not survive a fork:
        neither the reader nor what torch runs."""
        if self._encoder.spreads:
            self.search("报告说了什么？", top_k=1)

    @property
    def models(self) -> tuple[str, str]:
        """Names of the embedding model and of the reader."""
        return self._encoder.name, self._reader.name

    @property
    def index_version(self) -> str:
        """Name of the index version that answers."""
        return self._edition.version

    def status(self) -> dict:
        """What is being served: documents, passages, model, index version."""
        edition = self._edition
        return {"documents": edition.snapshot.count(), "passages": len(edition.index),
                "model": edition.index.manifest.model, "index_version": edition.version,
                "built": edition.index.manifest.built}

    def ask(self, question: str, history: Sequence[str] = (), filters: Filters = NO_FILTERS, top_k: int = 10) -> Answer:
        """The answer to a question, or an abstention.

        :param history: earlier questions of the conversation, oldest first.
        :param top_k: most passages returned beside the answer.
        :raises QuestionError: the question or one of the history is not acceptable.
        """
        asked, query, seconds = self._understand(question, history)
        return self._on_edition(lambda edition: edition.answer(asked, query, filters, top_k, seconds))

    def search(self, question: str, history: Sequence[str] = (), filters: Filters = NO_FILTERS, top_k: int = 10) -> SearchResult:
        """The passages that are retrieved for a question, none of them read; see :meth:`ask`."""
        asked, query, seconds = self._understand(question, history)
        return self._on_edition(lambda edition: edition.search(asked, query, filters, top_k, seconds))

    def follow(self, question: str, history: Sequence[str] = (), filters: Filters = NO_FILTERS, top_k: int = 10,
               ) -> Iterator[SearchResult | Answer]:
        """What :meth:`search` finds as soon as it is found, then what :meth:`ask` answers."""
        asked, query, seconds = self._understand(question, history)
        yield self._on_edition(lambda edition: edition.search(asked, query, filters, top_k, seconds))
        yield self._on_edition(lambda edition: edition.answer(asked, query, filters, top_k, seconds))

    def explain(self, question: str, history: Sequence[str] = (), filters: Filters = NO_FILTERS) -> Explanation:
        """What :meth:`ask` answers, and how that comes about.

        :raises QuestionError: as :meth:`ask`.
        """
        asked, query, seconds = self._understand(question, history)
        return self._on_edition(lambda edition: edition.explain(asked, query, filters, seconds))

    def _understand(self, question: str, history: Sequence[str]) -> tuple[str, Query, float]:
        """The checked question, what is understood by it, and the seconds that this took."""
        limit = self.settings.max_question
        asked = check(question, limit)
        begun = time.perf_counter()
        query = self._edition.understand(asked, [check(earlier, limit) for earlier in history])
        return asked, query, time.perf_counter() - begun

    def _on_edition(self, work: Callable[[Edition], T]) -> T:
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

    def _find(self, document_id: str, look: Callable[[Edition], T]) -> T:
        """:raises NotFound: neither the present edition nor the newest, which may have come since the last refresh, has the document."""
        try:
            return self._on_edition(look)
        except KeyError as error:
            raise no_document(document_id) from error

    def evidence(self, question: str, history: Sequence[str] = (), filters: Filters = NO_FILTERS) -> tuple[Query, Evidence]:
        """What the reader sees of a question: the query, and the sentences with their features."""
        edition = self._edition
        return edition.evidence(edition.understand(question, history), filters)

    def alike(self, questions: Sequence[str]) -> list[list[int]]:
        """Questions grouped by what they are about: their places in the sequence, groups by their first question."""
        return groups(self._encoder.encode_queries([understand(question, ()).content for question in questions]), ALIKE)

    def documents(self, offset: int = 0, limit: int = 50, filters: Filters = NO_FILTERS, words: Sequence[str] = (),
                  ) -> tuple[list[Document], int]:
        """A page of documents, latest publication first, and how many there are in all.

        :param words: each stands in the title, issuer, document number, file name or id.
        """
        wanted = {"ids": filters.document_ids or None, "regions": filters.regions, "years": filters.years,
                  "issuers": filters.issuers, "words": words}
        snapshot = self._edition.snapshot
        return snapshot.documents(offset, limit, **wanted), snapshot.count(**wanted)

    def document(self, document_id: str) -> Document:
        """:raises NotFound: no such document."""
        return self._find(document_id, lambda edition: edition.document(document_id))

    def facets(self) -> Facets:
        """Places, years and issuers that :class:`Filters` may name, each with how many documents it has."""
        return self._on_edition(lambda edition: edition.facets)

    @property
    def catalogue(self) -> Catalogue:
        """All documents as a table, those that are withdrawn among them."""
        return Catalogue(self._edition.snapshot)

    def entry(self, document_id: str) -> Row:
        """A document's row in the catalogue.

        :raises NotFound: no such document, not even a withdrawn one.
        """
        return self._find(document_id, lambda edition: Catalogue(edition.snapshot).row(document_id))

    def reading(self, document_id: str) -> tuple[Document, str, list[Passage]]:
        """What was read of a document, also of a withdrawn one: it, the text as extracted, and its passages.

        :raises NotFound: no such document.
        """
        def read(edition: Edition) -> tuple[Document, str, list[Passage]]:
            snapshot = edition.snapshot.with_withdrawn
            return snapshot.document(document_id), snapshot.raw_text(document_id), snapshot.passages_of(document_id)

        return self._find(document_id, read)

    def passage_count(self, document_id: str) -> int:
        """:raises NotFound: no such document."""
        return self._find(document_id, lambda edition: edition.snapshot.passage_count(document_id))

    def original(self, document_id: str, withdrawn: bool = False) -> Original:
        """The file that the document was read from.

        :param withdrawn: also of a withdrawn document.
        :raises NotFound: no such document.
        """
        return self._find(document_id, lambda edition: (edition.snapshot.with_withdrawn if withdrawn else edition.snapshot).original(document_id))

    def facsimile(self, document_id: str, page: int) -> Facsimile:
        """A page of the PDF that the document was read from.

        :param page: its number from 1.
        :raises NotFound: no such document or page, or the page cannot be shown; the message says which.
        """
        original = self.original(document_id)
        try:
            return facsimile(original.path, page)
        except DocumentError as error:
            raise NotFound(error.code, error.message, **error.detail) from error

    def boxes(self, document_id: str, start: int, end: int, page: int) -> tuple[Box, ...]:
        """Where ``[start, end)`` of a document's text stands on a page: boxes in points from the page's top left corner.

        :raises NotFound: as :meth:`facsimile`.
        """
        characters = self.facsimile(document_id, page).characters
        raw = self._find(document_id, lambda edition: edition.snapshot.raw_text(document_id))
        return boxes(self.document(document_id), raw, start, end, page, characters)

    def suggestions(self, limit: int = 6) -> list[str]:
        """Questions to begin with, each of which the service answers with the figure it was made from."""
        version, sought, questions = self._first_questions
        if version != self.index_version or sought < limit:
            version, questions = self._on_edition(lambda edition: self._answerable(edition, limit))
            self._first_questions = (version, limit, questions)
        return questions[:limit]

    def _answerable(self, edition: Edition, limit: int) -> tuple[str, list[str]]:
        """The edition's version and the first questions made of it."""
        made = varied((each for _, passage, metadata in edition.snapshot.iter_passages(edition.index.sample(SAMPLED))
                       for each in statements(passage, metadata)), TRIED)
        kept: list[str] = []
        for each in made:
            if len(kept) < limit and each.reply in (self.ask(each.question, top_k=1).text or ""):
                kept.append(each.question)
        return edition.version, kept
