"""The JSON API."""

from flask import Blueprint, Response, abort, request, url_for

from corpus.document import Document
from web import originals
from web.callers import guard, scoped
from web.desk import desk, to_filters
from web.records.keys import READ
from web.schema import AskRequest, CountRequest, DocumentsRequest, FeedbackRequest, from_json, from_query

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
guard(blueprint)


@blueprint.post("/ask")
def ask() -> dict:
    """A question to its answer, or to an abstention; both are 200."""
    if request.mimetype != "application/json":
        abort(415)
    return desk().ask(from_json(AskRequest, request.get_data()), "api").to_dict()


@blueprint.post("/answers/<answer_id>/feedback")
def feedback(answer_id: str) -> tuple[str, int]:
    """Keep what someone thinks of an answer, in the place of what was said of it before."""
    if request.mimetype != "application/json":
        abort(415)
    said = from_json(FeedbackRequest, request.get_data())
    desk().questions.judge(answer_id, said.verdict, said.comment)
    return "", 204


@blueprint.get("/documents")
@scoped(READ)
def documents() -> dict:
    """One page of what is indexed, newest first."""
    wanted = from_query(DocumentsRequest, request.args)
    found, total = desk().service.documents(wanted.offset, wanted.limit, to_filters(wanted))
    return {"documents": [_summary(document) for document in found],
            "total": total, "offset": wanted.offset, "limit": wanted.limit}


@blueprint.get("/documents/<document_id>")
@scoped(READ)
def document(document_id: str) -> dict:
    """One document: its clean text, outline, pages and metadata."""
    found = desk().service.document(document_id)
    return _summary(found) | {
        "text": found.text,
        "outline": [{"heading": s.heading, "level": s.level, "start": s.start, "body": s.body, "end": s.end}
                    for s in found.sections],
        "pages": [{"page": number, "start": start} for number, start in found.pages],
        "passages": desk().service.passage_count(document_id)}


@blueprint.get("/documents/<document_id>/original")
@scoped(READ)
def original(document_id: str) -> Response:
    """The file as it was taken in."""
    return originals.send(document_id)


@blueprint.get("/suggestions")
def suggestions() -> dict:
    """Questions that what is indexed can answer."""
    return {"suggestions": desk().service.suggestions(from_query(CountRequest, request.args).limit)}


def _summary(document: Document) -> dict:
    """A document without its text. ``url`` opens the report viewer; ``origin_url`` is where it was published."""
    metadata = document.metadata
    return {
        "id": document.id, "title": metadata.title, "issuer": metadata.issuer, "region": metadata.region,
        "published": metadata.published, "report_year": metadata.report_year, "number": metadata.number,
        "origin": metadata.origin, "origin_url": metadata.url, "source": document.source,
        "characters": len(document.text), "url": url_for("pages.report", document_id=document.id),
        "original": url_for("api.original", document_id=document.id)}
