"""The HTTP contract: what is asked for, what comes back, and what is refused."""

import json
import re
from pathlib import Path

import pytest

from corpus.errors import DocumentError
from qa.errors import IndexUnavailable
from web.app import create_app

QUESTION = "2021年云溪市生产总值是多少？"
CITATION = {"document_id", "title", "issuer", "region", "published", "report_year", "source", "page", "section",
            "start", "end", "quote", "url"}


def ask(client, **body):
    return client.post("/api/v1/ask", json={"question": QUESTION} | body)


def error(response, status, code):
    """The error of a response, checked to be the one body that errors have."""
    assert response.status_code == status
    assert set(response.json) == {"error"}
    assert set(response.json["error"]) == {"code", "message", "detail"}
    assert response.json["error"]["code"] == code
    return response.json["error"]


def test_an_answer_is_verbatim_cited_and_highlighted(client):
    reply = ask(client).json
    assert set(reply) == {"id", "question", "understood", "answered", "answer", "highlights", "confidence", "citations",
                          "passages", "suggestions", "timings_ms", "index_version", "other_years"}
    assert reply["answered"] is True
    assert reply["answer"] == "\n".join(citation["quote"] for citation in reply["citations"])
    start, end = reply["highlights"][0]
    assert reply["answer"][start:end] == "1286.4亿元"
    citation = reply["citations"][0]
    assert set(citation) == CITATION
    assert (citation["source"], citation["published"], citation["region"]) == ("growth.md", "2022-02-16", "云溪市")
    assert set(reply["passages"][0]) == CITATION | {"score", "bm25", "vector", "matched"}
    assert set(reply["timings_ms"]) == {"understand", "retrieve", "read", "total"}
    document = client.get(f"/api/v1/documents/{citation['document_id']}").json
    assert document["text"][citation["start"]:citation["end"]] == citation["quote"]


def test_abstaining_is_no_error(doubtful):
    reply = ask(doubtful, question="火星基地有多少名宇航员？")
    assert reply.status_code == 200
    assert (reply.json["answered"], reply.json["answer"], reply.json["citations"]) == (False, None, [])


def test_top_k_and_filters_limit_the_passages(client):
    assert len(ask(client, top_k=1).json["passages"]) == 1
    reply = ask(client, filters={"regions": ["平川县"]}).json
    assert {passage["region"] for passage in reply["passages"]} == {"平川县"}
    document_id = reply["passages"][0]["document_id"]
    reply = ask(client, filters={"document_ids": [document_id]}).json
    assert {passage["document_id"] for passage in reply["passages"]} == {document_id}


def test_history_completes_a_follow_up(client):
    reply = ask(client, question="那固定资产投资呢？", history=[QUESTION]).json
    assert reply["understood"] != reply["question"]


def test_a_search_gives_the_passages_that_an_answer_is_read_from(client, service):
    body = {"question": "那2022年呢？", "history": [QUESTION], "filters": {"regions": ["云溪市"]}, "top_k": 3}
    found = client.post("/api/v1/search", json=body).json
    answer = ask(client, **body).json
    assert (found["question"], found["understood"], found["index_version"]) == ("那2022年呢？", answer["understood"], answer["index_version"])
    assert 0 < len(found["passages"]) <= 3
    scores = [passage["score"] for passage in found["passages"]]
    assert scores == sorted(scores, reverse=True) and 0 <= scores[-1] <= scores[0] <= 1
    assert {passage["region"] for passage in found["passages"]} == {"云溪市"}
    assert set(found["passages"][0]) == set(answer["passages"][0])
    assert set(found["timings_ms"]) == {"understand", "retrieve", "total"}
    error(client.post("/api/v1/search", json={"question": ""}), 400, "question_empty")


def test_a_batch_gives_each_question_what_it_would_get_alone(client):
    bodies = [{"question": QUESTION}, {"question": " "}, {"question": "那出口呢？", "history": ["2023年平川县怎么样？"], "top_k": 2}, {"question": "问" * 501}]
    results = client.post("/api/v1/ask/batch", json={"questions": bodies}).json["results"]
    for body, result in zip(bodies, results, strict=True):
        alone = client.post("/api/v1/ask", json=body).json
        assert {name: value for name, value in result.items() if name not in ("id", "timings_ms")} \
            == {name: value for name, value in alone.items() if name not in ("id", "timings_ms")}
    assert [result.get("error", {}).get("code") for result in results] == [None, "question_empty", None, "question_too_long"]


