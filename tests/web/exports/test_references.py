"""References have the form of GB/T 7714-2015."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Metadata
from qa.answer import Citation
from web.exports.references import pages, references

DAY = date(2026, 5, 1)
SITE = "https://qa.example"


def cited(issuer="云溪市人民政府", published="2022-02-16", page=None, document_id="a", start=0):
    return Citation(
        document_id=document_id, title="云溪市政府工作报告", issuer=issuer, region=None, published=published, report_year=None,
        source="a.pdf", page=page, section=(), start=start, end=start + 2, quote="引文", url=f"/reports/{document_id}?start={start}&end={start + 2}")


def entry(citation, **about):
    [found] = references([(DAY, citation)], lambda _: Metadata(title=citation.title, **about), SITE).values()
    return f"{found.text}. {found.address}"


@pytest.mark.parametrize(("citation", "about", "form"), [
    (cited(page=3), {}, "云溪市人民政府. 云溪市政府工作报告[Z/OL]. 2022-02-16: 3[2026-05-01]. https://qa.example/reports/a?start=0&end=2"),
    (cited(issuer=None), {}, "云溪市政府工作报告[Z/OL]. 2022-02-16[2026-05-01]. https://qa.example/reports/a?start=0&end=2"),
    (cited(published=None), {}, "云溪市人民政府. 云溪市政府工作报告[Z/OL]. [2026-05-01]. https://qa.example/reports/a?start=0&end=2"),
    (cited(published="2022"), {"number": "云政〔2022〕3号"},
     "云溪市人民政府. 云溪市政府工作报告: 云政〔2022〕3号[Z/OL]. 2022[2026-05-01]. https://qa.example/reports/a?start=0&end=2"),
    (cited(issuer="云溪日报", page=2), {}, "云溪市政府工作报告[N/OL]. 云溪日报, 2022-02-16(2)[2026-05-01]. https://qa.example/reports/a?start=0&end=2"),
    (cited(issuer="云溪日报（记者甲乙）"), {}, "甲乙. 云溪市政府工作报告[N/OL]. 云溪日报, 2022-02-16[2026-05-01]. https://qa.example/reports/a?start=0&end=2"),
    (cited(issuer="平川晚报社", published=None), {}, "云溪市政府工作报告[N/OL]. 平川晚报社[2026-05-01]. https://qa.example/reports/a?start=0&end=2"),
    (cited(), {"url": "https://yunxi.example/工作报告 1.html"},
     "云溪市人民政府. 云溪市政府工作报告[EB/OL]. (2022-02-16)[2026-05-01]. https://yunxi.example/%E5%B7%A5%E4%BD%9C%E6%8A%A5%E5%91%8A%201.html"),
    (cited(published=None, page=4), {"url": "http://yunxi.example/a.pdf"},
     "云溪市人民政府. 云溪市政府工作报告[EB/OL]. 4[2026-05-01]. http://yunxi.example/a.pdf"),
    (cited(), {"url": "javascript:alert(1)"}, "云溪市人民政府. 云溪市政府工作报告[Z/OL]. 2022-02-16[2026-05-01]. https://qa.example/reports/a?start=0&end=2"),
], ids=["document", "no issuer", "no date", "number", "newspaper", "reporter", "newspaper without date", "web", "web page of a PDF", "no address"])
def test_each_kind_of_report_has_its_form(citation, about, form):
    assert entry(citation, **about) == form


def test_documents_are_numbered_as_they_are_cited_first_and_gather_their_pages():
    found = references([(DAY, cited(document_id="b", page=2, start=9)), (date(2026, 5, 2), cited(document_id="a")),
                        (date(2026, 5, 3), cited(document_id="b", page=1))], lambda _: None, SITE)
    assert [(document_id, reference.number) for document_id, reference in found.items()] == [("b", 1), ("a", 2)]
    assert "2022-02-16: 1-2[2026-05-01]" in found["b"].text
    assert found["b"].address.endswith("start=9&end=11")


@pytest.mark.parametrize(("numbers", "form"), [([], ""), ([7], "7"), ([4, 3, 2, 7, 3], "2-4, 7")])
def test_pages_are_written_as_ranges(numbers, form):
    assert pages(numbers) == form


@given(st.lists(st.integers(1, 60)))
def test_ranges_hold_the_same_pages(numbers):
    held = [int(end) for each in pages(numbers).split(", ") if each for end in (each.split("-") * 2)[:2]]
    assert sorted(set(numbers)) == [n for first, last in zip(held[::2], held[1::2]) for n in range(first, last + 1)]
