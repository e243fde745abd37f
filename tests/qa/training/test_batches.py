import numpy as np
import pytest
import torch

from qa.tokens import LONGEST_TEXT, MASK, SPECIAL, START, STEP, TEXT, pack
from qa.training.batches import Questions, Rows, masked


@pytest.fixture
def stream(characters):
    return torch.arange(SPECIAL, len(characters)).repeat(200).to(torch.int16)


def test_windows_are_packed_as_the_reader_packs_them(questions, groups, characters):
    batch = questions.draw(0, torch.arange(4))
    for row, (ids, segments) in enumerate(zip(batch.ids.tolist(), batch.segments.tolist())):
        group = groups.groups[row // 4]
        packed = [pack(*(characters.encode(part)[0] for part in (group.question, *groups.windows[window])))
                  for window in group.windows]
        length = len([each for each in ids if each])
        length += -length % STEP
        assert (ids[:length], segments[:length]) in [(each.tolist(), where.tolist()) for each, where, _ in packed]


def test_the_answer_is_where_the_span_says(questions, groups, characters):
    batch = questions.draw(0, torch.arange(12))
    for group, right, spans, ids, begins in zip(groups.groups, batch.right, batch.spans, batch.ids.view(12, 4, -1), batch.begins):
        ((place, start, end),) = group.right
        (at,) = right.nonzero()[:, 0].tolist()
        first, last = (spans[at] + begins[at]).tolist()
        answer = groups.windows[group.windows[place]][1][start:end]
        assert ids[at, first:last + 1].tolist() == characters.encode(answer)[0].tolist()


def test_the_context_can_be_left_out(questions):
    assert questions.draw(0, torch.arange(4), context_dropout=1.0).ids.shape[1] < questions.draw(0, torch.arange(4)).ids.shape[1]


def test_weights_say_what_is_drawn(groups, characters):
    weights = np.zeros(len(groups.groups))
    weights[7] = 1
    drawn, wanted = (Questions(groups, characters, 4, weights, "cpu") for _ in range(2))
    assert set(drawn.draw(9).ids[:, :20].flatten().tolist()) == set(wanted.draw(0, torch.tensor([7])).ids[:, :20].flatten().tolist())


def test_rows_are_cut_and_filled_up(characters):
    rows = Rows.of([characters.encode("粮食" * 200)[0], characters.encode("粮")[0]], LONGEST_TEXT, "cpu")
    assert rows.lengths.tolist() == [LONGEST_TEXT, 1]
    assert rows.ids.shape == (2, LONGEST_TEXT) and not rows.ids[1, 1:].any()


def test_about_the_share_is_hidden_and_known(stream, characters):
    torch.manual_seed(1)
    ids, segments, rows, true = masked(stream, 64, 64, 0.2, len(characters))
    assert (ids[:, 0] == START).all() and (segments == TEXT).all()
    assert 0.15 < len(rows) / ids.numel() < 0.25
    assert (true >= SPECIAL).all()
    seen = ids.flatten()[rows]
    assert 0.8 < (seen == MASK).float().mean() < 0.9
    assert 0.02 < (seen == true).float().mean() < 0.1  # left as they are, and some by chance


def test_what_is_not_hidden_stays(stream, characters):
    torch.manual_seed(1)
    ids, _, rows, true = masked(stream, 8, 64, 0.2, len(characters))
    whole = ids.flatten()
    whole[rows] = true
    inner = whole.view(8, 64)[:, 1:]
    assert (((inner[:, 1:] - inner[:, :-1]) % (len(characters) - SPECIAL)) == 1).all()
