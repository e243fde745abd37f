"""Passages to sentences."""

from corpus.document import Metadata, Passage
from corpus.snapshot import Entry
from qa.candidates import candidates
from qa.question import understand
from qa.retriever import Hit

TEXT = "粮食总产量35吨。造林2万亩。\n新建水库三座。"
ENTRIES = {"d1": Entry("d1", "a.txt", Metadata("公报")), "d2": Entry("d2", "b.txt", Metadata("年鉴"))}
QUERY = understand("造林多少万亩？")


def test_no_passages_have_no_sentences(matcher):
    assert candidates(QUERY, [], [], {}, matcher) == []
    blank = Passage("d1", 0, 2, " \n")
    assert candidates(QUERY, [Hit(0, 1.0, 0.0, 0.0)], [blank], ENTRIES, matcher) == []


def test_sentences_know_where_they_stand(encoder, matcher):
    passage = Passage("d1", 40, 40 + len(TEXT), TEXT, ("一、农业",))
    found = candidates(QUERY, [Hit(3, 0.75, 2.0, 0.5)], [passage], ENTRIES, matcher)
    assert [c.text for c in found] == ["粮食总产量35吨。", "造林2万亩。", "新建水库三座。"]
    for c in found:
        assert TEXT[c.start - 40:c.end - 40] == c.text
        assert c.before + c.text + c.after == TEXT
        assert (c.entry, c.section, c.score, c.rank) == (ENTRIES["d1"], ("一、农业",), 0.75, 0)
    cosines = encoder.encode_passages([c.text for c in found]) @ encoder.encode_queries([QUERY.text])[0]
    assert [c.vector for c in found] == cosines.tolist()
    assert max(found, key=lambda c: c.vector).text == "造林2万亩。"


def test_a_sentence_that_passages_share_is_taken_once_with_the_better_rank(matcher):
    passages = [Passage("d2", 0, len(TEXT), TEXT), Passage("d1", 9, len(TEXT), TEXT[9:]), Passage("d1", 0, 15, TEXT[:15])]
    hits = [Hit(row, 1.0 - row / 10, 1.0, 0.5) for row in range(3)]
    found = candidates(QUERY, hits, passages, ENTRIES, matcher)
    assert [(c.entry.id, c.text, c.rank) for c in found] == [
        ("d2", "粮食总产量35吨。", 0), ("d2", "造林2万亩。", 0), ("d2", "新建水库三座。", 0),
        ("d1", "造林2万亩。", 1), ("d1", "新建水库三座。", 1), ("d1", "粮食总产量35吨。", 2)]


def test_the_context_is_what_stands_above(candidate):
    above = candidate("甲。", title="公报", region="云溪市", report_year=2021, section=("一、农业",)).context.split()
    assert above == ["公报", "云溪市", "2021年", "一、农业"]
