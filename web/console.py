"""Commands that read and change the records, as the command line runs them."""

from collections.abc import Callable

from sqlalchemy import Engine

from qa.exits import code_of
from qa.settings import Settings
from web.records.database import connect

ACTOR = "command line"  # in the audit log


def run(work: Callable[[Engine], str]) -> int:
    """Do something with the records of the home that the environment names, and print what it says.

    :returns: as :func:`qa.exits.code_of`.
    """
    def command() -> int:
        settings = Settings.from_environment()
        print(work(connect(settings.home, settings.database_url)))
        return 0

    return code_of(command)
