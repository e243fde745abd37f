"""Visitors of the library."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from web.records.accounts import ROLES

PASSWORD = "long enough"


@pytest.fixture
def visitor(app) -> Callable[[str | None], FlaskClient]:
    """Makes a client that is logged in as an account which bears the name of its role; not logged in for None."""
    accounts = app.extensions["desk"].accounts
    for role in ROLES:
        if role not in {account.name for account in accounts.all()}:
            accounts.add(role, PASSWORD, role)

    def enter(role: str | None) -> FlaskClient:
        client = app.test_client()
        if role:
            token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
            assert client.post("/login", data={"name": role, "password": PASSWORD, "csrf_token": token}).status_code == 303
        return client

    return enter
