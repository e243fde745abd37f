"""Files and addresses handed in, and what becomes of them."""

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from web.access import current_account
from web.desk import desk
from web.intake.addresses import AddressRefused, target
from web.intake.orders import order, order_file
from web.records.jobs import ADDRESS
from web.schema import ListRequest, from_query
from web.wording import say

PAGE = 50  # jobs on one page
RECENT = 5  # jobs above the table of reports

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


@blueprint.get("")
def index() -> str:
    """One page of all jobs."""
    offset = from_query(ListRequest, request.args).offset
    jobs, total = desk().jobs.page(offset, PAGE)
    return render_template("library/jobs.html", jobs=jobs, total=total, offset=offset, page=PAGE)


@blueprint.get("/recent")
def recent() -> str:
    """The latest jobs, for the script that shows how they come on."""
    desk().foreman.call()  # in case that a worker was broken off with the server that had started it
    document_id = request.args.get("about")
    return render_template("library/_jobs.html", jobs=desk().jobs.about(document_id) if document_id else desk().jobs.page(0, RECENT)[0])


@blueprint.post("/files")
def files() -> Response:
    """Take in uploaded files."""
    given = given_files()
    for file in given:
        add_file(file)
    desk().foreman.call()
    return redirect(url_for("library.reports"), 303)


@blueprint.post("/addresses")
def addresses() -> Response:
    """Take in what lies at an address."""
    url = request.form.get("url", "").strip()
    try:
        target(url)
    except AddressRefused as error:
        flash(error.message, "problem")
    else:
        add(ADDRESS, url, url=url)
        desk().foreman.call()
    return redirect(url_for("library.reports"), 303)


def given_files() -> list[FileStorage]:
    """The files of a form; says so where there is none."""
    given = [file for file in request.files.getlist("files") if file.filename]
    if not given:
        flash(say("choose_files", g.language), "problem")
    return given


def add_file(file: FileStorage, document_id: str | None = None) -> None:
    """Store a file and have it taken in.

    :param document_id: of the document whose file it is a new version of.
    :raises ServiceError: it cannot be stored.
    """
    order_file(file.filename, file.save, current_account().name, **({"document_id": document_id} if document_id else {}))


def add(kind: str, subject: str, **what: object) -> None:
    """Have something done to the library, and note who wants it."""
    order(kind, subject, current_account().name, **what)
