"""Questions that ask for several things."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.parts import MOST, parts


@pytest.mark.parametrize(("question", "expected"), [
    ("云溪2019年和2020年的粮食产量各是多少？", ("云溪2019年的粮食产量是多少？", "云溪2020年的粮食产量是多少？")),
    ("2020年年初和2021年定的增长目标各是多少？", ("2020年年初定的增长目标是多少？", "2021年定的增长目标是多少？")),
    ("2020年洛阳和郑州的公路分别有多长？", ("2020年洛阳的公路有多长？", "2020年郑州的公路有多长？")),
    ("2020年洛阳的小麦和郑州的小麦各收了多少？", ("2020年洛阳的小麦收了多少？", "2020年郑州的小麦收了多少？")),
    ("果农和菜农的补贴各是多少？", ("果农的补贴是多少？", "菜农的补贴是多少？")),
    ("收入超5万元和超9万元的农户各有多少？", ("收入超5万元的农户有多少？", "收入超9万元的农户有多少？")),
    ("水库的一期工程和二期工程各花了多少钱？", ("水库的一期工程花了多少钱？", "水库的二期工程花了多少钱？")),
    ("2020年的水渠，计划修多少条，修好了多少条？", ("2020年的水渠，计划修多少条？", "2020年的水渠，修好了多少条？")),
    ("2020年粮食产量达到多少吨，增长百分之几？", ("2020年粮食产量达到多少吨？", "2020年粮食产量增长百分之几？"))])
def test_each_thing_has_its_question(question, expected):
    assert parts(question) == expected


@pytest.mark.parametrize("question", [
    "2020年粮食产量是多少？", "水库和水渠的总长是多少？", "哪几个县种小麦？", "谁都没种小麦，怎么办？", "？", "各是多少？",
    "一等、二等、三等、四等和五等的奖金各是多少？"])
def test_one_thing_stays_one_question(question):
    assert parts(question) == (question.rstrip("？") + "？",)


@given(st.text("2020年和与、，洛阳郑州的粮食产量各分别是多少哪几条？", max_size=40))
def test_parts_are_few_and_never_empty(question):
    found = parts(question)
    assert 1 <= len(found) <= MOST
    assert all(part.endswith("？") for part in found)
