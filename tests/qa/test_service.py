"""AnswerService: what always holds of an answer, filters, abstaining, and documents."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import NotFound, QuestionError
from qa.filters import Filters
from qa.service import AnswerService
from qa.settings import Settings

GROWTH = "2021年云溪市生产总值是多少？"
WORDS = ("2021年", "2023年", "云溪市", "平川县", "郑州", "生产总值", "出口基地", "补贴", "房租", "哪些", "多少", "为什么", "如何", "谁", "是", "的", "呢",
         "？", "，", " ", "博士", "abc", "5G", "İ", "𠮷", "%", "'", "\\", "\"")
QUESTIONS = st.one_of(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join),
                      st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40)).filter(str.strip)


@pytest.fixture(scope="module")
def bold(service, encoder):
    """A service that nothing is too doubtful for."""
    return AnswerService.open(replace(service.settings, threshold=0), encoder)


@pytest.fixture(scope="module")
def shy(service, encoder):
    """A service that everything is too doubtful for."""
    return AnswerService.open(replace(service.settings, threshold=1), encoder)


def ids(service):
    """Document ids by source."""
    return {document.source: document.id for document in service.documents()[0]}


def assert_whole(service, answer):
    """The first and the third invariant, and what else is said of every answer."""
    assert answer.text == ("\n".join(c.quote for c in answer.citations) if answer.citations else None)
    assert answer.answered == bool(answer.citations)
    for citation in [*answer.citations, *(passage.citation for passage in answer.passages)]:
        document = service.document(citation.document_id)
        assert document.text[citation.start:citation.end] == citation.quote
        assert citation.quote
        assert (citation.source, citation.title) == (document.source, document.metadata.title)
    for start, end in answer.highlights:
        assert 0 <= start < end <= len(answer.text)
    scores = [passage.score for passage in answer.passages]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= answer.confidence <= 1
    assert answer.index_version == service.index_version
    assert set(answer.timings_ms) == {"understand", "retrieve", "read", "total"}


@settings(deadline=None, max_examples=60)
@given(QUESTIONS, st.lists(QUESTIONS, max_size=2), st.integers(1, 20))
def test_every_answer_is_whole(bold, question, history, top_k):
    answer = bold.ask(question, history, top_k=top_k)
    assert_whole(bold, answer)
    assert answer.answered
    assert answer.question == " ".join(question.split())
    assert 0 < len(answer.passages) <= top_k


@settings(deadline=None, max_examples=20)
@given(QUESTIONS)
def test_every_abstention_is_whole(shy, question):
    answer = shy.ask(question)
    assert_whole(shy, answer)
    assert not answer.answered
    assert (answer.text, answer.citations, answer.highlights) == (None, (), ())
    assert answer.passages
    assert answer.suggestions


def test_the_threshold_decides_and_nothing_else(bold, shy):
    for question in (GROWTH, "火星上有多少座桥？"):
        answer, abstention = bold.ask(question), shy.ask(question)
        assert answer.confidence == abstention.confidence
        assert answer.passages == abstention.passages


def test_a_plain_question_finds_its_report(bold):
    first = bold.ask(GROWTH).passages[0]
    assert first.citation.source == "growth.md"
    assert "1286.4亿元" in first.citation.quote
    assert first.bm25 > 0
    assert "总值" in first.matched


def test_the_same_question_gets_the_same_answer(bold):
    one, other = (bold.ask(GROWTH) for _ in range(2))
    assert one.id != other.id
    assert replace(one, id="", timings_ms={}) == replace(other, id="", timings_ms={})


def test_top_k_cuts_the_passages_and_changes_no_answer(bold):
    one, all_ = bold.ask(GROWTH, top_k=1), bold.ask(GROWTH, top_k=50)
    assert one.passages == all_.passages[:1]
    assert one.text == all_.text
    assert len(all_.passages) == bold.status()["passages"]


def test_a_follow_up_remembers_the_conversation(bold):
    answer = bold.ask("那2023年呢？", [GROWTH])
    assert (answer.question, answer.understood) == ("那2023年呢？", "2023年云溪市生产总值是多少？")


@pytest.mark.parametrize(("question", "history", "code"), [
    ("", (), "question_empty"), ("问" * 501, (), "question_too_long"), (None, (), "question_not_text"),
    (GROWTH, ("\x00",), "question_control_characters"), (GROWTH, (GROWTH, 5), "question_not_text")])
def test_bad_questions_are_refused(bold, question, history, code):
    with pytest.raises(QuestionError) as caught:
        bold.ask(question, history)
    assert caught.value.code == code


@pytest.mark.parametrize(("filters", "sources"), [
    ({"regions": ("平川县",)}, {"trade.md"}), ({"years": (2021,)}, {"growth.md"}),
    ({"issuers": ("平川县商务局", "云溪市人民政府")}, {"trade.md", "growth.md"}),
    ({"regions": ("云溪市",), "issuers": ("平川县商务局",)}, set()), ({"regions": ("无此地",)}, set())])
def test_filters_decide_who_may_answer(bold, filters, sources):
    answer = bold.ask(GROWTH, filters=Filters(**filters))
    assert_whole(bold, answer)
    assert {passage.citation.source for passage in answer.passages} == sources
    assert {citation.source for citation in answer.citations} <= sources
    assert answer.answered == bool(sources)
    documents, total = bold.documents(filters=Filters(**filters))
    assert {document.source for document in documents} == sources
    assert total == len(sources)


def test_documents_may_be_chosen_by_id(bold):
    wanted = ids(bold)["talent.txt"]
    answer = bold.ask(GROWTH, filters=Filters(document_ids=(wanted,)))
    assert {passage.citation.document_id for passage in answer.passages} == {wanted}
    assert bold.ask(GROWTH, filters=Filters(document_ids=("000000000000",))).passages == ()


def test_documents_come_newest_first_and_in_pages(bold):
    documents, total = bold.documents()
    assert [document.source for document in documents] == ["talent.txt", "trade.md", "growth.md", "firms.md"]
    assert total == 4
    assert bold.documents(offset=1, limit=2) == (documents[1:3], 4)
    assert bold.documents(offset=9) == ([], 4)
    assert bold.document(documents[0].id) == documents[0]


def test_the_original_is_the_file(own, tiny_reports):
    original = own.original(ids(own)["firms.md"])
    assert original.name == "firms.md"
    assert original.read() == (tiny_reports / "firms.md").read_bytes()


@pytest.mark.parametrize("method", ["document", "passage_count", "original"])
def test_an_unknown_document_is_said(bold, method):
    with pytest.raises(NotFound) as caught:
        getattr(bold, method)("000000000000")
    assert caught.value.code == "document_not_found"
    assert "000000000000" in caught.value.message


def test_the_status_counts(bold, encoder):
    status = bold.status()
    assert (status["documents"], status["model"], status["index_version"]) == (4, encoder.name, bold.index_version)
    assert status["passages"] == sum(bold.passage_count(document_id) for document_id in ids(bold).values())


def test_what_is_loaded_before_a_fork_is_nothing_of_the_reader(own, encoder, monkeypatch):
    class Unready:
        name = "unready"

        def read(self, question, windows):
            raise InterruptedError

    monkeypatch.setattr("qa.service.load_reader", lambda *_: Unready())
    service = AnswerService.open(own.settings, encoder)
    service.prepare()
    with pytest.raises(InterruptedError):
        service.ask(GROWTH)


def test_first_questions_are_answered(service):
    questions = service.suggestions()
    assert len(questions) == len(set(questions)) <= 6
    assert all(service.ask(question).answered for question in questions)
    assert service.suggestions(1) == questions[:1]
    assert service.suggestions(0) == []


def test_first_questions_are_made_of_what_is_indexed(bold):
    assert GROWTH in bold.suggestions(24)


def test_an_empty_library_abstains(own, encoder):
    AnswerService.remove(own.settings, list(ids(own).values()), encoder)
    assert own.refresh()
    for service in (own, AnswerService.open(own.settings, encoder)):
        answer = service.ask(GROWTH)
        assert_whole(service, answer)
        assert (answer.answered, answer.passages, answer.suggestions, answer.confidence) == (False, (), (), 0.0)
        assert service.documents() == ([], 0)
        assert service.suggestions() == []
        assert service.status()["passages"] == 0


def test_a_library_of_one_sentence_answers(tmp_path, lay_out, encoder):
    settings = Settings(home=tmp_path / "data", threshold=0)
    folder = lay_out(tmp_path / "reports", {"a.txt": "云溪市农村公路里程达到180公里。"})
    AnswerService.index(settings, [folder], encoder=encoder)
    service = AnswerService.open(settings, encoder)
    answer = service.ask("农村公路里程是多少公里？")
    assert_whole(service, answer)
    assert "180公里" in answer.text
