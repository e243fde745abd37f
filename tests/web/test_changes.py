"""What programs may change of the library, and what they are refused."""

import io
from datetime import UTC, datetime

import pytest

from web.records.accounts import ADMINISTRATOR
from web.records.jobs import CORRECT, FILE, REMOVE, RESTORE
from web.records.keys import ASK, READ, WRITE
from web.stated import FILES

DOCUMENTS = "/api/v1/documents"
TEXT = {"title": "云溪港统计公报", "text": "2021年，云溪港完成货物吞吐量810万吨。"}


@pytest.fixture
def headers(desk):
    """Those of a program that may write."""
    key, secret = desk.keys.create("办公系统", [WRITE])
    yield {"Authorization": f"Bearer {secret}"}
    desk.keys.revoke(key.id)


@pytest.fixture
def known(service):
    """A document."""
    return service.documents()[0][0]


def code(response):
    return response.status_code, response.json["error"]["code"]


def files(*contents, **fields):
    return {"files": [(io.BytesIO(content), f"{number}.txt") for number, content in enumerate(contents)]} | fields


def test_a_text_is_stored_with_what_is_said_of_it(client, desk, headers):
    said = {"issuer": "云溪市统计局", "region": None, "published": "2022-01-30", "report_year": 2021, "origin_url": "https://a.example/1"}
    reply = client.post(DOCUMENTS, json=TEXT | said, headers=headers)
    assert reply.status_code == 202
    [job], _ = desk.jobs.page()
    assert (job.kind, job.subject, job.actor) == (FILE, "云溪港统计公报.txt", "key 办公系统")
    assert job.path.read_text("utf-8") == "云溪港统计公报\n\n2021年，云溪港完成货物吞吐量810万吨。"
    values = {"title": "云溪港统计公报", "issuer": "云溪市统计局", "region": None, "published": "2022-01-30", "report_year": 2021,
              "url": "https://a.example/1"}
    assert job.order["values"] == values
    assert reply.headers["Location"] == f"/api/v1/jobs/{job.id}"
    [shown] = reply.json["jobs"]
    assert abs((datetime.fromisoformat(shown.pop("created")) - datetime.now(UTC)).total_seconds()) < 60
    assert shown == {"id": job.id, "kind": "file", "subject": "云溪港统计公报.txt", "state": "waiting", "stages": {}, "message": None,
                     "document_id": None, "document_ids": [], "ended": None, "url": f"/api/v1/jobs/{job.id}"}
    [change], _ = desk.audit.page(limit=1)
    assert (change.actor, change.action, change.subject, change.detail) == (
        "key 办公系统", "report_file", "云溪港统计公报.txt", {"values": values})


@pytest.mark.parametrize(("given", "name", "content"), [
    ({"title": "上半年/下半年", "text": "一"}, "上半年／下半年.txt", "上半年/下半年\n\n一"),
    ({"title": r"..\甲", "text": "一"}, "／甲.txt", "..\\甲\n\n一"), ({"title": "...", "text": "一"}, "_.txt", "...\n\n一"),
    ({"title": "公报", "text": "公报\n\n一"}, "公报.txt", "公报\n\n一"),
    ({"title": "公报", "text": "## 一\n\n二", "format": "markdown"}, "公报.md", "# 公报\n\n## 一\n\n二"),
    ({"title": "公报", "text": "# 公报\n\n二", "format": "markdown"}, "公报.md", "# 公报\n\n二")])
def test_a_text_begins_with_its_title(client, desk, headers, given, name, content):
    assert client.post(DOCUMENTS, json=given, headers=headers).status_code == 202
    [job], _ = desk.jobs.page()
    assert (job.subject, job.path.read_text("utf-8")) == (name, content)


def test_files_are_stored_larger_than_other_requests_each_with_a_job(client, desk, headers):
    reply = client.post(DOCUMENTS, data=files(b"one", b"x" * 300_000, report_year="2021", issuer="云溪港"), headers=headers)
    assert reply.status_code == 202
    found, _ = desk.jobs.page()
    assert [(job.subject, job.path.stat().st_size, job.order["values"]) for job in found] == [
        ("0.txt", 3, {"report_year": 2021, "issuer": "云溪港"}), ("1.txt", 300_000, {"report_year": 2021, "issuer": "云溪港"})]
    assert [job["id"] for job in reply.json["jobs"]] == [job.id for job in found]


def test_a_document_is_replaced_corrected_withdrawn_and_restored(client, desk, headers, known):
    address = f"{DOCUMENTS}/{known.id}"
    replies = [client.put(address, json=TEXT, headers=headers), client.put(address, data=files(b"new"), headers=headers),
               client.patch(address, json={"issuer": None, "number": "云政〔2021〕1号"}, headers=headers),
               client.delete(address, headers=headers), client.post(f"{address}/restore", headers=headers)]
    assert [reply.status_code for reply in replies] == [202] * 5
    found, _ = desk.jobs.page()
    assert [(job.kind, job.document_id) for job in found] == [
        (kind, known.id) for kind in (FILE, FILE, CORRECT, REMOVE, RESTORE)]
    assert found[2].order["values"] == {"issuer": None, "number": "云政〔2021〕1号"}
    assert {reply.json["jobs"][0]["document_id"] for reply in replies} == {known.id}
    actions = [(change.actor, change.action, change.subject) for change in desk.audit.page(limit=3)[0]]
    assert actions == [("key 办公系统", f"report_{kind}", known.metadata.title) for kind in (RESTORE, REMOVE, CORRECT)]


