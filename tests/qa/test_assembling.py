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
from qa.assembling import assemble

ROOT = Path(__file__).resolve().parents[2]
COUNT = 40


def found(count=COUNT):
    """Passages as the library gives them."""
    for number in range(count):
        text = f"2021年第{number}镇粮食总产量{number}吨。"
        yield number, Passage("d", 0, len(text), text, (f"第{number}章",)), Metadata("统计公报", region="云溪市")


@pytest.fixture
def spread(monkeypatch):
    """Makes few passages many, for two processes."""
    monkeypatch.setattr(assembling, "MANY", 1)
    monkeypatch.setattr(assembling, "BATCH", 4)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def test_several_processes_make_what_one_makes(monkeypatch, spread):
    encoder, told = load_encoder(), []
    ids = np.arange(COUNT)
    many = assemble(ids, found(), encoder, told.append)
    assert told == list(range(4, COUNT + 1, 4))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    one = assemble(ids, found(), encoder, told.append)
    assert told[COUNT // 4:] == told[:COUNT // 4]
    assert many.passage_ids.tolist() == one.passage_ids.tolist() == ids.tolist()
    for name in one.postings.ARRAYS:
        np.testing.assert_array_equal(getattr(many.postings, name), getattr(one.postings, name))
    np.testing.assert_array_equal(many.vectors.codes, one.vectors.codes)
    np.testing.assert_array_equal(many.vectors.scales, one.vectors.scales)
    assert multiprocessing.active_children() == []


MAKER = """
import os, sys
from qa import assembling
from tests.qa.test_assembling import found
import numpy as np
from embeddings.encoder import load_encoder

if __name__ == "__main__":
    assembling.MANY, assembling.BATCH = 1, 4
    os.sched_getaffinity = lambda _: {0, 1}
    assembling.assemble(np.arange(10**6), found(10**6), load_encoder(), lambda count: print(os.getpid(), flush=True))
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
