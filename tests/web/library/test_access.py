"""The door of the library: who gets in, and what they may do there."""

import re

import pytest

from web.app import create_app
from web.records.accounts import ADMINISTRATOR, VIEWER

PAGES = ["/library", "/library/jobs", "/library/asked", "/library/trial", "/library/testset", "/library/keys", "/library/accounts", "/library/audit"]


def test_without_an_account_every_page_leads_to_the_door(client):
    for page in PAGES:
        reply = client.get(page, headers={"Accept": "text/html"})
        assert reply.status_code == 303
        assert reply.location == f"/login?next={page.replace('/', '%2F')}" or reply.location == f"/login?next={page}"
    assert client.get("/library", headers={"Accept": "application/json"}).status_code == 401


def test_a_wrong_password_is_refused_and_noted(client, app):
    reply = submit(client, "/login", name="谁", password="x" * 12)
    assert reply.status_code == 401
    assert "账号或密码不对" in reply.text
    change = app.extensions["desk"].audit.page()[0][0]
    assert (change.actor, change.action) == ("谁", "login_refused")


def test_passwords_cannot_be_guessed_all_day(service, visitor):
    client = create_app(service, service.settings).test_client()
    for _ in range(5):
        assert submit(client, "/login", name=ADMINISTRATOR, password="x" * 12).status_code == 401
    reply = submit(client, "/login", name=ADMINISTRATOR, password="long enough")
    assert reply.status_code == 429
    assert int(reply.headers["Retry-After"]) <= 60
    assert "太频繁了" in reply.text


def test_one_goes_on_to_where_one_was_going_and_never_to_another_site(visitor):
    for wanted, got in (("/library/audit", "/library/audit"), ("https://evil.example/", "/library"), ("//evil.example", "/library"),
                        ("/\\evil.example", "/library"), ("", "/library")):
        client = visitor(None)
        assert submit(client, "/login", name=ADMINISTRATOR, password="long enough", next=wanted).location == got


def test_a_viewer_looks_and_changes_nothing(visitor):
    client = visitor(VIEWER)
    assert client.get("/library").status_code == 200
    assert client.get("/library/accounts").status_code == 403
    assert submit(client, "/library/accounts", form="/library", action="remove", name=ADMINISTRATOR).status_code == 403


def test_an_administrator_changes_accounts_and_it_is_noted(visitor, app):
    client = visitor(ADMINISTRATOR)
    desk = app.extensions["desk"]
    assert submit(client, "/library/accounts", action="add", name="新人", password="x" * 10, role=VIEWER).status_code == 303
    assert "已更改" in client.get("/library/accounts").text
    submit(client, "/library/accounts", action="add", name="新人", password="x" * 10, role=VIEWER)
    assert "已经有了" in client.get("/library/accounts").text
    submit(client, "/library/accounts", action="role", name="新人", role=ADMINISTRATOR)
    assert desk.accounts.named("新人").is_administrator
    submit(client, "/library/accounts", action="remove", name="新人")
    assert "新人" not in {account.name for account in desk.accounts.all()}
    assert "更改角色" in client.get("/library/audit").text


def test_a_session_ends_with_logout_and_with_a_new_password(visitor, app):
    client, other = visitor(ADMINISTRATOR), visitor(ADMINISTRATOR)
    submit(client, "/library/accounts", action="password", name=ADMINISTRATOR, password="another one")
    assert client.get("/library").status_code == 200
    assert other.get("/library", headers={"Accept": "text/html"}).status_code == 303
    app.extensions["desk"].accounts.set_password(ADMINISTRATOR, "long enough")
    client = visitor(ADMINISTRATOR)
    submit(client, "/logout", form="/library")
    assert client.get("/library", headers={"Accept": "text/html"}).status_code == 303


def test_a_form_from_another_site_is_refused(visitor):
    client = visitor(ADMINISTRATOR)
    reply = client.post("/library/accounts", data={"action": "remove", "name": VIEWER})
    assert reply.status_code == 400
    assert "重新打开" in reply.text


@pytest.mark.parametrize("page", PAGES)
def test_every_page_speaks_both_languages(visitor, page):
    client = visitor(ADMINISTRATOR)
    assert "报告管理" in client.get(page).text
    assert "Audit log" in client.get(f"{page}?lang=en").text


def submit(client, address, form=None, **values):
    """Send a form with the token of the page that it stands on."""
    page = client.get(form or address).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return client.post(address, data=values | {"csrf_token": token}, headers={"Accept": "text/html"})