@pytest.mark.parametrize(("method", "path"), [
    ("post", ""), ("put", "/0"), ("patch", "/0"), ("delete", "/0"), ("post", "/0/restore")])
def test_nobody_writes_without_a_key_that_may(client, desk, method, path):
    send = getattr(client, method)
    assert code(send(DOCUMENTS + path, json=TEXT)) == (401, "key_needed")
    assert "--scopes write" in send(DOCUMENTS + path, json=TEXT).json["error"]["message"]
    key, secret = desk.keys.create("只读", [ASK, READ])
    assert code(send(DOCUMENTS + path, json=TEXT, headers={"X-Api-Key": secret})) == (403, "scope_missing")
    desk.keys.revoke(key.id)
    assert code(send(DOCUMENTS + path, json=TEXT, headers={"X-Api-Key": secret})) == (401, "key_wrong")
    assert desk.jobs.page() == ([], 0)


def test_an_account_of_the_library_is_no_key(visitor, desk):
    assert code(visitor(ADMINISTRATOR).post(DOCUMENTS, json=TEXT)) == (401, "key_needed")


@pytest.mark.parametrize(("body", "field"), [
    ({"text": "一"}, "title"), (TEXT | {"title": " "}, "title"), (TEXT | {"title": "长" * 201}, "title"), (TEXT | {"title": "\x07"}, "title"),
    (TEXT | {"title": None}, "title"), (TEXT | {"text": ""}, "text"), (TEXT | {"text": " \n"}, "text"), (TEXT | {"format": "html"}, "format"),
    (TEXT | {"published": "2021-13"}, "published"), (TEXT | {"published": "去年"}, "published"), (TEXT | {"report_year": "2021"}, "report_year"),
    (TEXT | {"report_year": 0}, "report_year"), (TEXT | {"origin_url": "javascript:alert(1)"}, "origin_url"), (TEXT | {"url": "x"}, "url")])
def test_a_text_that_does_not_fit_is_refused_by_field(client, desk, headers, known, body, field):
    for send, path in ((client.post, ""), (client.put, f"/{known.id}")):
        reply = send(DOCUMENTS + path, json=body, headers=headers)
        assert code(reply) == (400, "invalid_request")
        assert reply.json["error"]["detail"]["fields"][0]["field"] == field
    assert desk.jobs.page() == ([], 0)


@pytest.mark.parametrize(("fields", "expected"), [
    ({}, "number_of_files"), ({"files": [(io.BytesIO(b"x"), "")]}, "number_of_files"), (files(*[b"x"] * (FILES + 1)), "number_of_files"),
    (files(b"x", report_year="x"), "invalid_request"), (files(b"x", colour="red"), "invalid_request")])
def test_a_form_that_does_not_fit_is_refused(client, desk, headers, fields, expected):
    reply = client.post(DOCUMENTS, data=fields, headers=headers, content_type="multipart/form-data")
    assert code(reply) == (400, expected)
    assert desk.jobs.page() == ([], 0)


def test_a_document_is_replaced_by_one_file(client, desk, headers, known):
    reply = client.put(f"{DOCUMENTS}/{known.id}", data=files(b"a", b"b"), headers=headers)
    assert (code(reply), reply.json["error"]["detail"]) == ((400, "number_of_files"), {"limit": 1})
    assert desk.jobs.page() == ([], 0)


@pytest.mark.parametrize("send", [
    lambda client, **to: client.post(DOCUMENTS, data=b"%PDF", content_type="application/pdf", **to),
    lambda client, **to: client.patch(f"{DOCUMENTS}/000000000000", data={"title": "x"}, **to)])
def test_other_forms_of_body_are_refused(client, desk, headers, send):
    assert code(send(client, headers=headers)) == (415, "unsupported_media_type")


def test_an_empty_correction_is_refused(client, desk, headers, known):
    assert code(client.patch(f"{DOCUMENTS}/{known.id}", json={}, headers=headers)) == (400, "nothing_given")
    assert desk.jobs.page() == ([], 0)


@pytest.mark.parametrize(("method", "path", "body"), [
    ("put", "", TEXT), ("patch", "", {"title": "题"}), ("delete", "", None), ("post", "/restore", None)])
def test_an_unknown_document_is_not_found(client, desk, headers, method, path, body):
    reply = getattr(client, method)(f"{DOCUMENTS}/000000000000{path}", json=body, headers=headers)
    assert code(reply) == (404, "document_not_found")
    assert desk.jobs.page() == ([], 0)


def test_more_than_a_file_may_have_is_refused(client, desk, headers, monkeypatch):
    monkeypatch.setattr("web.changes.FORM", 250_000 - desk.settings.max_file_mb * 1_000_000)
    assert code(client.post(DOCUMENTS, data=files(b"x" * 300_000), headers=headers)) == (413, "body_too_large")
    assert desk.jobs.page() == ([], 0)
