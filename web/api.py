"""The JSON API."""

from collections.abc import Iterator

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from corpus.document import Document
from qa.answer import Answer, SearchResult
from qa.errors import QuestionError
from web import errors, events, failures, originals
from web.callers import costing, guard, scoped
from web.desk import desk, to_filters
from web.operation import EVENTS, operation
from web.records.keys import READ
from web.replies import AnswerReply, BatchReply, DocumentsReply, DocumentTextReply, SearchReply, SuggestionsReply
from web.schema import AskRequest, BatchRequest, CountRequest, DocumentsRequest, FeedbackRequest, from_json

QUESTIONS, DOCUMENTS = "提问 Questions", "报告 Documents"
_TOLD = ("事件流：passages（SearchReply）、answer（AnswerReply）、done；开始之后出错则为 error（ErrorReply）。 Events: passages (SearchReply), answer"
         " (AnswerReply), done; error (ErrorReply) for what fails after the start.")

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
guard(blueprint)


@blueprint.post("/ask")
@operation(tag=QUESTIONS, summary="提问 Ask a question", body=AskRequest, gives=AnswerReply, media={EVENTS: _TOLD},
           failures=failures.QUESTION + failures.INDEX)
def ask(wanted: AskRequest) -> dict | Response:
    """A question to its answer, or to an abstention; both are 200. With ``Accept: text/event-stream`` as events."""
    if events.wanted():
        return events.respond(_named(desk().follow(wanted, "api")))
    return desk().ask(wanted, "api").to_dict()


def _named(found: Iterator[SearchResult | Answer]) -> Iterator[tuple[str, dict]]:
    return (("answer" if isinstance(each, Answer) else "passages", each.to_dict()) for each in found)


def _asked() -> int:
    """How many questions a batch holds; 1 where it is refused for what it is."""
    try:
        return len(from_json(BatchRequest, request.get_data()).questions)
    except (QuestionError, RequestEntityTooLarge):
        return 1


@blueprint.post("/ask/batch")
@costing(_asked)
@operation(tag=QUESTIONS, summary="批量提问 Ask several questions", body=BatchRequest, gives=BatchReply, failures=failures.INDEX)
def ask_batch(wanted: BatchRequest) -> dict:
    """Each question to its answer, or to the error that it would give alone. They count against the limits as so many calls."""
    return {"results": [_alone(question) for question in wanted.questions]}


def _alone(question: AskRequest) -> dict:
    try:
        return desk().ask(question, "api").to_dict()
    except QuestionError as error:
        return errors.body(error)


@blueprint.post("/search")
@operation(tag=QUESTIONS, summary="只检索段落 Passages only", body=AskRequest, gives=SearchReply, failures=failures.QUESTION + failures.INDEX)
def search(wanted: AskRequest) -> dict:
    """The passages that are retrieved for a question, in the order of their retrieval, without an answer."""
    return desk().search(wanted).to_dict()


@blueprint.post("/answers/<answer_id>/feedback")
@operation(tag=QUESTIONS, summary="反馈 Judge an answer", body=FeedbackRequest, status=204, failures=failures.ANSWER)
def feedback(said: FeedbackRequest, answer_id: str) -> tuple[str, int]:
    """Keep what someone thinks of an answer, in the place of what was said of it before."""
    desk().questions.judge(answer_id, said.verdict, said.comment)
    return "", 204


@blueprint.get("/documents")
@scoped(READ)
@operation(tag=DOCUMENTS, summary="报告列表 List documents", query=DocumentsRequest, gives=DocumentsReply, failures=failures.INDEX)
def documents(wanted: DocumentsRequest) -> dict:
    """One page of what is indexed, newest first."""
    found, total = desk().service.documents(wanted.offset, wanted.limit, to_filters(wanted), wanted.q.split())
    return {"documents": [_summary(document) for document in found],
            "total": total, "offset": wanted.offset, "limit": wanted.limit}


@blueprint.get("/documents/<document_id>")
@scoped(READ)
@operation(tag=DOCUMENTS, summary="一篇报告 One document", gives=DocumentTextReply, failures=failures.DOCUMENT + failures.INDEX)
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
@operation(tag=DOCUMENTS, summary="原件 The original file", media={"application/octet-stream": "原件。 The file."},
           failures=failures.DOCUMENT + failures.INDEX)
def original(document_id: str) -> Response:
    """The file as it was taken in."""
    return originals.send(document_id)


@blueprint.get("/suggestions")
@operation(tag=QUESTIONS, summary="可以问什么 Questions to begin with", query=CountRequest, gives=SuggestionsReply, failures=failures.INDEX)
def suggestions(wanted: CountRequest) -> dict:
    """Questions that what is indexed can answer."""
    return {"suggestions": desk().service.suggestions(wanted.limit)}


def _summary(document: Document) -> dict:
    """A document without its text. ``url`` opens the report viewer; ``origin_url`` is where it was published."""
    metadata = document.metadata
    return {
        "id": document.id, "title": metadata.title, "issuer": metadata.issuer, "region": metadata.region,
        "published": metadata.published, "report_year": metadata.report_year, "number": metadata.number,
        "origin": metadata.origin, "origin_url": metadata.url, "source": document.source,
        "characters": len(document.text), "url": url_for("pages.report", document_id=document.id),
        "original": url_for("api.original", document_id=document.id)}
