"""The benchmark of load in small, against a server of its own."""

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks import load
from qa.settings import Settings
from web.records.database import connect
from web.records.keys import Keys


@pytest.fixture
def home(shipped, tmp_path, monkeypatch) -> Path:
    """The environment of a copy of the home with the reports that ship, so that its records are this test's own."""
    for path in shipped.settings.home.iterdir():
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.setenv("QA_HOME", str(tmp_path))
    return tmp_path


def test_questions_are_asked_and_counted(home, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(load, "CLIENTS", (1, 2))
    monkeypatch.setattr(load, "STEP", 10)
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"question": "2020年许昌市生产总值是多少？", "answers": []}\n{"question": "班列何时发车？", "answers": []}\n', "utf-8")
    assert load.main([str(questions), "--count", "16", "--few", "4"]) == 0
    out = capsys.readouterr().out
    assert len(re.findall(r"^\| [12] \| (?:/healthz|questions) (?:\| \d+\.\d ){5}\|$", out, re.MULTILINE)) == 4
    assert re.findall(r"^\| (\d+) \| \d+, \d+ \| \d+, \d+ \| \d+, \d+ \| \d+, \d+ \| \d+ \|$", out, re.MULTILINE) == ["0", "10", "16"]
    assert "Outcomes: {'200': 48}." in out
    ((key,), _) = Keys(connect(home)).page()
    assert key.revoked
    assert sum(Keys(connect(home)).usage(2)[key.id].calls) == 40


def test_questions_are_all_different_and_the_same_each_time():
    asked = load.worded(["甲？", "乙？"], 12)
    assert len(set(asked)) == 12
    assert load.worded(["甲？", "乙？"], 12) == asked
    with pytest.raises(SystemExit, match="only 16 different ones, not 17"):
        load.worded(["甲？", "乙？"], 17)


def test_growth_is_that_of_all_processes():
    looks = [load.Look(asked, (), (100.0, 50 + asked / 500), (), ()) for asked in (0, 1000, 2000)]
    assert np.isclose(load.slope(looks), 2.0)


def test_refusals_changed_answers_and_lost_connections_are_told_apart(home):
    with load.server(Settings(home=home)) as (url, _):
        caller = load.Caller(url, "")
        caller.answers["班列何时发车？"] = "another"
        caller.run(caller.ask, ["班列何时发车？", " "], 2)
    assert caller.outcomes == {"200": 1, "another answer": 1, "400": 1}
    caller.run(caller.ask, ["班列何时发车？"], 1)
    assert caller.outcomes["NewConnectionError"] == 1
