"""A question in English, as a Chinese one would ask it: word by word, since what is read is Chinese."""

import re

from corpus.places import places_in
from qa.asking import Kind
from qa.lexicon import in_chinese

_LATIN = re.compile(r"[a-z]{2,}")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_COUNTS = re.compile(r"\bhow many\b")
_NATION = re.compile(r"中国|全国")
_ASKED = {Kind.NUMBER: "是多少", Kind.DATE: "是什么时候", Kind.PERSON: "是谁", Kind.PLACE: "在哪里", Kind.CONTACT: "电话是多少",
          Kind.LIST: "有哪些", Kind.REASON: "的原因是什么", Kind.MEANS: "怎么做", Kind.POLAR: "吗"}


def is_english(question: str) -> bool:
    """Is a folded question written in Latin letters, but perhaps for a name or two? A lone ``gdp`` is not."""
    return len(_LATIN.findall(question)) > max(1, len(_HAN.findall(question)) / 2)


def restated(question: str, kind: Kind) -> str:
    """A folded English question in Chinese: its years, its places, what else the lexicon knows of it, and what is asked.

    :param kind: what kind of answer it asks for.
    """
    words = list(dict.fromkeys(in_chinese(question)))
    years = [f"{year}年" for year in dict.fromkeys(_YEAR.findall(question))]
    places = [word for word in words if places_in(word) or _NATION.fullmatch(word)]
    asked = "有多少" if _COUNTS.search(question) else _ASKED.get(kind, "是什么")
    return "".join((*years, *places, *(word for word in words if word not in places), asked, "？"))
