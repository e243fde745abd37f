"""The library, for those who run the service: pages behind a login. One blueprint a page, all in :data:`PAGES`.

Whoever has an account may look; only administrators change anything (:func:`web.access.guard`).
"""

from flask import Blueprint, request

from web.access import current_account, guard
from web.desk import desk
from web.library import accounts, asked, audit, keys, reports, testset, trial

PAGES: tuple[Blueprint, ...] = (
    reports.blueprint, asked.blueprint, trial.blueprint, testset.blueprint, keys.blueprint, accounts.blueprint, audit.blueprint)

# In the order of the navigation: where a room begins, its name, and whether only administrators see it.
ROOMS = (("library.reports", "room_reports", False), ("asked.index", "room_asked", False), ("trial.index", "room_trial", False),
         ("testset.index", "room_testset", False), ("keys.index", "room_keys", True), ("accounts.index", "room_accounts", True), ("audit.index", "room_audit", True))

FORM = 1_000_000  # bytes of a form beside its file
_WITH_FILES = ("library.jobs.files", "library.reading.replace", "testset.take_in")


@reports.blueprint.before_app_request  # of the application, since looking for the token of a form reads the body
def allow_files() -> None:
    """Let administrators hand in files, which are larger than anything else that is sent here."""
    if request.endpoint in _WITH_FILES and (account := current_account()) and account.is_administrator:
        request.max_content_length = desk().settings.max_file_mb * 1_000_000 + FORM


def _surroundings() -> dict:
    return {"rooms": ROOMS, "account": current_account()}


for _page in PAGES:
    guard(_page)
    _page.context_processor(_surroundings)
