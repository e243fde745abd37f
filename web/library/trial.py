"""The hit test: how the answer to a question comes about, and what it would be at another weight or threshold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated

from flask import Blueprint, render_template, request
from pydantic import BeforeValidator, ConfigDict, Field, field_validator

from qa.answer import RankedPassage
from qa.errors import QuestionError
from qa.explaining import Explanation, Stretch
from web.desk import desk, to_filters
from web.schema import MAX_HISTORY, FilterRequest, from_query
from web.viewer import Pieces, mark

RANKINGS = {"words": "bm25", "meaning": "vector", "fused": "score"}  # by the score that orders each
_SEVERAL = re.compile(r"\s*[、,，;；]\s*")
_Share = Annotated[Annotated[float, Field(ge=0, le=1)] | None, BeforeValidator(lambda given: given or None)]

blueprint = Blueprint("trial", __name__, url_prefix="/library/trial")


class TrialRequest(FilterRequest):
    """A question with the two settings to try it with; those of the service where they are None.

    The fields of the filters hold several names, between commas.

    :ivar h: the questions before it, oldest first, from the lines of a field.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    q: str = ""
    h: Annotated[tuple[str, ...], Field(max_length=MAX_HISTORY)] = ()
    weight: _Share = None
    threshold: _Share = None

    @field_validator("regions", "years", "issuers", mode="before")
    @classmethod
    def part(cls, given: tuple[str, ...]) -> list[str]:
        """The names in what was typed."""
        return [name for text in given for name in _SEVERAL.split(text.strip()) if name]

    @field_validator("h", mode="before")
    @classmethod
    def lines(cls, given: tuple[str, ...]) -> list[str]:
        """The questions in what was typed."""
        return [line.strip() for text in given for line in text.splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Ranking:
    """One of the three rankings.

    :ivar name, score: from :data:`RANKINGS`.
    """

    name: str
    score: str
    passages: tuple[RankedPassage, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """An explanation, laid out.

    :ivar history: the questions before it, oldest first.
    :ivar places: name of a ranking to address of a passage to its place there, from 1.
    :ivar stretches: each with its text, what was found in it marked.
    """

    explanation: Explanation
    history: tuple[str, ...]
    rankings: tuple[Ranking, ...]
    places: dict[str, dict[str, int]]
    stretches: tuple[tuple[Stretch, Pieces], ...]

    @property
    def draft(self) -> dict[str, str]:
        """The test question that would expect this answer, as the form for one takes it."""
        answer = self.explanation.answer
        return {"question": answer.question, "answers": "\n".join(answer.text[start:end] for start, end in answer.highlights),
                "docs": "\n".join(dict.fromkeys(PurePath(citation.source).name for citation in answer.citations)),
                "history": "\n".join(self.history)}


@blueprint.get("")
def index() -> str:
    """The form, and what became of the question in the address."""
    asked, trial, problem = TrialRequest(), None, None
    try:
        asked = from_query(TrialRequest, request.args)
        trial = _tried(asked) if asked.q.strip() else None
    except QuestionError as error:
        problem = error.message
    return render_template("library/trial.html", asked=asked, trial=trial, problem=problem, settings=desk().settings, longest=longest)


def _tried(asked: TrialRequest) -> Trial:
    given = {"vector_weight": asked.weight, "threshold": asked.threshold}
    service = desk().service.variant(**{name: value for name, value in given.items() if value is not None})
    return lay_out(service.explain(asked.q, asked.h, to_filters(asked)), asked.h)


def lay_out(explanation: Explanation, history: tuple[str, ...] = ()) -> Trial:
    """The page of an explanation of what was asked after other questions."""
    rankings = tuple(Ranking(name, score, getattr(explanation, name)) for name, score in RANKINGS.items())
    places = {ranking.name: {passage.citation.url: place for place, passage in enumerate(ranking.passages, 1)}
              for ranking in rankings}
    return Trial(explanation, history, rankings, places,
                 tuple((each, mark(each.citation.quote, [each.span])) for each in explanation.stretches))


def longest(terms: Sequence[str]) -> list[str]:
    """The terms that are no part of another one."""
    return [term for term in terms if not any(term in other for other in terms if other != term)]
