"""Slips of the pen: corrected by the words that reports use, and nothing else touched."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.bm25 import PostingsBM25
from qa.postings import Postings
from qa.question import understand
from qa.spelling import corrected, corrections
from qa.terms import fold, terms

REPORTS = (
    "云溪市跨境电商综合试验区交易额增长较快。", "规模以上工业增加值增长百分之五。", "规模以上企业达到三百家，比例提高。",
    "开工改造棚户区住房两千套。", "城镇新增就业三万人，居民收入稳步提高。", "网络购物节带动消费。", "鲲禾集团建成云溪鲲禾产业园。",
    "基础设施不断完善，增值税税率下调。", "新建开发区两个，开发区产业集聚。", "居住证申领办法由市公安局负责解释。",
    "云溪获评美食之都，旅游之都建设加快。", "交易额占全省的比例达到两成。",
)


def counted(texts, times=20):
    """What an index of the texts would say, each of them held ``times`` over."""
    counts = Counter(term for text in texts for term in set(terms(text)))
    return lambda term: times * counts[term]


HELD = counted(REPORTS)


def right(question):
    text = fold(question)
    return corrected(text, corrections(text, HELD))


@pytest.mark.parametrize(("typed", "meant"), [
    ("云溪夸境电商交易额是多少?", "云溪跨境电商交易额是多少?"),
    ("规膜以上企业有多少家?", "规模以上企业有多少家?"),
    ("改造棚户曲住房多少套?", "改造棚户区住房多少套?"),
    ("增直税税率是多少?", "增值税税率是多少?"),
    ("居住正由谁负责解释?", "居住证由谁负责解释?"),
    ("网络沟物节有什么用?", "网络购物节有什么用?"),
    ("交易额占多少比列?", "交易额占多少比例?"),
    ("云溪的美食之嘟称号", "云溪的美食之都称号"),
    ("鲲何集团建成了什么?", "鲲禾集团建成了什么?"),
    ("基楚设施和夸境电商", "基础设施和跨境电商"),
])
def test_a_character_that_sounds_alike_is_replaced(typed, meant):
    assert right(typed) == meant


@pytest.mark.parametrize("question", [
    *REPORTS, "", "多少?", "gdp 2021", "居民想拿居住证得跑几趟?", "给企业的钱怎么花?", "哪里能办开发区的手续?", "许昌的开发区有几个?",
    "老人家里装电梯谁出钱?", "涨了几个点?"])
def test_a_right_question_is_left_alone(question):
    assert corrections(fold(question), HELD) == ()


def test_a_correction_says_where_and_what():
    (found,) = corrections("云溪的规膜以上企业", HELD)
    assert (found.start, found.wrong, found.right, found.word, found.typed) == (4, "膜", "模", "规模", "规膜")
    assert found.certain


def test_words_that_no_report_holds_are_not_made():
    assert corrections("夸境电商", counted(())) == ()
    assert corrections("规膜以上企业", counted(["今天天气不错。"])) == ()


def test_places_and_words_that_ask_are_not_doubted():
    held = counted(["许仓库存增加。", "多绍介产品。"])
    assert corrections("许昌库存有多少绍兴产品", held) == ()


def test_a_text_whose_folded_form_is_longer_is_not_changed():
    found = corrections("夸境电商", HELD)
    assert corrected("夸境电商", found) == "跨境电商"
    assert corrected("㈱夸境电商", found) == "㈱夸境电商"


def test_a_question_is_understood_as_corrected_and_found_as_typed():
    query = understand("云溪规膜以上企业有多少家？", held=HELD)
    assert query.text == "云溪规模以上企业有多少家？"
    assert query.weights["规模"] >= 1
    assert 0 < query.weights["规膜"] < 1
    assert understand("云溪规膜以上企业有多少家？").text == "云溪规膜以上企业有多少家？"


def test_what_only_seems_mistyped_is_searched_besides():
    (found,) = corrections("云溪夸境电商", HELD)
    query = understand("云溪夸境电商", held=HELD)
    assert not found.certain
    assert query.text == "云溪夸境电商"
    assert query.weights["夸"] == 1
    assert 0 < query.weights["跨境"] < 1


def test_passages_that_hold_a_term_are_counted():
    bm25 = PostingsBM25([Postings.of([["甲", "甲", "乙"], ["甲"]])])
    assert [bm25.vocabulary.held(term) for term in ("甲", "乙", "丙")] == [2, 1, 0]
    assert type(bm25.vocabulary.held("甲")) is int


@settings(deadline=None)
@given(st.text(alphabet="夸跨境电商规膜以上基楚础的有多少里?a1 许昌棚户曲区㈱", max_size=20))
def test_any_text_is_read(text):
    question = fold(text)
    found = corrections(question, HELD)
    assert found == corrections(question, HELD)
    assert all(question[each.start] == each.wrong != each.right for each in found)
    assert len({each.start for each in found}) == len(found)
    assert len(corrected(question, found)) == len(question)
