"""Commands that read and change the records, as the command line runs them."""

import sys
from collections.abc import Callable

from sqlalchemy import Engine

from corpus.errors import DocumentError
from qa.errors import ServiceError
from qa.settings import Settings
from web.records.database import connect

USAGE = 2
ACTOR = "command line"  # in the audit log


def run(work: Callable[[Engine], str]) -> int:
    """Do something with the records of the home that the environment names, and print what it says.

    :returns: 0, or 2 where it could not be done; the reason is printed.
    """
    try:
        settings = Settings.from_environment()
        print(work(connect(settings.home, settings.database_url)))
    except (ServiceError, DocumentError) as error:
        print(error.message, file=sys.stderr)
        return USAGE
    return 0
