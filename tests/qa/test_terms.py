"""Text to terms."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.terms import fold, terms

TEXTS = st.text("甲乙丙國国〇○二1３.,%aBＣ-+/ ，。\n", max_size=20)


@pytest.mark.parametrize(("written", "folded"), [
    ("ＧＤＰ增長８.１％", "gdp增长8.1%"), ("頭髮與發展", "头发与发展"), ("⼈民", "人民"), ("", "")])
def test_folding_unites_ways_of_writing(written, folded):
    assert fold(written) == folded


def test_a_run_of_characters_gives_characters_bigrams_and_words():
    assert sorted(terms("生产总值")) == sorted(
        ["生", "产", "总", "值", "生产", "产总", "总值", "生产", "总值", "生产总值"])


@pytest.mark.parametrize(("text", "term"), [
    ("增长7.3%", "7.3"), ("完成1,286.4亿元", "1286.4"), ("建设5G基站", "5g"), ("PM2.5浓度", "pm2.5"),
    ("执行GB/T19001标准", "gb/t19001"), ("２０２１年", "2021")])
def test_numbers_and_codes_are_kept_whole(text, term):
    assert term in terms(text)


def test_a_number_is_none_of_its_parts():
    assert {"286", "4", "1", "286.4"}.isdisjoint(terms("1,286.4"))


@pytest.mark.parametrize("text", ["二〇二一年报告", "二○二一年报告", "〇八年报告", "○八年报告"])
def test_the_round_zero_is_a_character_like_others(text):
    assert {"年", "报告"} <= set(terms(text))


@pytest.mark.parametrize(("one", "other"), [("經濟發展", "经济发展"), ("Ｗｉ-Ｆｉ", "wi-fi"), ("８.１％", "8.1%")])
def test_ways_of_writing_give_the_same_terms(one, other):
    assert terms(one) == terms(other)


def test_punctuation_and_blanks_give_nothing():
    assert terms(" 　\n，。！《》-+%") == []


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_sentence_keeps_its_terms_among_others(before, after):
    assert terms(f"{before}。{after}") == terms(before) + terms(after)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_terms_are_never_empty_and_hold_no_white_space(text):
    assert all(term and term == "".join(term.split()) for term in terms(text))
