"""One report: what was read of it, raw beside repaired, and what can be changed about it."""

from typing import Annotated

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from pydantic import BaseModel, Field

from corpus.corrections import check_field
from corpus.errors import DocumentError
from web import originals, preview
from web.desk import desk
from web.library.jobs import add, add_file, given_files
from web.records.jobs import CORRECT, PURGE, REMOVE, RESTORE
from web.schema import from_query
from web.wording import say

FIELDS = ("title", "issuer", "region", "published", "report_year", "number")
CHANGES = (REMOVE, RESTORE, PURGE)

blueprint = Blueprint("reading", __name__, url_prefix="/reports/<document_id>")


class PartRequest(BaseModel):
    """:ivar part: of the reading, from 1."""

    part: Annotated[int, Field(ge=1, le=2**31)] = 1


@blueprint.get("")
def show(document_id: str) -> str:
    """What is known of a report, and a part of what was read."""
    service = desk().service
    service.refresh()
    row = service.entry(document_id)
    parts = preview.lay_out(*service.reading(document_id))
    part = min(from_query(PartRequest, request.args).part, len(parts))
    return render_template("library/reading.html", row=row, rows=parts[part - 1], part=part, parts=len(parts), fields=FIELDS,
                           jobs=desk().jobs.about(document_id), max_mb=desk().settings.max_file_mb)


@blueprint.get("/original")
def original(document_id: str) -> Response:
    """The report's file, also while it is withdrawn."""
    return originals.send(document_id, withdrawn=True)


@blueprint.post("")
def change(document_id: str) -> Response:
    """Correct, withdraw, restore or delete a report, as the form's ``action`` says."""
    row = desk().service.entry(document_id)
    action = request.form.get("action", "")
    if action == CORRECT:
        _correct(document_id, row.metadata)
    elif action in CHANGES:
        add(action, row.metadata.title, document_id=document_id)
    desk().foreman.call()
    return redirect(url_for("library.reports") if action == PURGE else url_for("library.reading.show", document_id=document_id), 303)


@blueprint.post("/file")
def replace(document_id: str) -> Response:
    """Take in a new version of a report's file."""
    desk().service.entry(document_id)
    for file in given_files()[:1]:
        add_file(file, document_id)
    desk().foreman.call()
    return redirect(url_for("library.reading.show", document_id=document_id), 303)


def _correct(document_id: str, known: object) -> None:
    try:
        given = {name: _value(name, request.form[name]) for name in FIELDS if name in request.form}
        values = {name: value for name, value in given.items() if value != getattr(known, name)}
        for name, value in values.items():
            check_field(name, value)
    except DocumentError as error:
        flash(error.message, "problem")
        return
    if values:
        add(CORRECT, known.title, document_id=document_id, values=values)
    else:
        flash(say("nothing_changed", g.language), "done")


def _value(name: str, text: str) -> str | int | None:
    text = text.strip()
    return int(text) if name == "report_year" and text.isascii() and text.isdecimal() else text or None
