"""Where every surface hands in its questions: the service, its settings, and what is counted on the way."""

from collections.abc import Iterator, Sequence
from threading import BoundedSemaphore

from flask import current_app

from qa.answer import Answer, SearchResult
from qa.filters import Filters
from qa.service import AnswerService
from qa.settings import Settings
from web.intake.foreman import Foreman
from web.intake.uploads import Uploads
from web.logs import note_question
from web.metrics import Metrics
from web.records.accounts import Accounts
from web.records.audit import Audit
from web.records.contacts import Contacts
from web.records.conversations import Conversations
from web.records.database import connect
from web.records.jobs import Jobs
from web.records.keys import Keys
from web.records.questions import Questions
from web.records.runs import Runs
from web.records.testset import Cases
from web.records.usage import Usage
from web.schema import AskRequest, FilterRequest, TurnRequest

HISTORY = 10  # earlier questions of a conversation that a follow-up is understood from


class Desk:
    """One per application.

    :ivar service: the only way to answers and documents.
    :ivar accounts, audit, questions, usage, contacts, conversations, keys, cases, runs, jobs: the records of this home.
    :ivar uploads: where files lie that are handed in.
    :ivar foreman: has the jobs done.
    :ivar followers: places for those who follow jobs, half as many as there are threads.
    """

    def __init__(self, service: AnswerService, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.metrics = Metrics(service)
        records = connect(settings.home, settings.database_url)
        self.accounts, self.audit, self.questions, self.usage = Accounts(records), Audit(records), Questions(records), Usage(records)
        self.contacts, self.conversations, self.keys = Contacts(records), Conversations(records), Keys(records)
        self.cases, self.runs, self.jobs = Cases(records), Runs(records, settings.home), Jobs(records)
        self.uploads, self.foreman = Uploads(settings.home), Foreman(settings, self.jobs)
        self.followers = BoundedSemaphore(max(1, settings.threads // 2))

    def ask(self, request: AskRequest, surface: str) -> Answer:
        """Answer a checked request, count it, and keep it where the settings say so.

        :param surface: where it came from, such as ``api`` or ``page``.
        :raises ServiceError: as :meth:`AnswerService.ask`.
        """
        answer = self.service.ask(*_taken(request))
        self._note(answer, surface)
        return answer

    def follow(self, request: AskRequest, surface: str) -> Iterator[SearchResult | Answer]:
        """The passages that are found, then the answer, as :meth:`ask` gives it."""
        for found in self.service.follow(*_taken(request)):
            if isinstance(found, Answer):
                self._note(found, surface)
            yield found

    def search(self, request: AskRequest) -> SearchResult:
        """The passages that are found for a checked request.

        :raises ServiceError: as :meth:`AnswerService.search`.
        """
        return self.service.search(*_taken(request))

    def _note(self, answer: Answer, surface: str) -> None:
        """Count an answer, and keep it where the settings say so."""
        self.metrics.count(answer, surface)
        if self.settings.log_questions:
            note_question(answer, surface)
        if self.settings.keep_days:
            self.questions.add(answer, surface)

    def converse(self, request: TurnRequest, owner: str | None) -> tuple[Answer, str | None]:
        """Answer a question of a conversation, and keep both in it where the settings say so.

        :param request: whose history is that of its conversation, where that is kept.
        :param owner: whoever asks, or None where that is not known.
        :returns: the answer, and the key of the conversation that now holds it, or None where nothing is kept.
        :raises ServiceError: as :meth:`ask`.
        """
        kept = self.conversations.questions(request.conversation, HISTORY) if request.conversation else ()
        answer = self.ask(request.model_copy(update={"history": tuple(kept)}) if kept else request, "page")
        return answer, self.conversations.add(answer, owner, request.conversation) if self.settings.keep_days else None

    def forget(self) -> None:
        """Delete what was kept for as long as the settings say."""
        for records in (self.questions, self.conversations, self.jobs):
            records.forget(self.settings.keep_days)


def desk() -> Desk:
    """The desk of the application that is serving the present request."""
    return current_app.extensions["desk"]


def _taken(request: AskRequest) -> tuple[str, Sequence[str], Filters, int]:
    """A request as the service takes it."""
    return request.question, request.history, to_filters(request.filters), request.top_k


def to_filters(request: FilterRequest) -> Filters:
    """The filters of a request as the service takes them."""
    return Filters(regions=request.regions, years=request.years, issuers=request.issuers,
                   document_ids=request.document_ids)