@pytest.mark.parametrize(("questions", "field"), [
    ([], "questions"), ([{"question": "a"}] * 51, "questions"), ([{"question": "a"}, {"question": 5}], "questions[1].question")])
def test_a_malformed_batch_is_refused_by_field(client, questions, field):
    refused = error(client.post("/api/v1/ask/batch", json={"questions": questions}), 400, "invalid_request")
    assert refused["detail"]["fields"][0]["field"] == field


def test_a_failure_in_a_batch_is_a_failure_of_the_batch(client, service, monkeypatch):
    monkeypatch.setattr(service, "ask", lambda *_, **__: 1 / 0)
    error(client.post("/api/v1/ask/batch", json={"questions": [{"question": QUESTION}]}), 500, "internal_error")


@pytest.mark.parametrize(("body", "field"), [
    ({}, "question"), ({"question": 5}, "question"), ({"question": None}, "question"),
    ({"question": "a", "top_k": "5"}, "top_k"), ({"question": "a", "top_k": 5.0}, "top_k"),
    ({"question": "a", "top_k": True}, "top_k"), ({"question": "a", "top_k": 0}, "top_k"),
    ({"question": "a", "top_k": 51}, "top_k"), ({"question": "a", "history": "b"}, "history"),
    ({"question": "a", "history": [1]}, "history[0]"), ({"question": "a", "history": ["b"] * 101}, "history"),
    ({"question": "a", "filters": []}, "filters"), ({"question": "a", "filters": {"years": ["2020"]}}, "filters.years[0]"),
    ({"question": "a", "filters": {"regions": [""]}}, "filters.regions[0]"),
    ({"question": "a", "filters": {"cities": []}}, "filters.cities"), ({"question": "a", "model": "x"}, "model"),
    ([], "body"), ("a", "body"), (5, "body")])
def test_a_malformed_request_is_refused_by_field(client, body, field):
    refused = error(client.post("/api/v1/ask", json=body), 400, "invalid_request")
    assert refused["detail"]["fields"][0]["field"] == field
    assert f"请求中的 {field} " in refused["message"]
    assert f"In the request, {field} " in refused["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"question": "\\ud800"}', b"[" * 50_000])
def test_what_is_no_json_is_refused(client, body):
    error(client.post("/api/v1/ask", data=body, content_type="application/json"), 400, "invalid_json")


@pytest.mark.parametrize(("question", "code"), [
    ("", "question_empty"), (" \n\u3000", "question_empty"), ("问" * 501, "question_too_long"),
    ("生产\x00总值", "question_control_characters")])
def test_a_question_that_cannot_be_asked_is_refused(client, question, code):
    error(ask(client, question=question), 400, code)


def test_other_bodies_methods_and_addresses_are_refused(client):
    error(client.post("/api/v1/ask", data={"question": QUESTION}), 415, "unsupported_media_type")
    error(client.post("/api/v1/ask", data=b"x" * 300_000, content_type="application/json"), 413, "body_too_large")
    refused = client.get("/api/v1/ask")
    error(refused, 405, "method_not_allowed")
    assert refused.headers["Allow"] == "OPTIONS, POST"
    error(client.get("/api/v1/nothing", headers={"Accept": "text/html"}), 404, "not_found")
    error(client.get("/nothing"), 404, "not_found")


def test_a_failure_shows_a_request_id_and_no_internals(client, service, monkeypatch, caplog):
    monkeypatch.setattr(service, "ask", lambda *_, **__: 1 / 0)
    response = client.post("/api/v1/ask", json={"question": QUESTION}, headers={"X-Request-Id": "abc-1"})
    assert error(response, 500, "internal_error")["detail"] == {"request_id": "abc-1"}
    assert "ZeroDivision" not in response.text
    failure = next(record for record in caplog.records if record.exc_info)
    assert "abc-1" in failure.getMessage()
    assert QUESTION not in caplog.text


@pytest.mark.parametrize("failure", [
    IndexUnavailable("index_missing", "没有索引。 There is no index."),
    DocumentError("library_damaged", "文档库已损坏。 The library is damaged.", path="a/b")])
def test_what_keeps_the_service_from_answering_is_said(client, service, monkeypatch, failure):
    def status_of() -> dict:
        raise failure

    monkeypatch.setattr(service, "status", status_of)
    refused = error(client.get("/readyz"), 503, failure.code)
    assert (refused["message"], refused["detail"]) == (failure.message, {})


def test_documents_are_paged_and_filtered(client):
    every = client.get("/api/v1/documents").json
    assert (every["total"], every["offset"], every["limit"], len(every["documents"])) == (4, 0, 50, 4)
    dates = [document["published"] for document in every["documents"]]
    assert dates == sorted(dates, reverse=True)
    page = client.get("/api/v1/documents?offset=1&limit=2").json
    assert page["documents"] == every["documents"][1:3]
    assert client.get("/api/v1/documents?regions=云溪市&years=2021").json["total"] == 1
    assert client.get("/api/v1/documents?issuers=平川县商务局&issuers=云溪市人民政府").json["total"] == 2
    [found] = client.get("/api/v1/documents?q=措施 firms&years=2020").json["documents"]
    assert found["title"] == "云溪市支持中小企业发展若干措施"
    assert client.get("/api/v1/documents?q=措施 贸").json["total"] == client.get("/api/v1/documents?q=%25").json["total"] == 0


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "offset=-1", "offset=a", "page=2", "offset=1&offset=2",
                                   "years=x", "limit=99999999999999999999"])
