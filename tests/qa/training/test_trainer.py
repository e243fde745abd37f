import pytest
import torch
from torch.nn import functional

from qa.training import text, trainer
from qa.training.batches import masked
from qa.training.trainer import answer, clock, counter, group_loss, restore, schedule, teacher_loss


def test_hidden_characters_are_restored_ever_better(shared, characters, small):
    tokens = torch.from_numpy(text.stream(text.read(shared), characters))

    def loss(network):
        torch.manual_seed(3)
        ids, segments, rows, true = masked(tokens, 32, 32, 0.2, len(characters))
        with torch.no_grad():
            return functional.cross_entropy(network.eval().restore(ids, segments, rows), true).item()

    model = small()
    before = loss(model)
    restore(model.train(), tokens, counter(40), 16, 32, 1e-2, print)
    assert loss(model) < 0.95 * before


def test_questions_are_answered_ever_better(questions, small, answering):
    def loss(network):
        batch = questions.draw(0, torch.arange(len(questions.weights)))
        with torch.no_grad():
            return group_loss(*network.eval()(batch.ids, batch.segments), batch).item()

    assert loss(answering) < 0.8 * loss(small())


def test_the_mean_follows_the_weights(questions, small):
    model, mean = small(), small()
    begun = mean.spans.weight.clone()
    answer(model.train(), [(questions, lambda share: 1.0)], counter(3), 2, 1e-2, print, mean.requires_grad_(False))
    way = (model.spans.weight - begun).norm()
    assert 0 < (mean.spans.weight - begun).norm() < way
    assert (mean.spans.weight - model.spans.weight).norm() < way


def test_a_teacher_is_followed(questions, small, answering):
    """Though the right answers are never shown: of those, none counts."""
    def differ(network):
        batch = questions.draw(0, torch.arange(len(questions.weights)))
        with torch.no_grad():
            return teacher_loss(*network.eval()(batch.ids, batch.segments), *answering(batch.ids, batch.segments), batch).item()

    model = small()
    before = differ(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "TAUGHT", 1.0)
        answer(model.train(), [(questions, lambda share: 1.0)], counter(60), 8, 1e-2, print, teacher=answering)
    assert differ(answering) < differ(model) < 0.8 * before


def test_the_rate_goes_up_and_down():
    rates = [schedule(share) for share in (0.01, 0.04, 0.5, 0.99)]
    assert rates[0] < rates[1] > rates[2] > rates[3] > 0


def test_time_runs_from_nothing_to_all(monkeypatch):
    assert list(counter(4)) == [0.0, 0.25, 0.5, 0.75]
    monkeypatch.setattr("time.perf_counter", iter([100.0, 100.0, 105.0, 109.0, 110.0]).__next__)
    assert list(clock(10)) == [0.0, 0.5, 0.9]
