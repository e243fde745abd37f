"""Who may call the API, and how often."""

from dataclasses import replace

import pytest

from web.app import create_app
from web.records.database import connect
from web.records.keys import ASK, READ, Keys

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}
QUESTION = {"question": "2021年云溪市生产总值是多少？"}


@pytest.fixture
def api(service, tmp_path):
    """Makes a client of an application with settings of its own, whose keys are in a home of their own."""
    def make(**values):
        settings = replace(service.settings, home=tmp_path, **values)
        return create_app(service, settings).test_client()

    return make


@pytest.fixture
def keys(tmp_path):
    return Keys(connect(tmp_path))


def ask(client, secret=None, header="Authorization", **more):
    headers = {header: f"Bearer {secret}" if header == "Authorization" else secret} if secret else {}
    return client.post("/api/v1/ask", json=QUESTION, headers=headers | more.pop("headers", {}), **more)


def code(response):
    return response.status_code, response.json["error"]["code"]


def test_by_default_only_this_machine_asks_without_a_key(api):
    client = api()
    assert ask(client).status_code == 200
    assert code(ask(client, environ_base=ELSEWHERE)) == (401, "key_needed")
    assert code(ask(client, headers={"X-Forwarded-For": "203.0.113.9"})) == (401, "key_needed")
    assert code(client.post("/v1/chat/completions", json={"messages": []}, environ_base=ELSEWHERE)) == (401, "key_needed")


def test_the_pages_are_open_to_all(api, service):
    client = api(api_open="nobody")
    [document], _ = service.documents(limit=1)
    for path in ("/", "/reports", f"/reports/{document.id}", f"/reports/{document.id}/original"):
        with client.get(path, environ_base=ELSEWHERE) as response:
            assert response.status_code == 200
    assert client.post("/fragments/answer", json=QUESTION, environ_base=ELSEWHERE).status_code == 200


@pytest.mark.parametrize(("open_to", "here", "elsewhere"), [("everyone", 200, 200), ("local", 200, 401), ("nobody", 401, 401)])
def test_the_setting_says_who_needs_no_key(api, open_to, here, elsewhere):
    client = api(api_open=open_to)
    assert ask(client).status_code == here
    assert ask(client, environ_base=ELSEWHERE).status_code == elsewhere


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key"])
def test_a_key_opens_and_is_counted(api, keys, header):
    key, secret = keys.create("客服", [ASK])
    client = api(api_open="nobody")
    assert ask(client, secret, header, environ_base=ELSEWHERE).status_code == 200
    assert keys.usage(1)[key.id].calls == (1,)
    keys.revoke(key.id)
    assert code(ask(client, secret, header)) == (401, "key_wrong")


def test_a_wrong_key_is_refused_even_here_and_other_words_are_none(api):
    client = api()
    assert code(ask(client, "rq_00000000_wrong")) == (401, "key_wrong")
    assert ask(client, "none").status_code == 200


def test_a_key_does_what_its_scopes_say(api, keys):
    client = api()
    _, asking = keys.create("问", [ASK])
    _, reading = keys.create("读", [READ])
    assert ask(client, asking).status_code == 200
    assert code(ask(client, reading)) == (403, "scope_missing")
    headers = {"Authorization": f"Bearer {reading}"}
    assert client.get("/api/v1/documents", headers=headers).status_code == 200
    assert code(client.get("/api/v1/documents", headers={"Authorization": f"Bearer {asking}"})) == (403, "scope_missing")


def test_each_key_and_each_address_has_its_own_allowance(api, keys):
    client = api(api_open="everyone", api_per_minute=2)
    _, secret = keys.create("客服", [ASK], per_minute=3)
    assert [ask(client, environ_base=ELSEWHERE).status_code for _ in range(3)] == [200, 200, 429]
    assert [ask(client, environ_base={"REMOTE_ADDR": "203.0.113.10"}).status_code for _ in range(2)] == [200, 200]
    assert [ask(client, secret, environ_base=ELSEWHERE).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = ask(client, secret)
    assert code(refused) == (429, "too_many_requests")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert [ask(client).status_code for _ in range(5)] == [200] * 5


def test_a_batch_counts_as_so_many_calls(api, keys):
    client = api()
    key, secret = keys.create("批量", [ASK], per_minute=10)
    headers = {"Authorization": f"Bearer {secret}"}
    batches = [client.post("/api/v1/ask/batch", json={"questions": [QUESTION] * many}, headers=headers) for many in (3, 6, 2)]
    assert [batch.status_code for batch in batches] == [200, 200, 429]
    assert keys.usage(1)[key.id].calls == (9,)


@pytest.mark.parametrize("body", [b"", b"{", b'{"questions": 5}', b"x" * 300_000])
def test_a_batch_that_is_refused_counts_as_one(api, body):
    client = api(api_open="everyone", api_per_minute=2)
    refused = [client.post("/api/v1/ask/batch", data=body, content_type="application/json", environ_base=ELSEWHERE).status_code for _ in range(3)]
    assert refused == [400 if len(body) < 300_000 else 413] * 2 + [429]


def test_a_day_has_its_own_allowance(api):
    client = api(api_open="everyone", api_per_day=2)
    assert [ask(client, environ_base=ELSEWHERE).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("path", ["/api/v1/ask", "/v1/chat/completions"])
def test_pages_of_named_sites_may_call(api, path):
    client = api(api_open="nobody", api_origins="https://www.example.org, https://b.example.org")
    asked = {"Origin": "https://www.example.org", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "authorization, content-type, x-stainless-lang"}
    allowed = client.options(path, headers=asked)
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://www.example.org"
    assert {"authorization", "x-stainless-lang"} <= set(allowed.headers["Access-Control-Allow-Headers"].lower().split(", "))
    stranger = client.options(path, headers=asked | {"Origin": "https://evil.example.com"})
    assert "Access-Control-Allow-Origin" not in stranger.headers
    assert "Access-Control-Allow-Origin" not in client.get("/", headers=asked).headers
