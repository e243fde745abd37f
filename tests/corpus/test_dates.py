"""Dates, and what relative words mean in a report of 2021 on 2020 and elsewhere."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dates import dates_in, explicit_years, is_plan, resolve, years_of

DELIVERED = "2021-03-23"


@pytest.mark.parametrize(("text", "expected"), [
    ("二○二一年三月二十三日在会上", ["2021-03-23"]),
    ("二〇二一年十月十日", ["2021-10-10"]),
    ("（2021年3月23日）", ["2021-03-23"]),
    ("2025-07-08", ["2025-07-08"]),
    ("发布时间：2020.02.03 来源", ["2020-02-03"]),
    ("2020/2/3", ["2020-02-03"]),
    ("2020年5月和二〇二一年", ["2020-05", "2021"]),
    ("2020年13月1日，1.2020.3，电话2021-12345", []),
])
def test_dates(text, expected):
    assert [found for found, _ in dates_in(text)] == expected


@pytest.mark.parametrize(("expression", "review", "expected"), [
    ("今年", False, (2021,)),
    ("今年以来", True, (2021,)),
    ("去年经历了考验", True, (2020,)),
    ("比上年增长", True, (2019,)),
    ("比上年增长", False, (2020,)),
    ("前年", False, (2019,)),
    ("明年", False, (2022,)),
    ("近5年", True, (2016, 2017, 2018, 2019, 2020)),
    ("近年来", True, (2016, 2017, 2018, 2019, 2020)),
    ("过去五年", False, (2016, 2017, 2018, 2019, 2020)),
    ("三年来", True, (2018, 2019, 2020)),
    ("过去一年", True, (2020,)),
    ("今后五年", False, (2021, 2022, 2023, 2024, 2025)),
    ("“十三五”末", True, (2020,)),
    ("“十三五”期间", True, (2016, 2017, 2018, 2019, 2020)),
    ("“十四五”", False, (2021, 2022, 2023, 2024, 2025)),
    ("“十四五”开局之年", False, (2021,)),
    ("十二五时期", True, (2011, 2012, 2013, 2014, 2015)),
    ("“十五”", True, (2001, 2002, 2003, 2004, 2005)),
    ("“一五”", True, (1953, 1954, 1955, 1956, 1957)),
    ("“十三五”以来", True, (2016, 2017, 2018, 2019, 2020)),
    ("前三季度", True, (2020,)),
    ("一季度", False, (2021,)),
    ("全年", True, (2020,)),
    ("2019-2021年", True, (2019, 2020, 2021)),
    ("2019年至2021年", True, (2019, 2020, 2021)),
    ("2018、2019年", True, (2018, 2019)),
    ("2018年前三季度", True, (2018,)),
    ("二〇一九年底", True, (2019,)),
    ("三年内建成，两年前动工，过去百年", True, ()),
    ("投资2020万元", True, ()),
])
def test_words_in_a_report_of_2021_on_2020(expression, review, expected):
    assert resolve(expression, DELIVERED, 2020, review) == expected


def test_words_elsewhere():
    assert resolve("今年", "2022-10-20", 2022, True) == (2022,)
    assert resolve("去年", "2022-10-20", 2022, True) == (2021,)
    assert resolve("近3年", "2022-10", None, True) == (2020, 2021, 2022)
    assert resolve("今年", "2025-07-08", 2022, True) == (2022,), "a listing's date is not when the report speaks"
    assert resolve("今年", None, None, True) == ()
    assert resolve("“十三五”", None, None, True) == (2016, 2017, 2018, 2019, 2020)


def test_years_of_a_passage():
    review, plan = ("一、2020年工作回顾", "（一）稳增长"), ("二、2021年工作安排", "（一）稳增长")
    assert years_of("生产总值增长3%。", DELIVERED, 2020, review) == (2020,)
    assert years_of("生产总值增长6%左右。", DELIVERED, 2020, plan) == (2021,)
    assert years_of("2018年以来累计投资30亿元。", DELIVERED, 2020, review) == (2018,)
    assert years_of("过去五年完成投资30亿元。", DELIVERED, 2020) == (2016, 2017, 2018, 2019, 2020)
    assert years_of("生产总值增长3%。", DELIVERED, 2020) == (2020,)
    assert years_of("力争生产总值增长3%。", DELIVERED, 2020) == (2021,)
    assert years_of("力争生产总值增长3%。", DELIVERED, 2020, ("三、下一步工作打算",)) == (2021,)
    assert years_of("没有日期。", None, None) == ()


@pytest.mark.parametrize(("text", "section", "expected"), [
    ("确保城镇新增就业3万人。", ("二、2021年工作安排",), True),
    ("加快建设北部新城，改造老旧小区20个。", ("二、2021年重点工作",), True),
    ("加快建设北部新城，改造老旧小区20个。", ("一、2020年工作回顾",), False),
    ("生产总值完成320亿元，增长3%，比上年提高1个百分点。", (), False),
    ("力争到2025年生产总值突破500亿元。", (), True),
    ("去年生产总值完成320亿元，同比增长3%。", ("二、2021年工作安排",), False),
    ("给予一次性补助20万元。", (), False),
])
def test_plans_and_results(text, section, expected):
    assert is_plan(text, section) is expected


@given(st.dates(date(1950, 1, 1), date(2049, 12, 31)))
def test_every_day_is_read_back(day):
    for written in (f"{day.year}年{day.month}月{day.day}日", f"{day.year}-{day.month:02}-{day.day:02}", f"{day.year}.{day.month}.{day.day}"):
        assert [found for found, _ in dates_in(f"（{written}）")] == [day.isoformat()]
        assert explicit_years(written) == (day.year,)


@given(st.text(alphabet="今去上前明年近过去5十三五“”末期间2020-1年至季度来月日未来", max_size=24), st.sampled_from([None, "2021", "2021-03-23"]),
       st.sampled_from([None, 2020]), st.booleans())
def test_years_are_ascending_and_near(expression, published, report_year, review):
    years = resolve(expression, published, report_year, review)
    assert list(years) == sorted(set(years))
    assert all(1900 <= year <= 2100 for year in years)
    assert all(found[:4].isdecimal() for found, _ in dates_in(expression))
