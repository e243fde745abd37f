"""What an endpoint of the API takes and gives: requests are checked by it, and the specification is written from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps

from flask import abort, request
from pydantic import BaseModel

from web import failures
from web.failures import Failure
from web.replies import ErrorReply
from web.schema import from_json, from_query

JSON, EVENTS, FORM = "application/json", "text/event-stream", "multipart/form-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One endpoint of the API.

    To document a new one, put ``@operation(...)`` under its route; its docstring is the description. What it takes from the address
    is described in :data:`web.specification.PLACES`, models of replies stand in :mod:`web.replies`, errors in :mod:`web.failures`.

    :ivar tag: heading under which it is listed.
    :ivar summary: what it does, in a few words of Chinese and English.
    :ivar gives: model of the JSON that it answers with, or None where it answers with something else or nothing.
    :ivar status: of its success.
    :ivar body: model of the JSON that it takes; the checked request is the view's first argument.
    :ivar query: the same of the address's parameters.
    :ivar form: model of the multipart form that it takes as well as the JSON. The view reads that itself, and has None for the request.
    :ivar media: other content types that it answers with, and what they hold.
    :ivar failures: errors beyond those that follow from the above.
    :ivar error: model of their body.
    """

    tag: str
    summary: str
    gives: type[BaseModel] | None = None
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    media: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    error: type[BaseModel] = ErrorReply

    @property
    def all_failures(self) -> tuple[Failure, ...]:
        """Every error that it can give, whoever calls; a caller's own errors come on top."""
        return (*(failures.JSON_BODY if self.body or self.form else ()), *(failures.PARAMETERS if self.query else ()),
                *self.failures, *failures.BUG)

    def check(self) -> tuple[BaseModel | None, ...]:
        """The present request by its model; empty where there is none.

        :raises QuestionError: it is not as the model says.
        """
        if self.query:
            return (from_query(self.query, request.args),)
        if self.form and request.mimetype == FORM:
            return (None,)
        if not (self.body or self.form):
            return ()
        if not self.body or request.mimetype != JSON:
            abort(415)
        return (from_json(self.body, request.get_data()),)


def operation(**described: object) -> Callable:
    """Describes a view as an :class:`Operation`, and hands it the checked request."""
    this = Operation(**described)

    def mark(view: Callable) -> Callable:
        @wraps(view)
        def checked(**place: str):
            return view(*this.check(), **place)

        checked.operation = this
        return checked
    return mark
