"""Places named in a text, and which lies in which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.places import canonical, contains, path_of, place_spans, places_in


def test_full_names_and_short_forms_in_order():
    assert places_in("河南许昌的长葛市、禹州和鄢陵县，以及许昌经济技术开发区") == ("河南省", "许昌市", "长葛市", "禹州市", "鄢陵县")


def test_the_longest_name_wins():
    assert places_in("吉林省吉林市丰满区") == ("吉林省", "吉林市", "丰满区")
    assert places_in("内蒙古自治区，广西壮族自治区，恩施土家族苗族自治州") == ("内蒙古自治区", "广西壮族自治区", "恩施土家族苗族自治州")
    assert places_in("内蒙古、广西、宁夏、新疆") == ("内蒙古自治区", "广西壮族自治区", "宁夏回族自治区", "新疆维吾尔自治区")


@pytest.mark.parametrize("text", [
    "朝阳产业与和平发展", "长安街旁的鼓楼", "创新乡村治理，建设新乡贤文化", "公安机关通道", "城西安置房", "云南通过了", "阿里云", "白银价格",
    "资源合作", "城区和郊区"])
def test_words_are_no_places(text):
    assert set(places_in(text)) <= {"云南省"}


def test_words_with_their_suffix_are_places():
    assert places_in("辽宁省朝阳市和北京市朝阳区、西安市长安区") == ("辽宁省", "朝阳市", "北京市", "朝阳区", "西安市", "长安区")


def test_contains():
    assert contains("许昌", "长葛")
    assert contains("河南省", "长葛市")
    assert contains("长葛", "长葛市")
    assert contains("朝阳市", "双塔区")
    assert contains("北京", "朝阳区")
    assert not contains("长葛", "许昌")
    assert not contains("郑州", "长葛")
    assert contains("云溪市", "云溪市")
    assert not contains("云溪市", "许昌")


def test_canonical_and_path():
    assert canonical("许昌") == canonical("许昌市") == "许昌市"
    assert canonical("河南") == "河南省"
    assert canonical("云溪市") == "云溪市"
    assert path_of("长葛") == ("河南省", "许昌市", "长葛市")
    assert path_of("鼓楼区") == path_of("云溪市") == ()


@given(st.text(alphabet="河南省许昌市长葛禹州新乡村贤西安全置北京朝阳区和平县，", max_size=40))
def test_mentions_stand_where_they_are_said_to(text):
    last = 0
    for name, offset in place_spans(text):
        assert offset >= last
        assert text.startswith(name[:2], offset)
        assert contains(name, name)
        last = offset + 2
