"""Follow-ups: what is new replaces its like, what is missing is taken over, what stands alone stays."""

import pytest

from qa.followup import standalone

HARVEST = "2021年郑州市粮食产量是多少？"


def text(question, *history):
    return standalone(question, history).text


@pytest.mark.parametrize(("question", "understood"), [
    ("那2022年呢？", "2022年郑州市粮食产量是多少？"), ("2022年呢", "2022年郑州市粮食产量是多少？"), ("到2022年呢？", "2022年郑州市粮食产量是多少？"),
    ("那洛阳市呢？", "2021年洛阳市粮食产量是多少？"), ("那洛阳呢？", "2021年洛阳粮食产量是多少？"), ("洛阳的呢？", "2021年洛阳粮食产量是多少？"),
    ("那棉花呢？", "2021年郑州市棉花产量是多少？"), ("比上年增长多少？", "2021年郑州市粮食产量比上年增长多少？"),
    ("它比上年增长多少？", "2021年郑州市粮食产量比上年增长多少？"), ("其中小麦占多少？", "2021年郑州市粮食产量中小麦占多少？"),
    ("2022年的目标是多少？", "2022年郑州市粮食产量的目标是多少？"), ("亩产又是多少？", "2021年郑州市亩产是多少？"),
    ("同一年棉花种了多少亩？", "2021年郑州市棉花种了多少亩？")])
def test_what_is_new_replaces_its_like(question, understood):
    assert text(question, HARVEST) == understood


@pytest.mark.parametrize(("before", "question", "understood"), [
    ("郑州粮食产量是多少？", "那洛阳市呢？", "洛阳市粮食产量是多少？"),
    ("粮食产量是多少？", "那2022年呢？", "2022年粮食产量是多少？"),
    ("2019至2021年造林多少亩？", "那2022年呢？", "2022年造林多少亩？"),
    ("省林业厅为支持造林提出了多少条措施？", "那省水利厅给了几条？", "省水利厅为支持造林提出了多少条措施？"),
    ("2019年郑州河道治理工程完成了多少投资？", "那2020年计划投多少？", "2020年郑州河道治理工程计划投多少？"),
    ("郑州2022年出台了什么文件鼓励造林？", "这份文件里有多少项举措？", "郑州2022年出台鼓励造林的文件里有多少项举措？"),
    ("郑州对泰国出口增长多少？", "对越南呢？", "郑州对越南出口增长多少？"),
    ("郑州一级苗圃最高奖励多少？", "那三级的呢", "郑州三级苗圃最高奖励多少？"),
    ("郑州乱砍树木，一般罚多少？", "要是情节严重呢", "郑州乱砍树木，要是情节严重，一般罚多少？"),
    ("2022年郑州林业总产值有多少亿元，居全省第几位？", "人均的排第几？", "2022年郑州人均产值排第几？"),
    ("郑州2025年栽了多少本地树苗？", "外来的呢", "郑州2025年栽了多少外来树苗？")])
def test_the_like_is_found_in_many_forms(before, question, understood):
    assert text(question, before) == understood


def test_follow_ups_may_follow_each_other_without_growing():
    assert text("那2023年呢？", HARVEST, "那2022年呢？", "那洛阳市呢？") == "2023年洛阳市粮食产量是多少？"
    history = (HARVEST, *["棉花种了多少？", "那茶叶呢？", "2022年的目标是多少？"] * 30)
    assert len(text("那棉花呢？", *history)) < 40
    assert text("呢？", *["呢？"] * 5000)


@pytest.mark.parametrize("question", [
    "云溪市新增城镇就业人数是多少人？", "2022年洛阳市许可事项压减了多少项？", "《云溪市造林条例》从哪天起施行？", "什么是高标准农田？",
    "镇街初审合格的项目应于何时将纸质材料报送主管部门？", "Who runs the park?"])
def test_a_question_that_stands_alone_is_left_as_it_is(question):
    assert text(question, HARVEST) == question
    assert text(question) == question


def test_what_a_long_question_may_lack_is_handed_over():
    assert "粮食产量" in standalone("初审合格的项目应于何时将纸质材料报送主管部门？", [HARVEST]).taken
    assert standalone("2022年洛阳市许可事项压减了多少项？", [HARVEST]).taken == ""
