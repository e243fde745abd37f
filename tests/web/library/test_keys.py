"""The page about keys of the API."""

import html
import json
import re
import shlex

import pytest

from web.records.accounts import ADMINISTRATOR, VIEWER

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def keys(app):
    return app.extensions["desk"].keys


@pytest.fixture
def administrator(visitor):
    """Sends forms of the page as an administrator; ``get`` opens a page."""
    client = visitor(ADMINISTRATOR)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/library/keys").text)[1]

    def send(address="/library/keys", **values):
        return client.post(address, data=values | {"csrf_token": token}, headers={"Accept": "text/html"})

    send.get = lambda address="/library/keys": client.get(address, headers={"Accept": "text/html"})
    return send


def made(reply):
    """The secret, and the call, that a page shows after a key was made."""
    text = html.unescape(reply.text)
    return re.search(r'<input value="(rq_\w{8}_[\w-]+)" readonly', text)[1], re.search(r"<code>(curl .*?)</code>", text)[1]


def test_a_key_is_made_and_shown_once_with_a_call_that_works(administrator, app, keys):
    reply = administrator(name="客服<b>", scopes=["ask"], per_minute=5, per_day=50)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (201, "no-store")
    secret, call = made(reply)
    key = keys.check(secret)
    assert (key.name, key.scopes, key.per_minute, key.per_day) == ("客服<b>", ("ask",), 5, 50)
    _, address, *options = shlex.split(call)
    assert address == "http://localhost/api/v1/ask"
    headers = dict(option.split(": ") for option in options if ": " in option and not option.startswith("{"))
    answer = app.test_client().post("/api/v1/ask", data=options[-1], headers=headers, environ_base=ELSEWHERE)
    assert answer.json["question"] == json.loads(options[-1])["question"]
    listed = administrator.get().text
    assert "客服&lt;b&gt;" in listed and "客服<b>" not in listed
    assert secret not in listed + administrator.get(f"/library/keys/{key.id}").text + administrator.get("/library/audit").text


@pytest.mark.parametrize(("scopes", "ends"), [(["read"], ""), (["read", "write"], ""), (["write"], " -F files=@report.docx")])
def test_a_key_that_may_not_ask_gets_another_call(administrator, scopes, ends):
    secret, call = made(administrator(name="同步", scopes=scopes, per_minute=5, per_day=50))
    assert call == f"curl http://localhost/api/v1/documents -H 'Authorization: Bearer {secret}'{ends}"


def test_what_makes_no_key_is_said(administrator, keys):
    before = keys.page()[1]
    for values, said in (({"name": " "}, "名称应为"), ({"scopes": []}, "至少选一项"), ({"per_minute": "很多"}, "正整数"), ({"per_day": ""}, "正整数")):
        reply = administrator(**{"name": "甲", "scopes": ["ask"], "per_minute": 1, "per_day": 1} | values)
        assert (reply.status_code, reply.location) == (303, "/library/keys")
        assert said in administrator.get().text
    assert keys.page()[1] == before


def test_a_key_is_listed_with_what_it_may_who_made_it_and_its_use(administrator, keys):
    secret, _ = made(administrator(name="门户网站", scopes=["ask", "write"], per_minute=6, per_day=1200))
    key = keys.check(secret)
    row = row_of(administrator.get().text, key)
    assert "提问、修改报告" in row and "6 次/分钟，1,200 次/天" in row and ADMINISTRATOR in row and "从未" in row
    assert "<svg" not in row
    for _ in range(3):
        keys.count(key)
    row = row_of(administrator.get().text, key)
    assert 'aria-label="近 30 天共 3 次，最多的一天 3 次"' in row and "从未" not in row
    page = administrator.get(f"/library/keys/{key.id}?days=7").text
    assert page.count('<rect class="series-0"') == 1
    assert "近 7 天共 3 次" in page


def test_limits_are_changed_and_noted(administrator, keys):
    key, _ = keys.create("甲", ["ask"], 5, 50)
    page = f"/library/keys/{key.id}"
    assert administrator(page, action="limit", per_minute=7, per_day=0).location == page
    assert "正整数" in administrator.get(page).text
    administrator(page, action="limit", per_minute=7, per_day=70)
    assert "限额已修改" in administrator.get(page).text
    assert (keys.find(key.id).per_minute, keys.find(key.id).per_day) == (7, 70)
    log = administrator.get("/library/audit").text
    assert "修改接口密钥的限额" in log
    assert f"编号: {key.id}" in log and "原来: 5/min 50/day" in log and "现在: 7/min 70/day" in log


def test_a_key_is_revoked_and_cannot_be_changed_any_more(administrator, keys):
    key, secret = keys.create("乙", ["ask"])
    page = f"/library/keys/{key.id}"
    administrator(page, action="revoke")
    assert keys.check(secret) is None
    shown = administrator.get(page).text
    assert "密钥已撤销" in shown and 'name="per_day"' not in shown
    assert "撤销接口密钥" in administrator.get("/library/audit").text


def test_an_unknown_key_is_not_found(administrator):
    assert administrator.get("/library/keys/00000000").status_code == 404
    assert administrator("/library/keys/00000000", action="revoke").status_code == 404


def test_only_administrators_see_and_change_keys(visitor, keys):
    key, secret = keys.create("丙", ["ask"])
    client = visitor(VIEWER)
    assert "/library/keys" not in client.get("/library").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/library").text)[1]
    for page in ("/library/keys", f"/library/keys/{key.id}"):
        assert client.get(page).status_code == 403
        assert client.post(page, data={"csrf_token": token, "action": "revoke"}).status_code == 403
    assert keys.check(secret) == key


def row_of(page, key):
    return next(row for row in page.split("<tr") if key.id in row)