def test_a_malformed_list_request_is_refused(client, query):
    error(client.get(f"/api/v1/documents?{query}"), 400, "invalid_request")


def test_a_document_comes_with_outline_and_metadata(client):
    listed = client.get("/api/v1/documents?issuers=云溪市人民政府").json["documents"][0]
    document = client.get(f"/api/v1/documents/{listed['id']}").json
    assert document["title"] == "云溪市2021年政府工作报告"
    assert (document["report_year"], document["source"]) == (2021, "growth.md")
    assert document["passages"] >= 2
    assert document["pages"] == []
    section = next(s for s in document["outline"] if s["heading"] == "二、2022年主要任务")
    assert "180公里" in document["text"][section["body"]:section["end"]]
    assert client.get(document["url"]).status_code == 200


def test_the_original_is_a_download(client, tiny_reports):
    listed = client.get("/api/v1/documents?issuers=平川县商务局").json["documents"][0]
    with client.get(listed["original"]) as response:
        assert response.data == (tiny_reports / "trade.md").read_bytes()
    assert response.headers["Content-Disposition"] == "attachment; filename=trade.md"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.mimetype == "application/octet-stream"
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["", "/original"])
def test_an_unknown_document_is_not_found(client, path):
    error(client.get(f"/api/v1/documents/000000000000{path}"), 404, "document_not_found")


def test_suggestions_can_be_answered(client):
    suggestions = client.get("/api/v1/suggestions?limit=3").json["suggestions"]
    assert 1 <= len(suggestions) <= 3
    assert all(ask(client, question=suggestion).json["answered"] for suggestion in suggestions)


def test_health_readiness_and_metrics(service):
    client = create_app(service, service.settings).test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz").json
    assert (ready["status"], ready["documents"]) == ("ready", 4)
    ask(client)
    client.get("/nothing")
    text = client.get("/metrics").text
    assert 'reportqa_questions_total{surface="api"} 1.0' in text
    assert 'reportqa_errors_total{code="not_found"} 1.0' in text
    assert 'reportqa_stage_seconds_count{stage="retrieve"} 1.0' in text
    assert "reportqa_index_documents 4.0" in text


def test_every_response_is_protected_and_identified(client):
    for path in ("/", "/healthz", "/api/v1/nothing", "/static/chat.js"):
        with client.get(path) as response:
            headers = response.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert len(headers["X-Request-Id"]) == 32
    assert client.get("/", headers={"X-Request-Id": "bad id\t"}).headers["X-Request-Id"] != "bad id\t"


def test_chinese_is_written_as_it_is(client):
    assert "云溪市" in ask(client).text
    assert json.loads(ask(client).data)["question"] == QUESTION


def test_every_address_and_field_is_documented(app, client):
    text = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    routes = {f"{method} {re.sub('<.*?(document|job)_id>', '<id>', rule.rule)}" for rule in app.url_map.iter_rules()
              for method in rule.methods - {"HEAD", "OPTIONS"} if rule.endpoint.startswith(("api.", "changes.", "progress.", "health."))}
    assert {route for route in routes if f"`{route}`" not in text} == set()
    reply = ask(client).json
    document = client.get(f"/api/v1/documents/{reply['citations'][0]['document_id']}").json
    fields = set(reply) | set(reply["passages"][0]) | set(document) | set(document["outline"][0])
    assert {field for field in fields if f"`{field}`" not in text} == set()
