"""The reports as a table, for those who look after them."""

from typing import Annotated, Literal

from flask import Blueprint, render_template, request, url_for
from pydantic import BaseModel, Field

from corpus.catalogue import SORTS, Wanted
from web.desk import desk
from web.library import jobs, reading
from web.schema import from_query

PAGE = 50  # reports on one page
STATES = {"live": False, "withdrawn": True}
_ASCENDING = ("title", "issuer", "region")  # what is sorted from its beginning when first chosen

blueprint = Blueprint("library", __name__, url_prefix="/library")
blueprint.register_blueprint(jobs.blueprint)
blueprint.register_blueprint(reading.blueprint)


class TableRequest(BaseModel):
    """What the table shows, from the address.

    :ivar q: words to search for.
    :ivar year: digits, or nothing.
    """

    q: Annotated[str, Field(max_length=200)] = ""
    region: Annotated[str, Field(max_length=200)] = ""
    year: Annotated[str, Field(pattern=r"^\d{0,4}$")] = ""
    state: Literal["", "live", "withdrawn"] = ""
    sort: Literal[tuple(SORTS)] = "published"
    order: Literal["asc", "desc"] = "desc"
    offset: Annotated[int, Field(ge=0, le=2**31)] = 0

    @property
    def wanted(self) -> Wanted:
        """The same for the catalogue."""
        return Wanted(self.q.split(), self.region or None, int(self.year) if self.year else None, STATES.get(self.state), self.sort,
                      self.order == "desc")

    def address(self, **changes: object) -> str:
        """The address of the table with something else chosen."""
        values = self.model_dump() | {"offset": 0} | changes
        return url_for("library.reports", **{name: value for name, value in values.items() if value != TableRequest.model_fields[name].default})

    def sorted_by(self, column: str) -> str:
        """The address of the table sorted by a column; the other way round where it is that already."""
        order = "asc" if column in _ASCENDING else "desc"
        if column == self.sort:
            order = "desc" if self.order == "asc" else "asc"
        return self.address(sort=column, order=order)


@blueprint.get("")
def reports() -> str:
    """One page of the table, with what is being done."""
    chosen = from_query(TableRequest, request.args)
    desk().service.refresh()
    catalogue = desk().service.catalogue
    rows, total = catalogue.page(chosen.wanted, chosen.offset, PAGE)
    recent, kept = desk().jobs.page(0, jobs.RECENT)
    return render_template(
        "library/reports.html", rows=rows, total=total, page=PAGE, chosen=chosen, regions=catalogue.regions(), years=catalogue.years(),
        sorts=tuple(SORTS), states=tuple(STATES), jobs=recent, kept=kept, max_mb=desk().settings.max_file_mb)
