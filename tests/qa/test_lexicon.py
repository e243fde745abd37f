"""Other wordings: found in a text, and well-formed."""

from importlib.resources import files

import pytest

from qa.lexicon import WEIGHTS, spelled_out, wordings


def others(text):
    return {wording for wording, _ in wordings(text)}


def test_wordings_are_found_in_chinese_and_english():
    assert "地区生产总值" in others("郑州gdp")
    assert "同比" in others("grew year-on-year")
    assert "郑州" in others("the city of zhengzhou's harvest")
    assert others("") == set()


def test_english_counts_in_whole_words_and_the_plural():
    assert "专利" in others("how many patents")
    assert "专利" in others("one patent")
    assert others("exports") == others("export")
    assert "郑州" not in others("zhengzhouish")


def test_a_short_key_counts_only_as_a_word():
    assert "郑州市" not in others("郑重承诺")


def test_an_abbreviation_counts_only_as_a_word():
    assert "企业资源计划" in others("our erp")
    assert "企业资源计划" not in others("enterprises")


def test_abbreviations_are_spelled_out_but_for_those_with_figures():
    assert spelled_out("云溪gdp多少") == "云溪地区生产总值多少"
    assert spelled_out("云溪5g基站多少") == "云溪5g基站多少"
    assert spelled_out("gdp即地区生产总值") == "gdp即地区生产总值"


def test_the_longest_wording_wins():
    assert others("grain output") & {"粮食产量", "粮食总产量"}
    assert others("grain output") != others("grain") | others("output")


@pytest.mark.parametrize("name", WEIGHTS)
def test_every_line_has_a_wording_its_others_and_a_topic(name):
    lines = (files("qa") / "data" / "lexicon" / f"{name}.tsv").read_text("utf-8").splitlines()
    for line in lines:
        if not line.startswith("#"):
            wording, rest, topic = line.split("\t")
            assert wording
            assert topic
            assert all(rest.split("|"))
