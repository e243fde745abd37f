"""The library, for those who run the service: pages behind a login. One blueprint a page, all in :data:`PAGES`.

Whoever has an account may look; only administrators change anything (:func:`web.access.guard`).
"""

from flask import Blueprint

from web.access import current_account, guard
from web.library import accounts, asked, audit, reports, testset, trial

PAGES: tuple[Blueprint, ...] = (reports.blueprint, asked.blueprint, trial.blueprint, testset.blueprint, accounts.blueprint, audit.blueprint)

# In the order of the navigation: where a room begins, its name, and whether only administrators see it.
ROOMS = (("library.reports", "room_reports", False), ("asked.index", "room_asked", False), ("trial.index", "room_trial", False),
         ("testset.index", "room_testset", False), ("accounts.index", "room_accounts", True), ("audit.index", "room_audit", True))


def _surroundings() -> dict:
    return {"rooms": ROOMS, "account": current_account()}


for _page in PAGES:
    guard(_page)
    _page.context_processor(_surroundings)
