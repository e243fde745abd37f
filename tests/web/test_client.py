"""The Python client on the real service."""

from dataclasses import replace

import pytest

from qa.client import ApiError, Client, Filters
from web.app import create_app

QUESTION = "2021年云溪市生产总值是多少？"


@pytest.fixture
def reports(address):
    """The client, on the application that tests share."""
    with Client(address) as client:
        yield client


def test_an_answer_comes_with_its_citations(reports, service, address):
    answer = reports.ask(QUESTION)
    expected = service.ask(QUESTION)
    assert (answer.text, answer.citations, answer.passages) == (expected.text, expected.citations, expected.passages)
    start, end = answer.highlights[0]
    assert answer.text[start:end] == "1286.4亿元"
    assert reports.link(answer.citations[0]) == address + expected.citations[0].url


def test_history_filters_and_top_k_are_heeded(reports):
    assert reports.ask("那2020年呢？", history=[QUESTION]).understood == "2020年云溪市生产总值是多少？"
    answer = reports.ask("补贴多少？", filters=Filters(regions=("平川县",)), top_k=2)
    assert 0 < len(answer.passages) <= 2
    assert {passage.citation.region for passage in answer.passages} == {"平川县"}


def test_questions_are_asked_in_batches(reports, service, monkeypatch):
    monkeypatch.setattr("qa.client.client.BATCH", 2)
    first, empty, follow_up = reports.ask_batch([QUESTION, "", "那2020年呢？"], filters=Filters(regions=("云溪市",)), top_k=1)
    assert (first.text, len(first.passages)) == (service.ask(QUESTION).text, 1)
    assert (empty.code, empty.status) == ("question_empty", 0)
    assert follow_up.understood == "那2020年呢？"


def test_passages_are_found_without_an_answer(reports, service):
    found = reports.search("那2020年呢？", history=[QUESTION], filters=Filters(regions=("云溪市",)), top_k=2)
    assert found.understood == "2020年云溪市生产总值是多少？"
    expected = service.search(found.understood, filters=Filters(regions=("云溪市",)), top_k=2)
    assert [(passage.citation, passage.score) for passage in found.passages] == [
        (passage.citation, passage.score) for passage in expected.passages]


def test_documents_are_listed_page_by_page_and_read(reports, monkeypatch):
    monkeypatch.setattr("qa.client.client.PAGE", 2)
    every = list(reports.documents())
    assert len(every) == len({document.id for document in every}) == 4
    assert [document.published for document in every] == sorted((document.published for document in every), reverse=True)
    [growth] = reports.documents(Filters(issuers=("云溪市人民政府",), years=(2021,)))
    document = reports.document(growth.id)
    citation = reports.ask(QUESTION).citations[0]
    assert document.text[citation.start:citation.end] == citation.quote
    assert (document.title, document.characters) == (growth.title, len(document.text))
    assert "一、2021年工作回顾" in [document.text[section.start:section.body].strip("# \n") for section in document.outline]
    assert reports.original(growth.id).decode().startswith("---\ntitle: 云溪市2021年政府工作报告")
    assert list(reports.documents(Filters(regions=("火星",)))) == []


def test_suggestions_can_be_asked_and_answers_judged(reports, app):
    [question] = reports.suggestions(limit=1)
    answer = reports.ask(question)
    assert answer.answered
    reports.feedback(answer.id, helpful=False, comment="数字不对")
    assert app.extensions["desk"].questions.said([answer.id]) == {answer.id: (-1, "数字不对")}


@pytest.mark.parametrize(("call", "status", "code"), [
    (lambda client: client.ask(""), 400, "question_empty"), (lambda client: client.ask("a", top_k=0), 400, "invalid_request"),
    (lambda client: client.document("../../readyz"), 404, "not_found"), (lambda client: client.document("none"), 404, "document_not_found"),
    (lambda client: client.feedback("none", helpful=True), 404, "answer_not_found")])
def test_refusals_are_raised_with_code_status_and_request_id(reports, call, status, code):
    with pytest.raises(ApiError) as caught:
        call(reports)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert caught.value.request_id


def test_a_key_opens(service, serve, tmp_path):
    app = create_app(service, replace(service.settings, home=tmp_path, api_open="nobody"))
    _, secret = app.extensions["desk"].keys.create("程序", ["ask"])
    address = serve(app)
    with Client(address, key=secret) as client, Client(address) as stranger:
        assert client.ask(QUESTION).answered
        with pytest.raises(ApiError, match="Bearer"):
            stranger.ask(QUESTION)
        with pytest.raises(ApiError, match="read"):
            next(client.documents())
