"""The command, from a folder of texts to a file that reads."""

import sys

import pytest
import torch

from qa.neural import NeuralReader
from qa.training import __main__ as command
from qa.training import recipe, sets
from qa.training.groups import Groups
from qa.training.recipe import MEASURED, USES
from qa.windows import Window

TRAINED = ("restored.pt", "answering.pt", "refined.pt")


@pytest.fixture(scope="module")
def run(shared, own):
    """A function that runs the command with little training; more options may be given."""
    def call(work, *more):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["qa.training", "--shared", str(shared), "--out", str(work / "model"), "--work", str(work),
                                        "--layers", "1", "--made", "60", "--restore-steps", "2", "--answer-steps", "2", "--refine-steps", "2", *more])
            patch.setattr(sets, "OWN", own)
            command.main()

    return call


@pytest.fixture(scope="module")
def work(run, tmp_path_factory):
    """What a whole run makes; not to be changed."""
    folder = tmp_path_factory.mktemp("work")
    run(folder)
    return folder


@pytest.fixture
def again(work, tmp_path):
    """A folder that holds what a whole run made but for its training."""
    for path in work.iterdir():
        if path.name not in (*TRAINED, "model"):
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


def stamps(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != "model"}


def weights(folder, name):
    return torch.load(folder / name)


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_the_reader_that_is_made_reads(work, report):
    text = report("云溪", 2010)
    (found,) = NeuralReader(work / "model").read("云溪粮食产量是多少？", [Window("0123456789ab", 0, len(text), text, "2010年", 0, 0)])
    assert 0 <= found.start < found.end <= len(text)


def test_every_set_has_groups_and_none_of_them_what_measures(work, held_out):
    loaded = {name: Groups.load(work / f"{name}.gz") for name in (*USES, "own", MEASURED)}
    for name, groups in loaded.items():
        assert groups.groups, name
        assert any(group.right for group in groups.groups), name
        leaked = any(held_out in context + text for context, text in groups.windows)
        assert leaked == (name == MEASURED), name
        assert any(held_out in group.question for group in groups.groups) == (name == MEASURED), name
    assert any(not group.right for group in loaded["official"].groups)
    assert len(loaded["contexts"].groups) == 12
    assert len(loaded["own"].groups) == 2


def test_what_is_measured_is_said(work, run, capsys):
    run(work)
    assert f"{MEASURED}: window " in capsys.readouterr().out


def test_a_second_run_makes_nothing_again(work, run):
    before = stamps(work)
    run(work)
    assert stamps(work) == before


def test_an_interrupted_run_goes_on_and_comes_out_the_same(work, again, run, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(recipe, "learn_answers", interrupted)
        run(again)
    assert not (again / "model").exists()
    with monkeypatch.context() as patch:
        for module, name in ((recipe, "learn_characters"), (sets, "library")):
            patch.setattr(module, name, interrupted)
        run(again)
    assert all(same(weights(again, name), weights(work, name)) for name in TRAINED)
    assert (again / "model" / "reader.onnx").exists()


def test_another_seed_makes_another_reader(work, again, run):
    run(again, "--seed", "2")
    assert not same(weights(again, "restored.pt"), weights(work, "restored.pt"))


def test_a_network_that_takes_characters_one_by_one_can_teach(work, again, run):
    run(again, "--step", "1")
    assert not (again / "model").exists()
    teacher = (again / "refined.pt").rename(again / "teacher.pt")
    for name in TRAINED[:2]:
        (again / name).unlink()
    run(again, "--teacher", str(teacher))
    assert same(weights(again, "restored.pt"), weights(work, "restored.pt"))
    assert not same(weights(again, "answering.pt"), weights(work, "answering.pt"))
    assert (again / "model" / "reader.onnx").exists()
