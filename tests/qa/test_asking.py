"""Words that ask: the kind of answer they ask for, and what remains without them."""

import pytest

from qa.asking import Kind, content_of, kind_of


@pytest.mark.parametrize(("question", "kind"), [
    ("2021年生产总值是多少亿元？", Kind.NUMBER), ("补贴期限是几年？", Kind.NUMBER), ("How many jobs were created?", Kind.NUMBER),
    ("首列班列什么时候发车？", Kind.DATE), ("哪一年建成？", Kind.DATE), ("When did the first train leave?", Kind.DATE),
    ("谁负责受理申请？", Kind.PERSON), ("医院建在哪里？", Kind.PLACE), ("咨询电话是什么？", Kind.CONTACT),
    ("建成了哪些出口基地？", Kind.LIST), ("为什么减收房租？", Kind.REASON), ("如何申请贷款贴息？", Kind.MEANS),
    ("什么是高新技术企业？", Kind.DEFINITION), ("可以减免房租吗？", Kind.POLAR), ("这个项目叫什么名字？", Kind.NAME),
    ("减按几成，几日内办结？", Kind.NUMBER), ("啥时候开工", Kind.DATE), ("支持哪几类企业？", Kind.LIST), ("申请带啥材料", Kind.LIST),
    ("凭什么把增速定在5%？", Kind.REASON), ("一号库是个啥", Kind.DEFINITION), ("哪座城市获评？", Kind.NAME), ("全称叫啥？", Kind.NAME),
    ("外地人算不算", Kind.POLAR), ("养几只鸡行不行", Kind.POLAR), ("去哪办", Kind.PLACE), ("報名電話是多少？", Kind.CONTACT),
    ("留了联系方式的，几天内回复？", Kind.NUMBER), ("How soon must a shop register?", Kind.NUMBER),
    ("Who runs the park?", Kind.PERSON), ("Which towns are included?", Kind.LIST), ("Is parking free?", Kind.POLAR),
    ("2019年云溪市生产总值", Kind.NUMBER), ("云溪市农村公路", Kind.OTHER)])
def test_what_kind_of_answer_is_asked_for(question, kind):
    assert kind_of(question) is kind


@pytest.mark.parametrize(("question", "content"), [
    ("请问粮食产量是多少？", "粮食产量"), ("麻烦告诉我造林面积有多少呢", "造林面积"), ("我想了解一下啥时候通车", "通车"),
    ("医院建成了没有", "医院建成"), ("请问糧食產量是多少？", "粮食产量"), ("How many towns are there in the park?", "towns park"),
    ("多少？", "")])
def test_words_that_ask_are_taken_away(question, content):
    assert content_of(question) == content
