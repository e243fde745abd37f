"""The test questions: added, edited and removed, taken in and given out as JSON lines."""

import json
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Annotated

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from pydantic import BaseModel, ConfigDict, Field

from qa.errors import QuestionError
from qa.question import check
from web.access import administrators_only, current_account
from web.desk import desk
from web.library import runs
from web.records.testset import LONGEST_NAME
from web.schema import ListRequest, from_json, from_query
from web.wording import say

PAGE = 50  # questions on one page
RUNS = 10  # runs listed above them
_LISTS = ("answers", "all_of", "docs", "history")  # fields with one text a line
_Texts = tuple[Annotated[str, Field(min_length=1)], ...]

blueprint = Blueprint("testset", __name__, url_prefix="/library/testset")
blueprint.register_blueprint(runs.blueprint)


class CaseRequest(BaseModel):
    """A test question as a JSON line, see :mod:`qa.evaluation`. Fields beyond these are kept as they are."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    question: Annotated[str, Field(min_length=1)]
    answers: _Texts
    all_of: _Texts = ()
    docs: _Texts = ()
    history: _Texts = ()
    type: str = ""


class DraftRequest(BaseModel):
    """What a new question begins with; several texts stand on lines of their own."""

    question: str = ""
    answers: str = ""
    docs: str = ""
    history: str = ""


@blueprint.get("")
def index() -> str:
    """The latest runs, and one page of the questions."""
    offset = from_query(ListRequest, request.args).offset
    cases, total = desk().cases.page(offset, PAGE)
    return render_template("library/testset.html", cases=cases, total=total, offset=offset, page=PAGE,
                           runs=desk().runs.latest(RUNS), settings=desk().settings)


@blueprint.get("/new")
def new() -> str:
    """The form for another question."""
    administrators_only()
    draft = from_query(DraftRequest, request.args)
    return _form({"question": draft.question} | {name: getattr(draft, name).splitlines() for name in ("answers", "docs", "history")})


@blueprint.post("/new")
def add() -> str | Response:
    """Add a question."""
    return _saved({}, "test_added", desk().cases.add)


@blueprint.get("/<int(max=2147483647):case_id>")
def edit(case_id: int) -> str:
    """The form of a question."""
    administrators_only()
    return _form(desk().cases.find(case_id).content)


@blueprint.post("/<int(max=2147483647):case_id>")
def change(case_id: int) -> str | Response:
    """Save a question, or remove it, as the form's ``action`` says."""
    content = desk().cases.find(case_id).content
    if request.form.get("action") == "remove":
        desk().cases.remove(case_id)
        return _done("test_removed", content["question"])
    return _saved(content, "test_changed", lambda changed: desk().cases.change(case_id, changed))


@blueprint.post("/import")
def take_in() -> Response:
    """Add the questions of a file, those with a known name in the place of what is there."""
    file = request.files.get("file")
    try:
        contents = _parsed(file.read() if file else b"")
    except QuestionError as error:
        flash(error.message, "problem")
        return redirect(url_for("testset.index"), 303)
    desk().cases.take_in(contents)
    return _done("test_taken_in", file.filename, count=len(contents))


@blueprint.get("/questions.jsonl")
def give_out() -> Response:
    """All questions, one JSON object a line."""
    cases, _ = desk().cases.page()
    lines = "".join(json.dumps(case.content, ensure_ascii=False) + "\n" for case in cases)
    return Response(lines, content_type="application/x-ndjson; charset=utf-8",
                    headers={"Content-Disposition": 'attachment; filename="questions.jsonl"'})


def _form(content: Mapping, problem: str | None = None) -> str:
    return render_template("library/testcase.html", content=content, problem=problem, max_question=desk().settings.max_question)


def _saved(content: Mapping, action: str, save: Callable[[dict], None]) -> str | Response:
    """Save what the form makes of a question, or show the form again with what is wrong."""
    changed = _filled_in(content)
    try:
        for question in (changed["question"], *changed.get("history", ())):
            check(question, desk().settings.max_question)
    except QuestionError as error:
        return _form(changed, error.message)
    save(changed)
    return _done(action, changed["question"])


def _filled_in(content: Mapping) -> dict:
    """A question with what the form says; what the form has no field for stays."""
    lists = {name: [line.strip() for line in request.form.get(name, "").splitlines() if line.strip()] for name in _LISTS}
    lists["docs"] = [PurePath(name).name for name in lists["docs"]]  # as questions name them: without folders
    if lists["all_of"] and not lists["answers"]:  # a question without these is one without an answer
        lists["answers"] = ["、".join(lists["all_of"])]
    kept = {name: value for name, value in content.items() if name not in _LISTS}
    return kept | {"question": request.form.get("question", "")} | {
        name: texts for name, texts in lists.items() if texts or name == "answers"}


def _done(action: str, subject: str, **detail: object) -> Response:
    """Note a change, say so, and go back to the questions."""
    desk().audit.note(current_account().name, action, subject, **detail)
    flash(say(action, g.language, **detail), "done")
    return redirect(url_for("testset.index"), 303)


def _parsed(data: bytes) -> list[dict]:
    """The questions of a file of JSON lines.

    :raises QuestionError: it holds none, or a line that is none; the message names it.
    """
    contents = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if not line.strip():
            continue
        try:
            from_json(CaseRequest, line)
        except QuestionError as error:
            raise QuestionError(error.code, f"第 {number} 行（line {number}）：{error.message}", line=number, **error.detail) from error
        contents.append(json.loads(line))
    if not contents:
        raise QuestionError("no_test_questions", "文件里没有问题，请选一个每行一题的 JSONL 文件。 The file holds no question; choose a JSONL"
                            " file with one on each line.")
    return contents
