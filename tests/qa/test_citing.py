"""Slices of documents to citations."""

from urllib.parse import parse_qs, urlsplit

from corpus.document import Document, Metadata, Passage, Section
from corpus.snapshot import Entry
from qa.answer import Answer
from qa.citing import compose, ranked
from qa.quoting import Quote
from qa.retriever import Hit

TEXT = "一、工业\n工业增加值增长8.1%。\n二、农业\n粮食总产量35吨，造林2万亩。"
METADATA = Metadata("统计公报", "统计局", "云溪市", "2022-03-01", 2021)
DOCUMENT = Document("d1", "a/growth.pdf", TEXT, METADATA,
                    (Section("一、工业", 1, 0, 5, 18), Section("二、农业", 1, 18, 23, len(TEXT))), pages=((4, 0), (5, 18)))
OTHER = Document("d2", "b.txt", "平川县外贸额27.9亿元。", Metadata("外贸"))


def find(document_id):
    return {"d1": DOCUMENT, "d2": OTHER}[document_id]


def quote(document, text, mark=None):
    start = document.text.index(text)
    at = document.text.index(mark, start) if mark else None
    return Quote(document.id, start, start + len(text), text, mark and (at, at + len(mark)))


def test_a_citation_says_who_where_and_when():
    text, [citation], highlights = compose([quote(DOCUMENT, "粮食总产量35吨，造林2万亩。", "35吨")], find)
    assert text == citation.quote == "粮食总产量35吨，造林2万亩。"
    assert [text[start:end] for start, end in highlights] == ["35吨"]
    assert TEXT[citation.start:citation.end] == citation.quote
    assert (citation.document_id, citation.source, citation.page, citation.section) == ("d1", "a/growth.pdf", 5, ("二、农业",))
    assert (citation.title, citation.issuer, citation.region, citation.published, citation.report_year) == (
        "统计公报", "统计局", "云溪市", "2022-03-01", 2021)


def test_the_address_opens_the_report_at_the_quote():
    _, [citation], _ = compose([quote(DOCUMENT, "造林2万亩")], find)
    address = urlsplit(citation.url)
    assert address.path == "/reports/d1"
    assert parse_qs(address.query) == {"start": [str(citation.start)], "end": [str(citation.end)]}


def test_several_quotes_make_one_answer():
    quotes = [quote(OTHER, "平川县外贸额27.9亿元。", "27.9亿元"), quote(DOCUMENT, "造林2万亩"),
              quote(DOCUMENT, "工业增加值增长8.1%。", "8.1%")]
    text, citations, highlights = compose(quotes, find)
    assert text == "平川县外贸额27.9亿元。\n造林2万亩\n工业增加值增长8.1%。"
    assert [citation.document_id for citation in citations] == ["d2", "d1", "d1"]
    assert [text[start:end] for start, end in highlights] == ["27.9亿元", "8.1%"]
    assert Answer("1", "？", "？", text, 0.9, citations, highlights).answered


def test_what_a_format_lacks_is_none():
    _, [citation], highlights = compose([quote(OTHER, "27.9亿元")], find)
    assert (citation.page, citation.section, citation.issuer, citation.published) == (None, (), None, None)
    assert highlights == ()


def test_a_ranked_passage_says_what_matched_in_it_or_above_it():
    passage = Passage("d1", 23, len(TEXT), TEXT[23:], ("二、农业",), 5)
    found = ranked(Hit(7, 0.9, 3.5, 0.25, ("粮", "粮食", "产量")), passage, Entry("d1", "a/growth.pdf", METADATA))
    assert (found.score, found.bm25, found.vector) == (0.9, 3.5, 0.25)
    assert (found.citation.quote, found.citation.start, found.citation.page) == (TEXT[23:], 23, 5)
    assert found.matched == ("粮食", "产量")
