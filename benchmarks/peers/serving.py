"""Whole answers of ours: over HTTP from a server of its own, and on the command line."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.load import CLIENTS, MB, Caller, Watch, family, server, worded
from benchmarks.peers.asking import ONE_THREAD, starts
from benchmarks.speed import PERCENTILES
from qa.settings import Settings

ANSWERS = {1: 100, 8: 250, 32: 250}  # questions by clients, none twice
WORKERS = 2
FIGURES = ("answers_a_second", *(f"p{percentile}" for percentile in PERCENTILES), "cpu_ms")


def served(home: Path, questions: Sequence[str]) -> dict:
    """What a server of two workers on a home does.

    :returns: ``ready_s``, seconds from its start to the first answer; :data:`FIGURES` by number of ``clients``; memory of each
        ``process``, the first one first, in MB: ``rss``, ``uss`` (its own alone) and ``pss`` (with its share of what several map).
    """
    pending = iter(worded(questions, 1 + WORKERS * 10 + sum(ANSWERS.values())))
    begun = time.perf_counter()
    with server(replace(Settings.from_environment(), home=home, workers=WORKERS)) as (url, process):
        caller = Caller(url, "")
        caller.run(caller.ask, [next(pending)], 1)
        figures: dict = {"workers": WORKERS, "ready_s": time.perf_counter() - begun, "clients": {}}
        caller.run(caller.ask, [next(pending) for _ in range(WORKERS * 10)], WORKERS)
        for clients in CLIENTS:
            asked = [next(pending) for _ in range(ANSWERS[clients])]
            watch = Watch(process)
            figures["clients"][str(clients)] = dict(zip(FIGURES, watch.figures(caller.run(caller.ask, asked, clients))))
        memory = [each.memory_full_info() for each in family(process)]
        figures["processes"] = [{kind: getattr(each, kind) / MB for kind in ("rss", "uss", "pss")} for each in memory]
        if set(caller.outcomes) != {"200"}:
            raise RuntimeError(f"not every question was answered: {dict(caller.outcomes)}")
    return figures


def cold_ask(home: Path, question: str) -> float:
    """Seconds that ``python -m qa ask`` takes from its start to its end; see :func:`benchmarks.peers.asking.starts`."""
    def start() -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "qa", "ask", question], env=os.environ | ONE_THREAD | {"QA_HOME": str(home)},
                       stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - begun

    return starts(start)
