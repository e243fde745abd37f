"""Numbers in Chinese and Arabic digits."""

import pytest

from corpus.numerals import parse_numeral


@pytest.mark.parametrize(("text", "value"), [
    ("七", 7), ("十", 10), ("十二", 12), ("二十", 20), ("九十九", 99), ("一百二十", 120), ("一百零五", 105), ("一千二百六十", 1260),
    ("二○二一", 2021), ("二〇二一", 2021), ("12", 12), ("１２", 12), ("⑫", 12), ("两", 2)])
def test_numerals(text, value):
    assert parse_numeral(text) == value


@pytest.mark.parametrize("text", ["甲", "", "1十"])
def test_no_numerals(text):
    with pytest.raises(ValueError, match="is no digit|invalid literal"):
        parse_numeral(text)
