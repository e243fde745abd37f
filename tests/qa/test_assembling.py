"""Passages to a segment, in one process and in several."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from corpus.document import Metadata, Passage
from embeddings.encoder import load_encoder
from qa import assembling
from qa.assembling import segments

ROOT = Path(__file__).resolve().parents[2]
COUNT = 40


class Passages:
    """Passages as a snapshot gives them."""

    def iter_passages(self, ids):
        for number in map(int, ids):
            text = f"2021年第{number}镇粮食总产量{number}吨。"
            yield number, Passage("d", 0, len(text), text, (f"第{number}章",)), Metadata("统计公报", region="云溪市")


@pytest.fixture
def spread(monkeypatch):
    """Makes few passages many, for two processes and three segments."""
    monkeypatch.setattr(assembling, "MANY", 1)
    monkeypatch.setattr(assembling, "BATCH", 4)
    monkeypatch.setattr(assembling, "LARGEST", 16)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def assert_same(segment, other):
    assert segment.passage_ids.tolist() == other.passage_ids.tolist()
    for name in other.postings.ARRAYS:
        np.testing.assert_array_equal(getattr(segment.postings, name), getattr(other.postings, name))
    np.testing.assert_array_equal(segment.vectors.codes, other.vectors.codes)
    np.testing.assert_array_equal(segment.vectors.scales, other.vectors.scales)


def test_several_processes_make_what_one_makes(monkeypatch, spread):
    encoder, told = load_encoder(), []
    many = list(segments(np.arange(COUNT), Passages(), encoder, lambda done, total: told.append((done, total))))
    assert told == [(done, COUNT) for done in range(4, COUNT + 1, 4)]
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    one = list(segments(np.arange(COUNT), Passages(), encoder, lambda done, total: told.append((done, total))))
    assert told[COUNT // 4:] == told[:COUNT // 4]
    assert [ids for segment in many for ids in segment.passage_ids] == list(range(COUNT))
    for segment, other in zip(many, one, strict=True):
        assert_same(segment, other)
    assert multiprocessing.active_children() == []


def test_the_same_processes_work_for_all_segments(spread):
    working = set()
    for _ in segments(np.arange(COUNT), Passages(), load_encoder(), lambda done, total: working.update(multiprocessing.active_children())):
        pass
    assert len(working) == 2


def test_segments_that_are_finished_are_left_as_they_are(spread):
    first, second, third = segments(np.arange(COUNT), Passages(), load_encoder(), lambda done, total: None)
    told, asked = [], []

    def finished(ids):
        asked.append(ids.tolist())
        return second if ids[0] == 16 else None

    found = list(segments(np.arange(COUNT), Passages(), load_encoder(), lambda done, total: told.append(done), finished))
    assert asked == [list(range(16)), list(range(16, 32)), list(range(32, COUNT))]
    assert told == [4, 8, 12, 16, 36, 40]
    assert found[1] is second
    assert_same(found[0], first)
    assert_same(found[2], third)


def test_processes_end_where_the_rest_is_not_wanted(spread):
    wanted = segments(np.arange(10**6), Passages(), load_encoder(), lambda done, total: None)
    assert len(next(wanted)) == 16
    wanted.close()
    assert multiprocessing.active_children() == []


MAKER = """
import os, sys
from qa import assembling
from tests.qa.test_assembling import Passages
import numpy as np
from embeddings.encoder import load_encoder

if __name__ == "__main__":
    assembling.MANY, assembling.BATCH = 1, 4
    os.sched_getaffinity = lambda _: {0, 1}
    list(assembling.segments(np.arange(10**6), Passages(), load_encoder(), lambda done, total: print(os.getpid(), flush=True)))
"""


def test_processes_end_with_the_one_that_started_them(tmp_path):
    script = tmp_path / "maker.py"
    script.write_text(MAKER, encoding="utf-8")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}) as maker:
        assert int(maker.stdout.readline()) == maker.pid
        children = [int(pid) for pid in Path(f"/proc/{maker.pid}/task/{maker.pid}/children").read_text().split()]
        assert len(children) >= 2
        maker.send_signal(signal.SIGKILL)
    until = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < until:
        time.sleep(0.05)
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
