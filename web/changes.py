"""Changes of the library over the API: documents handed in, replaced, corrected, withdrawn and restored, each by a job."""

from functools import partial

from flask import Blueprint, request, url_for

from corpus.catalogue import Row
from qa.errors import QuestionError
from web import failures
from web.api import DOCUMENTS
from web.callers import current_key, guard, scoped
from web.desk import desk
from web.intake.orders import order, order_file
from web.operation import operation
from web.progress import report
from web.records.jobs import CORRECT, REMOVE, RESTORE
from web.records.keys import WRITE
from web.replies import AcceptedReply
from web.schema import from_query
from web.stated import FILES, FileForm, FilesForm, MetadataRequest, TextRequest

FORM = 1_000_000  # bytes of a request beside its files

_accepting = partial(operation, tag=DOCUMENTS, gives=AcceptedReply, status=202)
_CHANGE = failures.DOCUMENT + failures.INDEX

blueprint = Blueprint("changes", __name__, url_prefix="/api/v1/documents")
guard(blueprint)


@blueprint.before_request
def allow_files() -> None:
    """Let those who hold a key hand in files, which are larger than anything else that is sent here."""
    request.max_content_length = desk().settings.max_file_mb * 1_000_000 + FORM


@blueprint.post("")
@scoped(WRITE)
@_accepting(summary="收录报告 Add documents", body=TextRequest, form=FilesForm, failures=failures.FILES)
def add(text: TextRequest | None) -> tuple[dict, int, dict]:
    """Take in files, or a text."""
    return _accepted(_take_in(text, FILES))


@blueprint.put("/<document_id>")
@scoped(WRITE)
@_accepting(summary="换成新版本 Replace a document", body=TextRequest, form=FileForm, failures=failures.FILES + _CHANGE)
def replace(text: TextRequest | None, document_id: str) -> tuple[dict, int, dict]:
    """Take in a new version of the file that a document was read from."""
    _entry(document_id)
    return _accepted(_take_in(text, 1, document_id=document_id))


@blueprint.patch("/<document_id>")
@scoped(WRITE)
@_accepting(summary="更正信息 Correct a document", body=MetadataRequest, failures=failures.CORRECTION + _CHANGE)
def correct(known: MetadataRequest, document_id: str) -> tuple[dict, int, dict]:
    """Correct what is known of a document."""
    row = _entry(document_id)
    if not known.values:
        raise QuestionError("nothing_given", "没有给出要更正的内容。 Nothing to correct was given.")
    return _accepted([order(CORRECT, row.metadata.title, _actor(), document_id=document_id, values=known.values)])


@blueprint.delete("/<document_id>")
@scoped(WRITE)
@_accepting(summary="撤下报告 Withdraw a document", failures=_CHANGE)
def remove(document_id: str) -> tuple[dict, int, dict]:
    """Withdraw a document: it is kept, and answers nothing."""
    return _accepted([order(REMOVE, _entry(document_id).metadata.title, _actor(), document_id=document_id)])


@blueprint.post("/<document_id>/restore")
@scoped(WRITE)
@_accepting(summary="恢复报告 Restore a document", failures=_CHANGE)
def restore(document_id: str) -> tuple[dict, int, dict]:
    """Take back that a document was withdrawn."""
    return _accepted([order(RESTORE, _entry(document_id).metadata.title, _actor(), document_id=document_id)])


def _take_in(text: TextRequest | None, most: int, **what: str) -> list[int]:
    """Have a text taken in, or the files of the request's form where there is none; the ids of the jobs, one a file.

    :param most: so many files at once.
    """
    if text:
        return [order_file(text.name, lambda path: path.write_bytes(text.content), _actor(), values=text.values, **what)]
    files = [file for file in request.files.getlist("files") if file.filename]
    if not 1 <= len(files) <= most:
        raise QuestionError("number_of_files", f"表单的 files 中应有 1 到 {most} 个文件，现有 {len(files)} 个。 The form’s files should hold 1 to {most}"
                            f" files, and hold {len(files)}.", limit=most)
    values = from_query(MetadataRequest, request.form).values
    return [order_file(file.filename, file.save, _actor(), values=values, **what) for file in files]


def _entry(document_id: str) -> Row:
    """The row of a document in the newest version of the library."""
    desk().service.refresh()
    return desk().service.entry(document_id)


def _actor() -> str:
    return f"key {current_key().name}"


def _accepted(job_ids: list[int]) -> tuple[dict, int, dict]:
    """The jobs, of which none is done yet; the address of the first stands in the header too."""
    desk().foreman.call()
    return ({"jobs": [report(desk().jobs.find(job_id)) for job_id in job_ids]}, 202,
            {"Location": url_for("progress.job", job_id=job_ids[0])})
