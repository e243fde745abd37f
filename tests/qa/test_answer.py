"""An answer goes into plain data and comes back as it was."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answer import Answer, Citation, OtherYear, RankedPassage, SearchResult

TEXT = st.text(max_size=20)
NUMBER = st.floats(0, 1)
CITATIONS = st.builds(
    Citation, document_id=TEXT, title=TEXT, issuer=st.none() | TEXT, region=st.none() | TEXT, published=st.none() | TEXT,
    report_year=st.none() | st.integers(1, 9999), source=TEXT, page=st.none() | st.integers(1), section=st.lists(TEXT).map(tuple),
    start=st.integers(0), end=st.integers(0), quote=st.text(min_size=1, max_size=30), url=TEXT)
PASSAGES = st.builds(RankedPassage, citation=CITATIONS, score=NUMBER, bm25=NUMBER, vector=NUMBER, matched=st.lists(TEXT).map(tuple))
OTHER_YEARS = st.builds(OtherYear, year=st.integers(1, 9999), citation=CITATIONS)


@st.composite
def answers(draw):
    """Answers and abstentions of every shape that can be made."""
    citations = tuple(draw(st.lists(CITATIONS, max_size=3)))
    text = "\n".join(citation.quote for citation in citations) if citations else None
    starts = draw(st.lists(st.integers(0, len(text) - 1), max_size=3)) if text else []
    return Answer(
        id=draw(TEXT), question=draw(TEXT), understood=draw(TEXT), text=text, confidence=draw(NUMBER), citations=citations,
        highlights=tuple((start, draw(st.integers(start + 1, len(text)))) for start in starts),
        passages=tuple(draw(st.lists(PASSAGES, max_size=2))), suggestions=tuple(draw(st.lists(TEXT, max_size=2))),
        timings_ms=draw(st.dictionaries(TEXT, NUMBER, max_size=2)), index_version=draw(TEXT),
        other_years=() if citations else tuple(draw(st.lists(OTHER_YEARS, max_size=2))))


@given(answers())
def test_an_answer_comes_back_from_json_as_it_was(answer):
    assert Answer.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer


def test_what_was_found_comes_back(service):
    found = service.search("2021年云溪市生产总值是多少？")
    assert SearchResult.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_what_was_tampered_with_is_refused(service):
    plain = service.ask("2021年云溪市生产总值是多少？").to_dict()
    with pytest.raises(ValueError, match="quotes of its citations"):
        Answer.from_dict(plain | {"answer": plain["answer"] + "！"})


def test_an_answer_of_the_service_comes_back(service):
    answer = service.ask("2021年云溪市生产总值是多少？")
    assert Answer.from_dict(answer.to_dict()) == answer
    assert Answer.from_dict(answer.to_dict()) != replace(answer, suggestions=("别的问题",))


def test_an_answer_that_was_kept_before_there_were_other_years_comes_back(service):
    answer = service.ask("2021年云溪市生产总值是多少？")
    plain = answer.to_dict()
    del plain["other_years"]
    assert Answer.from_dict(plain) == answer


def test_what_a_later_version_may_say_besides_is_passed_over(service):
    answer = service.ask("2021年云溪市生产总值是多少？")
    plain = answer.to_dict()
    for each in (plain, *plain["citations"], *plain["passages"]):
        each["later"] = True
    assert Answer.from_dict(plain) == answer
