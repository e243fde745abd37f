"""Runs of the test questions: begun, watched, and compared with the run before."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Annotated, Literal

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from pydantic import BaseModel, Field

from qa.errors import QuestionError
from qa.evaluation import Outcome, evaluate
from qa.figures import CUTOFFS, Figures
from qa.service import AnswerService
from web.access import current_account
from web.desk import desk
from web.records.runs import BROKEN, DONE, Conditions, Run, Runs, turned
from web.schema import ListRequest, from_query

PAGE = 50  # questions on one page
SHARES = ("right", "cited", "answered", "abstained", "span_f1", "rouge_l")  # figures of a run, as qa.figures names them
_log = logging.getLogger(__name__)
_Share = Annotated[float, Field(ge=0, le=1)]

blueprint = Blueprint("runs", __name__, url_prefix="/runs")


class BeginRequest(BaseModel):
    """What the questions are to be asked with."""

    vector_weight: _Share
    threshold: _Share


class ShowRequest(ListRequest):
    """:ivar only: which of the questions are listed."""

    only: Literal["all", "wrong", "right"] = "all"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a run beside that of the run before; None where it does not apply.

    :ivar name: such as ``right`` or ``recall_5``.
    :ivar share: whether it is one, else milliseconds.
    """

    name: str
    now: float | None
    before: float | None
    share: bool = True


@blueprint.post("")
def begin() -> Response:
    """Begin a run in the background."""
    cases, total = desk().cases.page()
    try:
        given = from_query(BeginRequest, request.form)
        if not total:
            raise QuestionError("no_test_questions", "还没有测试题，请先添加。 There are no test questions yet; add some first.")
        service = desk().service.variant(**given.model_dump())
        run_id = desk().runs.begin(current_account().name, total, Conditions(
            service.index_version, given.vector_weight, given.threshold, service.weights.fingerprint))
    except QuestionError as error:
        flash(error.message, "problem")
        return redirect(url_for("testset.index"), 303)
    desk().audit.note(current_account().name, "tests_run", str(run_id), **given.model_dump())
    Thread(target=ask_all, args=(desk().runs, run_id, service, [case.content for case in cases]), name="tests", daemon=True).start()
    return redirect(url_for("testset.runs.show", run_id=run_id), 303)


@blueprint.get("/<int(max=2147483647):run_id>")
def show(run_id: int) -> str:
    """How far a run is, or what came of it."""
    run, wanted = desk().runs.find(run_id), from_query(ShowRequest, request.args)
    outcomes = desk().runs.outcomes(run_id)
    before = desk().runs.before(run)
    earlier = desk().runs.outcomes(before.id) if before else []
    listed = [outcome for outcome in outcomes if wanted.only == "all" or outcome.right is (wanted.only == "right")]
    became_right, became_wrong = turned(outcomes, earlier)
    return render_template(
        "library/run.html", run=run, before=before, figures=_figures(outcomes, earlier), became_right=became_right, became_wrong=became_wrong,
        conditions=_conditions(run, before), outcomes=listed[wanted.offset:wanted.offset + PAGE], total=len(listed), only=wanted.only,
        offset=wanted.offset, page=PAGE)


def ask_all(runs: Runs, run_id: int, service: AnswerService, questions: Sequence[dict]) -> None:
    """Ask the questions of a run, and keep what becomes of each."""
    state = BROKEN
    try:
        for place, question in enumerate(questions):
            [outcome] = evaluate(service, [question])
            runs.note(run_id, place, outcome)
        state = DONE
    except Exception:
        _log.exception("test run %d broke off", run_id)
    finally:
        runs.finish(run_id, state)


def _figures(outcomes: Sequence[Outcome], earlier: Sequence[Outcome]) -> list[Figure]:
    now, before = Figures.of(outcomes), Figures.of(earlier)
    recalls = [Figure(f"recall_{k}", one, other) for k, one, other in zip(CUTOFFS, now.recalls, before.recalls, strict=True)]
    return [*(Figure(name, getattr(now, name), getattr(before, name)) for name in SHARES), *recalls,
            Figure("p50", now.p50, before.p50, share=False)]


def _conditions(run: Run, before: Run | None) -> list[tuple[str, object, object]]:
    """Name and value of each condition of a run, and what it was in the run before where that differs."""
    names = Conditions.__dataclass_fields__
    return [(name, getattr(run.conditions, name), getattr(before.conditions, name) if before
             and getattr(before.conditions, name) != getattr(run.conditions, name) else None) for name in names]
