"""Whole numbers written with Chinese or Arabic digits."""

import unicodedata

_VALUES = {digit: value for value, digits in enumerate(
    ("〇零○ＯO0", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for digit in digits}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def parse_numeral(text: str) -> int:
    """The number that ``十二``, ``一百二十``, ``二○二一`` (digit by digit), ``12`` or ``⑫`` writes.

    :raises ValueError: the text is no such number.
    """
    if len(text) == 1 and unicodedata.category(text) == "No":
        return int(unicodedata.numeric(text))
    if text.isdecimal():
        return int(text)
    if not any(unit in text for unit in _UNITS):
        return int("".join(str(_value(digit)) for digit in text))
    total, digit = 0, None
    for character in text:
        if character in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[character]
            digit = None
        else:
            digit = _value(character)
    return total + (digit or 0)


def _value(digit: str) -> int:
    if digit not in _VALUES:
        raise ValueError(f"{digit!r} is no digit")
    return _VALUES[digit]
