"""The audit log: who changed what."""

from flask import Blueprint, render_template, request

from web.access import administrators_only
from web.desk import desk
from web.schema import ListRequest, from_query

PAGE = 50  # changes on one page
FACTS = ("id", "scopes", "before", "after", "role", "document_id", "values", "count", "vector_weight", "threshold")  # that changes come with

blueprint = Blueprint("audit", __name__, url_prefix="/library/audit")


@blueprint.get("")
def index() -> str:
    """One page of the log, newest first."""
    administrators_only()
    offset = from_query(ListRequest, request.args).offset
    changes, total = desk().audit.page(offset, PAGE)
    return render_template("library/audit.html", changes=changes, total=total, offset=offset, page=PAGE, facts=FACTS)
