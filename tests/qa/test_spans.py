"""The shortest reply in a sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.question import Kind, understand
from qa.spans import asked_unit, fits_unit, highlight, typed_spans


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


@pytest.mark.parametrize(("question", "unit"), [
    ("收入是多少亿元？", "亿元"), ("要多少钱？", "元"), ("收入是多少？", ""), ("为什么？", "")])
def test_the_unit_asked_for(question, unit):
    assert asked_unit(question) == unit


def test_a_figure_may_carry_a_larger_unit_than_asked_for():
    assert fits_unit("20万元", "万元")
    assert fits_unit("96.5亿元", "亿元")
    assert not fits_unit("71.2%", "亿元")
    assert not fits_unit("96.5亿元", "")


@pytest.mark.parametrize(("sentence", "question", "reply"), [
    ("全市生产总值完成1286.4亿元，比上年增长7.3%。", "2021年生产总值是多少亿元？", "1286.4亿元"),
    ("全市生产总值完成1286.4亿元，比上年增长7.3%。", "生产总值比上年增长百分之几？", "7.3%"),
    ("博士每月补贴1500元，硕士每月补贴800元。", "硕士每月补贴多少元？", "800元"),
    ("申请材料应在每年10月31日前提交。", "申请材料什么时候提交？", "10月31日前"),
    ("按照《安居办法》受理申请。", "受理申请按照哪个办法？", "《安居办法》"),
    ("粮食总产量2021年达到35吨。", "2021年粮食总产量是多少吨？", "35吨")])
def test_the_reply_is_what_was_asked_for(sentence, question, reply):
    start, end = highlight(sentence, understand(question))
    assert reply in sentence[start:end]
    assert end - start <= len(reply) + 2


def test_without_a_form_the_reply_is_a_clause():
    sentence = "贷款贴息由市财政局负责办理，申请材料从简。"
    start, end = highlight(sentence, understand("贷款贴息由谁负责办理？"))
    assert sentence[start:end] and "。" not in sentence[start:end]


def test_a_letter_whose_small_form_is_two_moves_nothing():
    sentence = "İİİ完成AB。"
    start, end = highlight(sentence, understand("ab是什么？"))
    assert sentence[start:end] == "İİİ完成"


@settings(deadline=None)
@given(st.text("全市12.％《》“”，。年月元完成ABİ\U0001d400 ", min_size=1, max_size=40).filter(str.strip),
       st.sampled_from(["完成多少元？", "哪年完成？", "AB叫什么名称？", "电话？", "为什么全市完成？", "ab"]))
def test_any_reply_lies_in_its_sentence(sentence, question):
    start, end = highlight(sentence, understand(question))
    assert 0 <= start < end <= len(sentence)
