"""The reports as a table, for those who look after them."""

from flask import Blueprint, render_template, request

from web.desk import desk
from web.schema import ListRequest, from_query

PAGE = 50  # reports on one page

blueprint = Blueprint("library", __name__, url_prefix="/library")


@blueprint.get("")
def reports() -> str:
    """One page of the table, newest first."""
    offset = from_query(ListRequest, request.args).offset
    found, total = desk().service.documents(offset, PAGE)
    return render_template("library/reports.html", reports=found, total=total, offset=offset, page=PAGE)
