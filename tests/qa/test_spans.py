"""The shortest reply in a sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.features import term_weights
from qa.question import Kind, understand
from qa.spans import UNIT_BONUS, asked_measure, best_span, highlight, typed_spans


def reply_in(sentence, question):
    """The offsets of the reply, all terms of the question as rare as one another."""
    query = understand(question)
    return highlight(sentence, query, term_weights(query, lambda terms: [1.0 for _ in terms]))


@pytest.mark.parametrize(("sentence", "kind", "found"), [
    ("收入96.5亿元，占比71.2%。", Kind.NUMBER, ["96.5亿元", "71.2%"]),
    ("总额1,286.4亿元，提高0.5个百分点。", Kind.NUMBER, ["1,286.4亿元", "0.5个百分点"]),
    ("建成三个出口基地。", Kind.NUMBER, ["三个"]),
    ("首列于2023年5月8日发车，10月31日前提交。", Kind.DATE, ["2023年5月8日", "10月31日前"]),
    ("二〇二一年三月二十三日印发。", Kind.DATE, ["二〇二一年三月二十三日"]),
    ("印发《管理办法》，开展“春风行动”。", Kind.NAME, ["《管理办法》", "“春风行动”"]),
    ("请拨打12345或0370-1234567。", Kind.CONTACT, ["12345", "0370-1234567"]),
    ("一般公共预算收入十分稳定，统一管理两类账户。", Kind.NUMBER, ["两类"]),
    ("收入96.5亿元。", Kind.REASON, []), ("没有数字。", Kind.NUMBER, [])])
def test_kinds_of_answers_are_found_by_their_form(sentence, kind, found):
    assert [sentence[start:end] for start, end in typed_spans(sentence, kind)] == found


@pytest.mark.parametrize(("question", "figure"), [
    ("收入是多少亿元？", "96.5亿元"), ("收入是多少元？", "96.5亿元"), ("要多少钱？", "20元"), ("招了几个人？", None),
    ("招了多少万人？", "3.2万人"), ("工期几个月？", "18个月"), ("几个工作日办结？", "5个工作日"), ("多久办结？", "3天"),
    ("gdp有多少？", "1286.4亿元"), ("GDP增长多少？", "7.3%"), ("税收占比多少？", "71.2%"),
    ("比重提高多少个百分点？", "0.5个百分点"), ("补贴标准是多少？", "800元"), ("有多少？", None), ("为什么？", None)])
def test_the_measure_asked_for(question, figure):
    measure = asked_measure(question)
    assert bool(measure) == bool(figure)
    assert not figure or measure.search(figure)


@pytest.mark.parametrize(("question", "other"), [
    ("收入是多少亿元？", "71.2%"), ("收入增长多少？", "96.5亿元"), ("多久办结？", "20元"), ("招了多少人？", "18个月")])
def test_a_figure_of_another_measure_does_not_fit(question, other):
    assert not asked_measure(question).search(other)


@pytest.mark.parametrize(("sentence", "question", "reply"), [
    ("全市生产总值完成1286.4亿元，比上年增长7.3%。", "2021年生产总值是多少亿元？", "1286.4亿元"),
    ("全市生产总值完成1286.4亿元，比上年增长7.3%。", "生产总值比上年增长百分之几？", "7.3%"),
    ("博士每月补贴1500元，硕士每月补贴800元。", "硕士每月补贴多少元？", "800元"),
    ("申请材料应在每年10月31日前提交。", "申请材料什么时候提交？", "10月31日前"),
    ("按照《安居办法》受理申请。", "受理申请按照哪个办法？", "《安居办法》"),
    ("粮食总产量2021年达到35吨。", "2021年粮食总产量是多少吨？", "35吨")])
def test_the_reply_is_what_was_asked_for(sentence, question, reply):
    start, end = reply_in(sentence, question)
    assert reply in sentence[start:end]
    assert end - start <= len(reply) + 2


def test_a_figure_in_the_unit_asked_for_is_preferred():
    sentence = "博物馆接待游客2.1亿次，门票收入300元。"
    plain, asked = understand("博物馆是多少？"), understand("博物馆是多少元？")
    assert sentence[slice(*best_span(sentence, plain, {"博物馆": 1.0})[0])] == "2.1亿次"
    (start, end), nearness = best_span("博物馆300元。", asked, {"博物馆": 1.0})
    assert (start, end, nearness) == (3, 7, UNIT_BONUS)


def test_a_sentence_without_a_form_or_with_the_figure_of_the_question_has_no_span():
    query = understand("96.5亿元占比多少？")
    assert best_span("一切顺利。", query, {}) is None
    assert best_span("收入96.5亿元。", query, {}) is None
    assert best_span("占比71.2%。", query, {}) == ((2, 7), 0.0)


def test_the_weightier_word_decides_which_figure_replies():
    sentence = "茶叶出口30吨，陶瓷出口50吨。"
    query = understand("陶瓷和茶叶出口多少吨？")
    for word, figure in (("茶叶", "30吨"), ("陶瓷", "50吨")):
        assert sentence[slice(*highlight(sentence, query, {"茶叶": 0.1, "陶瓷": 0.1} | {word: 0.9}))] == figure


def test_without_a_form_the_reply_is_a_clause():
    sentence = "贷款贴息由市财政局负责办理，申请材料从简。"
    start, end = reply_in(sentence, "贷款贴息由谁负责办理？")
    assert sentence[start:end] and "。" not in sentence[start:end]


def test_a_letter_whose_small_form_is_two_moves_nothing():
    sentence = "İİİ完成AB。"
    start, end = reply_in(sentence, "ab是什么？")
    assert sentence[start:end] == "İİİ完成"


@settings(deadline=None)
@given(st.text("全市12.％《》“”，。年月元完成ABİ\U0001d400 ", min_size=1, max_size=40).filter(str.strip),
       st.sampled_from(["完成多少元？", "哪年完成？", "AB叫什么名称？", "电话？", "为什么全市完成？", "ab"]))
def test_any_reply_lies_in_its_sentence(sentence, question):
    start, end = reply_in(sentence, question)
    assert 0 <= start < end <= len(sentence)
