from hypothesis import given
from hypothesis import strategies as st

from corpus.mapping import MappedText, concat

raws = st.text(alphabet="甲乙丙丁 1a，。\n", max_size=40)


@st.composite
def edited(draw):
    """A raw text, and what some slices, deletions and reorderings made of it."""
    raw = draw(raws)
    text = MappedText(raw)
    for _ in range(draw(st.integers(0, 5))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        parts = draw(st.permutations([text.slice(0, start), text.slice(end, len(text)), text.slice(start, end)]))
        text = draw(st.sampled_from([concat(parts), text.without([(start, end)]), text.slice(start, end), text.strip()]))
    return raw, text


@given(edited())
def test_every_character_is_the_raw_character_it_maps_to(case):
    raw, text = case
    assert text.text == "".join(raw[text.raw_offset(at)] for at in range(len(text)))


@given(edited())
def test_pairs_ascend_and_none_is_superfluous(case):
    _, text = case
    owns = [own for own, _ in text.offsets]
    assert owns[0] == 0
    assert owns == sorted(set(owns))
    assert all(after[0] - before[0] != after[1] - before[1]
               for before, after in zip(text.offsets, text.offsets[1:], strict=False))


def test_a_separator_maps_to_where_the_part_before_it_ended():
    text = concat([MappedText("上联下联").slice(2, 4), MappedText("上联下联").slice(0, 2)], "\n")
    assert text.text == "下联\n上联"
    assert [text.raw_offset(at) for at in range(5)] == [2, 3, 4, 0, 1]


def test_inserted_characters_map_to_the_place_they_were_put_in():
    text = concat([MappedText("甲乙").slice(0, 1), MappedText.inserted(" ", 1), MappedText("甲乙").slice(1, 2)])
    assert text.text == "甲 乙"
    assert [text.raw_offset(at) for at in range(3)] == [0, 1, 1]
