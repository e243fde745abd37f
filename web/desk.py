"""Where every surface hands in its questions: the service, its settings, and what is counted on the way."""

from flask import current_app

from qa.answer import Answer
from qa.question import Filters
from qa.service import AnswerService
from qa.settings import Settings
from web.metrics import Metrics
from web.schema import AskRequest, FilterRequest


class Desk:
    """One per application.

    :ivar service: the only way to answers and documents.
    """

    def __init__(self, service: AnswerService, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.metrics = Metrics(service)

    def ask(self, request: AskRequest, surface: str) -> Answer:
        """Answer a checked request and count it.

        :param surface: where it came from, such as ``api`` or ``page``.
        :raises ServiceError: as :meth:`AnswerService.ask`.
        """
        answer = self.service.ask(
            request.question, history=request.history, filters=to_filters(request.filters), top_k=request.top_k)
        self.metrics.count(answer, surface)
        return answer


def desk() -> Desk:
    """The desk of the application that is serving the present request."""
    return current_app.extensions["desk"]


def to_filters(request: FilterRequest) -> Filters:
    """The filters of a request as the service takes them."""
    return Filters(regions=request.regions, years=request.years, issuers=request.issuers,
                   document_ids=request.document_ids)
