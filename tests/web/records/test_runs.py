"""Runs of the test questions: one at a time, kept with their outcomes, known as broken off where they were."""

import subprocess
import sys
from pathlib import Path

import pytest

from qa.errors import NotFound, QuestionError
from qa.evaluation import Outcome
from web.records import runs as module
from web.records.runs import BROKEN, DONE, RUNNING, Conditions, Runs, turned

ROOT = Path(module.__file__).parents[2]
CONDITIONS = Conditions("000001-ab", 0.07, 0.35, "0123abcd")
BEGINNER = """
import sys
from pathlib import Path
from web.records.database import connect
from web.records.runs import Conditions, Runs
home, url = sys.argv[1:]
runs = Runs(connect(Path(home), url), Path(home))
print(runs.begin("王", 1, Conditions("000001-ab", 0.07, 0.35, "0123abcd")), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def runs(engine, tmp_path) -> Runs:
    return Runs(engine, tmp_path)


def outcome(name, right):
    return Outcome(name, "多少？", "number", ("一座",), True, "建成一座。", 0.5, 12.0, right, hit=right, cited=right, rank=1)


def over(runs, rights, state=DONE):
    """The number of a run that is over."""
    run_id = runs.begin("李", len(rights), CONDITIONS)
    for place, (name, right) in enumerate(rights.items()):
        runs.note(run_id, place, outcome(name, right))
    runs.finish(run_id, state)
    return run_id


def test_a_run_is_kept_with_its_conditions_and_outcomes(runs):
    run_id = runs.begin("李", 3, CONDITIONS)
    runs.note(run_id, 0, outcome("a", True))
    runs.note(run_id, 1, outcome("b", False))
    run = runs.find(run_id)
    assert (run.state, run.total, run.asked, run.right, run.actor, run.conditions, run.finished) == (RUNNING, 3, 2, 1, "李", CONDITIONS, None)
    assert runs.outcomes(run_id) == [outcome("a", True), outcome("b", False)]
    runs.finish(run_id, DONE)
    assert runs.find(run_id).state == DONE
    assert runs.find(run_id).finished >= run.started
    with pytest.raises(NotFound):
        runs.find(run_id + 1)


def test_there_is_one_at_a_time(runs):
    first = runs.begin("李", 1, CONDITIONS)
    with pytest.raises(QuestionError) as caught:
        runs.begin("王", 1, CONDITIONS)
    assert caught.value.code == "test_running"
    runs.finish(first, BROKEN)
    assert runs.begin("王", 1, CONDITIONS) > first


@pytest.fixture
def elsewhere(tmp_path, database_url):
    """A process, as on another host, and the number of the run that it has begun; it is killed at the latest when the test is over."""
    with subprocess.Popen([sys.executable, "-c", BEGINNER, str(tmp_path), database_url], cwd=ROOT, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        yield process, int(process.stdout.readline())
        process.kill()


def test_what_a_process_has_left_is_broken_off_and_nothing_else(runs, elsewhere):
    process, going = elsewhere
    runs.break_off()
    assert runs.find(going).state == RUNNING
    with pytest.raises(QuestionError) as caught:
        runs.begin("李", 1, CONDITIONS)
    assert caught.value.code == "test_running"
    process.kill()
    process.wait()
    assert runs.find(going).state == RUNNING
    runs.break_off()
    done = over(runs, {"a": True})
    mine = runs.begin("李", 1, CONDITIONS)
    runs.break_off()
    assert [runs.find(each).state for each in (going, done, mine)] == [BROKEN, DONE, RUNNING]


def test_what_a_process_has_left_gives_way_to_the_next_run(runs, elsewhere):
    process, left = elsewhere
    process.kill()
    process.wait()
    assert runs.begin("李", 1, CONDITIONS) > left
    assert runs.find(left).state == BROKEN


def test_the_run_before_is_the_last_whole_one(runs):
    first, broken = over(runs, {"a": True}), over(runs, {"a": True}, BROKEN)
    last = over(runs, {"a": False})
    assert runs.before(runs.find(last)).id == runs.before(runs.find(broken)).id == first
    assert runs.before(runs.find(first)) is None
    assert [run.id for run in runs.latest(2)] == [last, broken]


def test_only_the_latest_are_kept(runs, monkeypatch):
    """However many were refused meanwhile, which may use up numbers."""
    monkeypatch.setattr(module, "KEPT", 2)
    numbers = [over(runs, {"a": True}) for _ in range(2)]
    numbers.append(runs.begin("李", 1, CONDITIONS))
    for _ in range(3):
        with pytest.raises(QuestionError):
            runs.begin("王", 1, CONDITIONS)
    runs.finish(numbers[-1], DONE)
    numbers.append(over(runs, {"a": True}))
    assert [run.id for run in runs.latest(9)] == numbers[:1:-1]
    assert runs.outcomes(numbers[0]) == []


def test_what_turned_is_of_questions_asked_twice():
    now = [outcome("a", True), outcome("b", False), outcome("c", True), outcome("new", True)]
    before = [outcome("gone", False), outcome("c", True), outcome("b", True), outcome("a", False)]
    right, wrong = turned(now, before)
    assert [(one.id, one.right, other.right) for one, other in right] == [("a", True, False)]
    assert [(one.id, one.right, other.right) for one, other in wrong] == [("b", False, True)]
    assert turned(now, []) == ([], [])
