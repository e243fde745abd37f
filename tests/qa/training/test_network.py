import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from qa import tokens
from qa.tokens import CONTEXT, LONGEST_RUN, PAD, QUESTION, STEP, TEXT, pack
from qa.training.network import match_runs


def packed(characters, *parts):
    ids, segments, begin = pack(*(characters.encode(part)[0] for part in parts))
    return torch.from_numpy(ids)[None], torch.from_numpy(segments)[None], begin


@pytest.mark.parametrize(("question", "text", "runs"), [
    ("粮食产量", "水渠粮食", [0, 0, 2, 2]), ("粮食", "食粮", [1, 1]), ("云溪", "农户", [0, 0]),
    ("粮食产量达到万吨", "粮食产量达到万吨", [LONGEST_RUN] * 8)])
def test_a_character_knows_the_longest_run_that_it_shares(characters, question, text, runs):
    ids, segments, begin = packed(characters, question, "", text)
    assert match_runs(ids, segments)[0, begin:begin + len(text)].tolist() == runs


@given(*[st.lists(st.integers(1, 9), min_size=2, max_size=40).map(np.array)] * 3)
def test_runs_are_the_same_without_torch(question, context, text):
    ids, segments, _ = pack(question, context, text)
    runs = match_runs(torch.from_numpy(ids)[None], torch.from_numpy(segments)[None])
    assert tokens.match_runs(ids, segments).tolist() == runs[0].tolist()


def test_the_context_matches_too_and_never_itself(characters):
    ids, segments, begin = packed(characters, "粮食", "粮食农户", "农户")
    runs = match_runs(ids, segments)
    assert runs[segments == CONTEXT].tolist() == [2, 2, 0, 0, 0]
    assert runs[(segments == TEXT) & (ids != PAD)].tolist() == [0, 0]
    assert runs[segments == QUESTION].tolist() == [0, 2, 2, 0]


def test_how_far_an_input_is_filled_up_changes_nothing(characters, small):
    ids, segments, _ = packed(characters, "粮食产量是多少", "云溪", "粮食产量达到22万吨")
    model = small().eval()
    with torch.no_grad():
        little, much = (model(functional.pad(ids, (0, more), value=PAD), functional.pad(segments, (0, more), value=TEXT))
                        for more in (STEP, 30))
    assert torch.allclose(little[0], much[0], atol=1e-6)
    assert torch.allclose(little[1][:, :-STEP], much[1][:, :ids.shape[1]], atol=1e-6)


def test_places_count(characters, small):
    model = small().eval()
    (one, segments, begin), (other, _, _) = (packed(characters, "粮食", "", text) for text in ("农户水渠粮食", "粮食水渠农户"))
    with torch.no_grad():
        assert not torch.allclose(model(one, segments)[0], model(other, segments)[0])
