"""The period that a page is about: so many days up to today, from the address."""

from datetime import date, timedelta
from typing import Literal

from flask import request
from pydantic import BaseModel

from web.schema import from_query

PERIODS = (7, 30, 90, 365)


class PeriodRequest(BaseModel):
    """:ivar days: how many, today among them."""

    days: Literal["7", "30", "90", "365"] = "30"


def period() -> tuple[int, date]:
    """How many days are asked for, and the first of them.

    :raises QuestionError: not one of :data:`PERIODS`.
    """
    days = int(from_query(PeriodRequest, request.args).days)
    return days, date.today() - timedelta(days=days - 1)
