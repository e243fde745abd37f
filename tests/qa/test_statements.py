"""Questions made from plain statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Metadata, Passage
from qa.statements import is_noun_phrase, statements

REPORT = Metadata("云溪市2021年政府工作报告", region="云溪市", published="2022-02-16", report_year=2021)
RULES = Metadata("云溪市人民政府关于印发《云溪市停车管理办法》的通知", region="云溪市", published="2022-02-16", report_year=2022)


def made(text, metadata=REPORT, section=()):
    return [(each.question, each.reply) for each in statements(Passage("d1", 0, len(text), text, section), metadata)]


@pytest.mark.parametrize(("text", "question", "reply"), [
    ("2021年，全市生产总值完成1286.4亿元。", "2021年云溪市生产总值是多少？", "1286.4亿元"),
    ("2021年，一般公共预算收入达到96.5亿元，其中税收占比71.2%。", "2021年云溪市一般公共预算收入是多少？", "96.5亿元"),
    ("2020年，农村公路里程达到180公里。", "2020年云溪市农村公路里程是多少？", "180公里"),
    ("2021年，规模以上工业企业有529家。", "2021年云溪市规模以上工业企业有多少家？", "529家"),
    ("2021年，云溪市生产总值完成1286.4亿元。", "2021年云溪市生产总值是多少？", "1286.4亿元"),
    ("2021年，规模以上工业增加值增长8.1%。", "2021年云溪市规模以上工业增加值增长多少？", "8.1%"),
    ("2021年，固定资产投资比上年增长5.2%。", "2021年云溪市固定资产投资比上年增长多少？", "5.2%"),
    ("2021年，新增高新技术企业11家。", "2021年云溪市新增高新技术企业多少家？", "11家"),
    ("2021年，云溪市在全国工业百强县中居33位。", "2021年云溪市在全国工业百强县中居第几位？", "33位"),
    ("对首次入选的国家级孵化器，给予一次性20万元奖励。", "云溪市对首次入选的国家级孵化器给予多少奖励？", "20万元"),
    ("城乡低保标准为每月680元。", "云溪市城乡低保标准是多少？", "每月680元"),
    ("公共停车设施包括停车楼、地下停车场和路边泊位。", "公共停车设施包括哪些？", "停车楼、地下停车场和路边泊位"),
    ("（二）公共停车场，是指向社会开放的停车场所。", "什么是公共停车场？", "向社会开放的停车场所"),
    ("2021年9月3日，市政府召开制造业发展大会，部署工作。", "市政府什么时候召开制造业发展大会？", "2021年9月3日"),
    ("如何申请公共停车位？车主应当到所在社区登记。", "如何申请公共停车位？", "车主应当到所在社区登记。")])
def test_a_plain_statement_gives_its_question(text, question, reply):
    assert made(text) == [(question, reply)]


def test_the_day_on_which_a_rule_takes_effect_is_asked_by_the_name_of_the_rule():
    assert made("本办法自2022年3月1日起施行。", RULES) == [("《云溪市停车管理办法》从什么时候起施行？", "2022年3月1日")]
    assert made("本办法自2022年3月1日起施行。", Metadata("停车，怎么管？")) == []


def test_a_heading_that_names_a_measure_is_asked_how():
    section = ("一、总则", "（三）加大财政支持力度")
    assert made("市财政安排专项资金。", RULES, section) == [("云溪市如何加大财政支持力度？", "市财政安排专项资金。")]
    assert made("市财政安排专项资金。", RULES, ("（三）附则",)) == []


@pytest.mark.parametrize("text", [
    "", "修缮学校，新建公路。",
    "2021年，其中完成1286.4亿元。", "2021年，全市达到35亿元。", "2021年，目标是35亿元。", "2021年，营业收入达到35亿元。",
    "2021年，处置达到35个。", "2021年，把城市公交票价定为2元。", "2021年，推动林下经济面积达到20万亩。",
    "2019年和2021年生产总值达到1286.4亿元。", "2021年，前三季度生产总值完成950亿元。", "过去三年，累计新增高新技术企业80家。",
    "力争2022年生产总值达到1400亿元。", "2021年，柳林集团不断壮大，出口总额达到3亿元。", "2021年，平川县发展迅速，生产总值达到300亿元。",
    "这样的停车位有哪些？请看下文。", "停车位够不够用？谁来管理？"])
def test_what_is_vague_planned_or_of_another_gives_none(text):
    assert made(text) == []


def test_without_a_place_no_figure_is_asked_about():
    assert made("2021年，生产总值完成1286.4亿元。", Metadata("报告", report_year=2021)) == []


@pytest.mark.parametrize("text", ["社会消费品零售总额", "科技型中小企业", "招商项目的到位资金", "城镇新增就业", "城乡居民收入", "硬化的农村道路"])
def test_indicators_are_noun_phrases(text):
    assert is_noun_phrase(text)


@pytest.mark.parametrize("text", ["目标是", "计划把公交票价定", "旅游接待", "推动林下经济", "的农村公路", "收入", "“上云企业", "城乡居民和"])
def test_clauses_and_scraps_are_none(text):
    assert not is_noun_phrase(text)


@given(st.text(st.sampled_from("2021年，。全市生产总值完成增长新增企业为12.4%亿元家？（）“”对给予奖励"), min_size=1, max_size=60))
def test_a_reply_stands_in_the_passage(text):
    for question, reply in made(text):
        assert reply in text
        assert question.endswith(("？", "?"))
        assert "{" not in question
