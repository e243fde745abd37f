"""How many passages hold a term, over several postings."""

from hypothesis import given
from hypothesis import strategies as st

from qa.frequencies import Frequencies
from qa.postings import Postings, hashed

TERMS = [f"词{number}" for number in range(60)]
CORPUS = st.lists(st.lists(st.sampled_from(TERMS), max_size=20), max_size=8)


@given(st.lists(CORPUS, max_size=4))
def test_passages_are_counted_over_all_parts(parts):
    frequencies = Frequencies([Postings.of(part) for part in parts])
    texts = [text for part in parts for text in part]
    for term in [*TERMS, "庚", ""]:
        assert frequencies.of(hashed(term)) == sum(term in text for text in texts)
    assert len(frequencies.held) == len({term for text in texts for term in text})
    assert frequencies.held.sum() == sum(len(set(text)) for text in texts)


def test_hashes_at_either_end_are_looked_up():
    frequencies = Frequencies([Postings.of([TERMS])])
    assert [frequencies.of(digest) for digest in (0, 2**64 - 1)] == [0, 0]
