"""The Python client on the real service."""

from dataclasses import replace

import pytest

from qa.client import ApiError, Client, Filters, JobFailed
from qa.service import AnswerService
from qa.settings import Settings
from web.app import create_app
from web.records.keys import SCOPES

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


def test_an_answer_is_told_as_it_comes(reports):
    found, answer = reports.stream("那2020年呢？", history=[QUESTION], top_k=2)
    expected = reports.search("那2020年呢？", history=[QUESTION], top_k=2)
    assert (found.understood, found.passages) == (expected.understood, expected.passages)
    assert answer.citations == reports.ask("那2020年呢？", history=[QUESTION], top_k=2).citations
    with pytest.raises(ApiError, match="问题不能为空") as caught:
        list(reports.stream(""))
    assert (caught.value.status, caught.value.code) == (400, "question_empty")


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


@pytest.fixture
def office(tmp_path, tiny_reports, serve):
    """The client with a key that may change things, on a home of its own with the model that ships, which a worker can load."""
    settings = Settings(home=tmp_path / "data", threshold=0)
    AnswerService.index(settings, [tiny_reports])
    app = create_app(AnswerService.open(settings), settings)
    _, secret = app.extensions["desk"].keys.create("办公系统", SCOPES)
    with Client(serve(app), key=secret) as client:
        yield client


def test_a_text_is_taken_in_corrected_replaced_withdrawn_and_restored(office):
    question = "2021年云溪港货物吞吐量是多少？"
    job = office.add_text("云溪港统计公报", "2021年，云溪港完成货物吞吐量810万吨。", issuer="云溪港务局", region=None, report_year=2021)
    assert (job.kind, job.ended) == ("file", False)
    *_, done = office.follow(job)
    assert (done.state, done.stages["indexed"] > 0) == ("done", True)
    [document_id] = done.document_ids
    assert office.ask(question).text == "2021年，云溪港完成货物吞吐量810万吨。"
    assert (office.document(document_id).issuer, office.document(document_id).region) == ("云溪港务局", None)
    office.wait(office.correct(document_id, title="云溪港2021年公报", published="2022-01-30"))
    assert (office.document(document_id).title, office.document(document_id).published) == ("云溪港2021年公报", "2022-01-30")
    office.wait(office.replace_by_text(document_id, "云溪港统计公报", "# 生产\n\n2021年，云溪港完成货物吞吐量812万吨。", markdown=True))
    assert "812万吨" in office.ask(question).text
    office.wait(office.remove(document_id))
    assert document_id not in {document.id for document in office.documents()}
    office.wait(office.restore(document_id))
    assert "812万吨" in office.ask(question).text


def test_files_are_taken_in_each_by_its_own_job(office, tmp_path):
    (tmp_path / "port.md").write_text("# 云溪港统计公报\n\n2021年，云溪港完成货物吞吐量810万吨。\n", encoding="utf-8")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nbroken")
    good, bad = office.add_files(tmp_path / "port.md", str(tmp_path / "broken.pdf"), issuer="云溪港务局", report_year=2021)
    [document_id] = office.wait(good).document_ids
    assert (office.document(document_id).issuer, office.document(document_id).report_year) == ("云溪港务局", 2021)
    with pytest.raises(JobFailed, match="damaged") as caught:
        office.wait(bad)
    assert caught.value.job.subject == "broken.pdf"
    (tmp_path / "port.md").write_text("# 云溪港统计公报\n\n2021年，云溪港完成货物吞吐量812万吨。\n", encoding="utf-8")
    office.wait(office.replace_by_file(document_id, tmp_path / "port.md"))
    assert "812万吨" in office.document(document_id).text
    with pytest.raises(ValueError, match="correct what came of it"):
        office.add_files(tmp_path / "port.md", region=None)
