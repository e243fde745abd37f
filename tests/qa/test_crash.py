"""Killed while it indexes: what answers is the old index or the new one, never a mixture."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qa.errors import IndexUnavailable
from qa.local_index import current_version
from qa.service import AnswerService
from qa.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
MOMENTS = 20
SEED = 20210323

# Forks a run for each line on its standard input, since a fork is quicker than a start. A line is the number of seconds
# after which the run is killed; the answer to it is the run's exit status and how long it took.
RUNNER = """
import os, signal, sys, time
from pathlib import Path
from qa.indexing import index
from qa.settings import Settings
from tests.conftest import BigramEncoder

settings, reports, encoder = Settings(home=Path(sys.argv[1])), [Path(sys.argv[2])], BigramEncoder()
for line in sys.stdin:
    started = time.monotonic()
    child = os.fork()
    if not child:
        index(settings, reports, encoder=encoder)
        os._exit(0)
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() - started >= float(line):
            os.kill(child, signal.SIGKILL)
        time.sleep(0.001)
    print(os.waitstatus_to_exitcode(ended[1]), time.monotonic() - started, flush=True)
"""


def reports(letter, first):
    """Forty reports. Those of A and of B share most names, and differ in a figure in every one."""
    return {f"town{n:02}.md": (
        f"---\ntitle: 第{n}镇统计公报\nregion: 第{n}镇\npublished: 2022-03-01\n---\n# 第{n}镇统计公报\n\n"
        f"2021年，第{n}镇粮食总产量{letter}{n + 100}吨，比上年略有增长。全镇农户安居乐业，道路畅通。\n") for n in range(first, first + 40)}


SETS = {"A": reports("A", 0), "B": reports("B", 4)}


class Runner:
    """Index runs of one folder into one home, each a process of its own that may be killed."""

    def __init__(self, home, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, home, folder], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"})

    def run(self, kill_after=float("inf")):
        """Exit status and duration in seconds of one run."""
        self.process.stdin.write(f"{kill_after}\n")
        self.process.stdin.flush()
        status, duration = self.process.stdout.readline().split()
        return int(status), float(duration)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "reports"


@pytest.fixture
def runner(tmp_path, folder):
    made = Runner(tmp_path / "data", folder)
    yield made
    made.process.stdin.close()
    made.process.stdout.close()
    assert made.process.wait(30) == 0


def letters(text):
    """Which of the sets a text is from, by its figures."""
    return {letter for letter in SETS if f"总产量{letter}" in text}


def state(service, chance):
    """The one set that everything a service says is from."""
    documents, total = service.documents(limit=100)
    [letter] = letters("".join(document.text for document in documents))
    assert {document.source for document in documents} == set(SETS[letter])
    assert total == len(SETS[letter]) == service.status()["documents"] == service.status()["passages"]
    for document in documents:
        assert service.original(document.id).read().decode() == SETS[letter][document.source]
        assert document.text in SETS[letter][document.source]
    for n in chance.sample(range(44), 2):
        answer = service.ask(f"2021年第{n}镇粮食总产量是多少吨？")
        assert letters(" ".join([answer.text, *(passage.citation.quote for passage in answer.passages)])) == {letter}
        for citation in [*answer.citations, *(passage.citation for passage in answer.passages)]:
            assert service.document(citation.document_id).text[citation.start:citation.end] == citation.quote
        if f"town{n:02}.md" in SETS[letter]:
            assert f"{letter}{n + 100}吨" in answer.passages[0].citation.quote
    return letter


def test_killed_at_any_moment_the_old_or_the_new_index_answers(tmp_path, folder, runner, lay_out, encoder):
    chance = random.Random(SEED)
    settings = Settings(home=tmp_path / "data", threshold=0)
    for now in "ABA":
        lay_out(folder, SETS[now])
        status, duration = runner.run()
        assert status == 0
        assert state(AnswerService.open(settings, encoder), chance) == now
    standing = AnswerService.open(settings, encoder)
    killed = 0
    while killed < MOMENTS:
        letter = "B" if now == "A" else "A"
        lay_out(folder, SETS[letter])
        status, took = runner.run(duration * chance.random())
        if status == 0:
            duration = took  # it came to its end before its moment, so the moments lay too far apart
        else:
            assert status == -signal.SIGKILL
            killed += 1
        before, now = now, state(AnswerService.open(settings, encoder), chance)
        assert now in (before, letter)
        standing.refresh()
        assert state(standing, chance) == now
    assert runner.run()[0] == 0
    assert state(AnswerService.open(settings, encoder), chance) == letter
    assert len(list((settings.home / "index").iterdir())) <= 4


def test_killed_in_the_first_run_there_is_no_index_or_a_whole_one(tmp_path, folder, runner, lay_out, encoder):
    chance = random.Random(SEED)
    settings = Settings(home=tmp_path / "data", threshold=0)
    lay_out(folder, SETS["A"])
    for moment in range(5):
        runner.run(moment * 0.1)
        if current_version(settings.home) is None:
            with pytest.raises(IndexUnavailable, match="python -m qa index"):
                AnswerService.open(settings, encoder)
        else:
            assert state(AnswerService.open(settings, encoder), chance) == "A"
    assert runner.run()[0] == 0
    assert state(AnswerService.open(settings, encoder), chance) == "A"
