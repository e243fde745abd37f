from hypothesis import given
from hypothesis import strategies as st

from corpus.packing import packed, unpacked

ANY = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY)
def test_what_is_packed_comes_back(text):
    assert unpacked(packed(text)) == text


def test_chinese_is_kept_in_less_than_half_its_size():
    text = "".join(f"第{n}条　全市新建农村公路{n * 7}公里，改造危桥{n % 13}座，受益群众{n}万人。" for n in range(80))
    assert len(packed(text)) < len(text.encode()) / 2
