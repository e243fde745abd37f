"""What may be handed in, and by whom."""

import io
import re

import pytest

from web import library
from web.records.accounts import ADMINISTRATOR, VIEWER
from web.records.jobs import FILE

HTML = {"Accept": "text/html"}


def send(client, address, **values):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/library").text)[1]
    return client.post(address, data=values | {"csrf_token": token}, headers=HTML)


def test_an_administrator_hands_in_files_and_it_is_noted(visitor, desk):
    client = visitor(ADMINISTRATOR)
    reply = send(client, "/library/jobs/files", files=[(io.BytesIO(b"one"), "../一.txt"), (io.BytesIO(b"x" * 300_000), "二.txt")])
    assert (reply.status_code, reply.location) == (303, "/library")
    found, _ = desk.jobs.page()
    assert [(job.kind, job.subject, job.actor, job.path.stat().st_size) for job in found] == [
        (FILE, "一.txt", ADMINISTRATOR, 3), (FILE, "二.txt", ADMINISTRATOR, 300_000)]
    changes, _ = desk.audit.page()
    assert [(change.action, change.subject) for change in changes[:2]] == [("report_file", "二.txt"), ("report_file", "一.txt")]
    assert "等待中" in client.get("/library/jobs").text
    assert "一.txt" in client.get("/library/jobs/recent").text


def test_nothing_chosen_and_what_is_no_address_are_said(visitor, desk):
    client = visitor(ADMINISTRATOR)
    send(client, "/library/jobs/files")
    assert "请先选择文件" in client.get("/library").text
    send(client, "/library/jobs/addresses", url="ftp://a.example/")
    assert "http:// 或 https://" in client.get("/library").text
    assert desk.jobs.page() == ([], 0)


@pytest.mark.parametrize("role", [None, VIEWER])
def test_only_administrators_may_send_much(visitor, desk, role):
    reply = visitor(role).post("/library/jobs/files", data={"files": (io.BytesIO(b"x" * 300_000), "a.txt")}, headers=HTML)
    assert reply.status_code == 413
    assert "QA_MAX_FILE_MB" in reply.text
    assert desk.jobs.page() == ([], 0)


def test_administrators_may_not_send_more_than_a_file(visitor, desk, monkeypatch):
    client = visitor(ADMINISTRATOR)
    monkeypatch.setattr(library, "FORM", 250_000 - desk.settings.max_file_mb * 1_000_000)
    assert send(client, "/library/jobs/files", files=(io.BytesIO(b"x" * 300_000), "a.txt")).status_code == 413
    assert desk.jobs.page() == ([], 0)


def test_a_full_disk_is_said(visitor, desk, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(desk.uploads, "store", full)
    reply = send(visitor(ADMINISTRATOR), "/library/jobs/files", files=[(io.BytesIO(b"one"), "一.txt")])
    assert reply.status_code == 500
    assert "磁盘空间" in reply.text


@pytest.mark.parametrize("values", [{"title": ""}, {"published": "2021-13"}, {"report_year": "一九"}, {"report_year": "0"}])
def test_a_correction_that_does_not_fit_is_said_at_once(visitor, desk, service, values):
    client = visitor(ADMINISTRATOR)
    address = f"/library/reports/{service.documents()[0][0].id}"
    send(client, address, action="correct", **values)
    assert "不合适" in client.get(address).text
    assert desk.jobs.page() == ([], 0)


def test_only_what_was_changed_is_corrected(visitor, desk, service):
    client = visitor(ADMINISTRATOR)
    document = next(each for each in service.documents()[0] if each.metadata.issuer)
    known = {"title": document.metadata.title, "region": f" {document.metadata.region} "}
    send(client, f"/library/reports/{document.id}", action="correct", **known)
    assert desk.jobs.page() == ([], 0)
    send(client, f"/library/reports/{document.id}", action="correct", **known, issuer="", report_year="2019")
    [job], _ = desk.jobs.page()
    assert job.order == {"document_id": document.id, "values": {"issuer": None, "report_year": 2019}}


def test_an_unknown_report_is_not_found(visitor, desk):
    client = visitor(ADMINISTRATOR)
    assert client.get("/library/reports/000000000000").status_code == 404
    assert send(client, "/library/reports/000000000000", action="remove").status_code == 404
    assert desk.jobs.page() == ([], 0)


def test_the_table_is_searched_filtered_and_sorted_by_its_address(visitor, desk):
    client = visitor(VIEWER)

    def titles(query):
        return re.findall(r'<td><a href="/library/reports/\w+">([^<]+)</a>', client.get(f"/library?{query}").text)

    everything = titles("")
    assert len(everything) == 4
    assert titles("q=外贸+商务局") == titles("region=平川县&year=2023") == titles("state=live&q=trade.md") == ["平川县外贸基地建设进展"]
    assert titles("state=withdrawn") == []
    assert titles("sort=title&order=asc") == titles("sort=title&order=desc")[::-1] == sorted(everything)
    assert titles("offset=50") == []
    assert 'aria-sort="ascending"' in client.get("/library?sort=title&order=asc").text
    assert 'href="/library?sort=title"' in client.get("/library?sort=title&order=asc").text
    assert 'href="/library?sort=title&amp;order=asc"' in client.get("/library").text
    for query in ("sort=text", "year=x", "offset=-1", "state=gone"):
        assert client.get(f"/library?{query}", headers=HTML).status_code == 400
    assert 'href="/library?lang=en&amp;q=1"' in client.get("/library?q=1").text or 'q=1&amp;lang=en"' in client.get("/library?q=1").text
