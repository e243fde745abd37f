"""Pages for people: the chat, the reports, and the pieces of them that the chat's script asks for."""

from datetime import date, datetime

from flask import Blueprint, Response, abort, g, render_template, request, url_for

from qa.errors import NotFound
from web import originals, viewer
from web.conversations import chat_page, reply
from web.desk import desk
from web.schema import ListRequest, PlaceRequest, TurnRequest, from_json, from_query
from web.wording import LANGUAGES, say

PAGE = 50  # reports on one page of the list
LANGUAGE_KEPT = 365 * 24 * 3600  # seconds

blueprint = Blueprint("pages", __name__)


@blueprint.before_app_request
def choose_language() -> None:
    """The language asked for in the address, else the one chosen before, else Chinese."""
    chosen = (request.args.get("lang"), request.cookies.get("lang"))
    g.language = next((language for language in chosen if language in LANGUAGES), LANGUAGES[0])


@blueprint.after_app_request
def remember_language(response: Response) -> Response:
    """Keep a language asked for in the address for the next visit."""
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie("lang", g.language, max_age=LANGUAGE_KEPT, samesite="Lax", httponly=True)
    return response


@blueprint.app_context_processor
def helpers() -> dict:
    """What templates need to speak the reader's language."""
    return {"t": lambda name, **values: say(name, g.language, **values), "language": g.language,
            "other_language": LANGUAGES[1 - LANGUAGES.index(g.language)], "switch": switch_address, "day": day, "moment": moment}


@blueprint.get("/")
def chat() -> str | Response:
    """The chat; with ``?q=`` it opens with that question answered."""
    return chat_page()


@blueprint.post("/fragments/answer")
def answer_fragment() -> str:
    """The answer card to a question in JSON, as ``POST /api/v1/ask`` takes it and with its conversation."""
    if request.mimetype != "application/json":
        abort(415)
    return reply(from_json(TurnRequest, request.get_data()))


@blueprint.get("/reports")
def reports() -> str:
    """The list of reports, newest first."""
    offset = from_query(ListRequest, request.args).offset
    found, total = desk().service.documents(offset, PAGE)
    return render_template("reports.html", reports=found, total=total, offset=offset, page=PAGE)


@blueprint.get("/reports/<document_id>")
def report(document_id: str) -> str:
    """A report as a page of its own, open at ``?start=..&end=..``; ``at`` shows another part of it, ``page`` a page of the
    original."""
    return render_template("report.html", **_report(document_id))


@blueprint.get("/reports/<document_id>/original")
def original(document_id: str) -> Response:
    """The file that a report was read from."""
    return originals.send(document_id)


@blueprint.get("/fragments/reports/<document_id>")
def report_fragment(document_id: str) -> str:
    """The same report for the panel beside the chat."""
    return render_template("_report.html", panel=True, **_report(document_id))


@blueprint.get("/reports/<document_id>/pages/<int:number>")
def page_picture(document_id: str, number: int) -> Response:
    """A page of the original as a picture. Browsers keep it and ask whether it is still the same file's."""
    response = Response(desk().service.facsimile(document_id, number).image, mimetype="image/webp")
    response.set_etag(f"{desk().service.original(document_id).digest}-{number}")
    response.cache_control.no_cache = True
    return response.make_conditional(request)


def _report(document_id: str) -> dict:
    """What the report templates show."""
    place = from_query(PlaceRequest, request.args)
    document = desk().service.document(document_id)
    at = place.start if place.at is None else place.at
    shown = {"report": document, "place": place, "at": at, "outline": viewer.outline(document, at),
             "spot": {"section": document.section_path(place.start), "page": document.page(place.start)},
             "pictured": bool(document.pages) and desk().service.original(document_id).path.suffix == ".pdf"}
    if place.page is not None:
        return shown | _page(document_id, place)
    parts = viewer.parts(document)
    part = viewer.part_at(parts, at)
    return shown | {"parts": parts, "part": part, "blocks": viewer.lay_out(document, place.start, place.end, part)}


def _page(document_id: str, place: PlaceRequest) -> dict:
    """A page of the original with the boxes of the marked place, or why it cannot be shown."""
    service = desk().service
    try:
        return {"facsimile": service.facsimile(document_id, place.page),
                "boxes": service.boxes(document_id, place.start, place.end, place.page)}
    except NotFound as error:
        return {"problem": error.message}


def switch_address(language: str) -> str:
    """The present address in another language."""
    if request.endpoint is None or request.method != "GET":
        return url_for("pages.chat", lang=language)
    query = request.args.to_dict(flat=False) | {"lang": language}
    return url_for(request.endpoint, **(request.view_args or {}), **query)


def day(iso: str | None) -> str:
    """``2021-03-23``, ``2021-03`` or ``2021`` as the reader's language writes it; empty for None."""
    if not iso:
        return ""
    parts = [int(part) for part in iso.split("-")]
    if g.language == "zh":
        return "".join(f"{part}{unit}" for part, unit in zip(parts, "年月日", strict=False))
    forms = {1: "%Y", 2: "%B %Y", 3: "%-d %B %Y"}
    return date(*(parts + [1, 1])[:3]).strftime(forms[len(parts)])


def moment(at: datetime) -> str:
    """A point in time to the minute, in the server's time zone."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")
