"""What the rules find in the head and the signature of a document."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Metadata
from corpus.metadata import describe

REPORT = ("二○二一年三月二十三日在许昌市第七届人民代表大会第七次会议上 许昌市人民政府市长某某 各位代表: 现在,我向大会报告工作。"
          " 一、2020年工作回顾 2020年成绩很好。二、2021年工作安排 2021年任务很重。")


def test_work_report_in_a_listing():
    listing = {"published": "2025-07-08", "published_by": "listing"}
    assert describe(REPORT, "【许昌招商】许昌市政府工作报告", listing) == Metadata(
        title="许昌市政府工作报告", issuer="许昌市人民政府", region="许昌市", published="2021-03-23", report_year=2020)


def test_county_report_stuck_together():
    text = "政府工作报告2020年5月28日在长葛市十五届人大四次会议上长葛市人民政府市长某某各位代表:现在报告工作。 一、2019年和2020年以来工作回顾2019年很好。"
    found = describe(text, "2020年长葛市政府工作报告", {})
    assert (found.issuer, found.region, found.published, found.report_year) == ("长葛市人民政府", "长葛市", "2020-05-28", 2019)


def test_policy_with_number_and_signature():
    text = ("许政〔2020〕12号\n各县（市、区）人民政府：\n根据上级文件（国发〔2019〕5号），现通知如下。\n一、减免房租\n免收三个月房租。\n"
            "许昌市人民政府\n2020年2月8日\n附件：名单")
    found = describe(text, "关于支持中小企业的通知", {})
    assert found == Metadata(title="关于支持中小企业的通知", issuer="许昌市人民政府", region="许昌市", published="2020-02-08",
                             report_year=2020, number="许政〔2020〕12号")


@pytest.mark.parametrize(("head", "number"), [
    ("财税[2013]2号\n各省财政厅：", "财税[2013]2号"),
    ("国发（2019）5号\n各省人民政府：", "国发（2019）5号"),
    ("（浙经信便函〔2020〕11号）\n各市经信局：", "浙经信便函〔2020〕11号"),
    ("国家税务总局公告2014年第12号\n为方便办税，", "国家税务总局公告2014年第12号"),
    ("根据通知（财税〔2012〕67号）的要求，", None),
])
def test_numbers_of_ones_own(head, number):
    assert describe(f"{head}现就有关事项通知。", "关于有关事项的通知", {}).number == number


@pytest.mark.parametrize(("title", "text", "issuer", "region"), [
    ("长葛市教育局关于做好招生工作的通知", "各学校：", "长葛市教育局", "长葛市"),
    ("财政部、民政部关于慈善捐赠的公告", "现公告如下。", "财政部、民政部", None),
    ("关于延期申报的通知", "各单位： 现通知如下。 财政部 税务总局 2020年2月6日", "财政部 税务总局", None),
    ("2024年国务院政府工作报告", "各位代表：现在，我代表国务院，向大会报告工作。", "国务院", None),
    ("许昌市停车条例", "2019年11月29日 许昌市第七届人民代表大会常务委员会第二十次会议通过\n第一条 为了规范停车，制定本条例。",
     "许昌市人民代表大会常务委员会", "许昌市"),
    ("运动员等级认定", "事项名称：运动员等级认定\n主管部门：广东省体育局\n层级：省级", "广东省体育局", "广东省"),
    ("让群众共享成果", "《许昌日报》 记者报道，许昌推进改革，许昌的企业受益，郑州也来学习。", "许昌日报", "许昌市"),
    ("云溪市人民政府关于支持企业的意见", "各单位：", "云溪市人民政府", "云溪市"),
])
def test_issuer_and_region(title, text, issuer, region):
    found = describe(text, title, {})
    assert (found.issuer, found.region) == (issuer, region)


@pytest.mark.parametrize(("text", "published"), [
    ("发布时间：2020.02.03 来源：本网\n正文很长。", "2020-02-03"),
    ("（2021年3月23日）\n正文。", "2021-03-23"),
    ("（2020年12月）\n正文。", "2020-12"),
    ("2011年11月17日 某市人大常委会通过\n2020年5月14日 某市人大常委会修正\n第一条 正文。", "2020-05-14"),
    ("正文。\n二〇二一年十月十日\n（此件公开发布）", "2021-10-10"),
    ("截至2020年3月1日，已完成全部任务，并将继续推进。", None),
])
def test_publication_date(text, published):
    assert describe(text, "关于有关事项的通知", {}).published == published


def test_report_year():
    article = "2022年，全市出台25项措施。2022年末见到成效，2021年尚无先例。"
    assert describe(article, "出台措施帮助企业", {"published": "2025-07-07", "published_by": "listing"}).report_year == 2022
    assert describe("改革不断深化。", "改革综述", {"published": "2022-10-20"}).report_year == 2022
    assert describe("改革不断深化。", "改革综述", {"published": "2022-10-20", "published_by": "listing"}).report_year is None
    assert describe("各位代表：现在报告工作。", "2024年平川县政府工作报告", {}).report_year == 2023
    assert describe("改革不断深化。", "改革综述", {}).report_year is None


def test_stated_goes_first():
    stated = {"title": "报告", "issuer": "平川县人民政府", "region": "平川县", "published": "2022年2月16日", "report_year": "2021",
              "number": "平政〔2022〕1号", "source": "《平川日报》", "url": "https://example.org/1"}
    assert describe(REPORT, "别的标题", stated) == Metadata(
        title="报告", issuer="平川县人民政府", region="平川县", published="2022-02-16", report_year=2021, number="平政〔2022〕1号",
        origin="《平川日报》", url="https://example.org/1")


@pytest.mark.parametrize(("text", "title"), [
    ("# 许昌市停车条例\n第一条 为了规范停车。", "许昌市停车条例"),
    ("各有关单位：\n关于做好停车工作的通知\n正文。", "关于做好停车工作的通知"),
    ("全市停车位紧张的情况明显好转。新建了许多停车场。", "全市停车位紧张的情况明显好转"),
    ("", ""),
])
def test_title_from_the_text(text, title):
    assert describe(text, None, {}).title == title


@given(st.text(alphabet="许昌市人民政府局关于印发第一二十届次会议通过政〔〕20号年月日1、，。\n 第条章节（）在报告", max_size=120))
def test_any_text_is_described(text):
    found = describe(text, None, {})
    assert found.published is None or re.fullmatch(r"\d{4}(-\d\d){0,2}", found.published)
    assert len(found.title) <= 80


@pytest.mark.parametrize(("text", "region"), [
    ("襄城县、禹州市、长葛市先行试点，许昌市加快改革。襄城县医院牵头，襄城县率先验收，鄢陵县随后。", "许昌市"),
    ("襄城县新建幼儿园五所。襄城县改造卫生院三家，经验在许昌市推广。襄城县还修了路。", "襄城县"),
    ("北京市、上海市、许昌市、杭州市都出台了办法。", None)])
def test_the_region_is_the_innermost_place_that_most_mentions_lie_in(text, region):
    assert describe(text, "改革综述", {}).region == region
