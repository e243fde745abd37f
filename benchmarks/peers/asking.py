"""Sides in processes of their own, asked in turn, so that what else the machine does falls on all of them alike."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
import psutil

from benchmarks.load import MB, family
from benchmarks.peers.corpus import Corpus
from benchmarks.recall import is_right
from benchmarks.sets import MAKERS, ROOT, digest
from benchmarks.speed import PERCENTILES
from qa.evaluation import normalize

OURS = "ours"
PEERS = ROOT / ".venv-bench" / "bin" / "python"
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS", "NUMBA", "RAYON")} | {"TOKENIZERS_PARALLELISM": "false"}
OFFLINE = {"HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False"}
MADE_BY = ("corpus/**/*.py", *MAKERS)
MEMORY = ("rss_mb", "uss_mb", "peak_mb")
BLOCK = 20  # questions that a side is asked before it is another's turn
WATCH = 0.2  # seconds between two looks at a process
COLD = 3  # starts that are timed, at most
ENOUGH = 20.0  # seconds after which no further start is timed


def _command(side: str, corpus: Corpus, verb: str) -> list[str]:
    python = sys.executable if side == OURS else str(PEERS)
    return [python, "-m", "benchmarks.peers.process", side, str(corpus.folder), verb]


def record(side: str, corpus: Corpus) -> Path:
    """The file that says what making a side's index took."""
    return corpus.folder / f"{side}.json"


def built(side: str, corpus: Corpus) -> dict:
    """What making a side's index took, as :func:`benchmarks.peers.process.index` says, and ``peak_mb``, the memory of all its
    processes together at most; made unless it is there.

    Ours is made anew where our code has changed, the others where the passages or the versions of the peers have.
    """
    made_of = digest(*MADE_BY) if side == OURS else sha256(corpus.passages.read_bytes()).hexdigest()[:12] + digest("benchmarks/requirements.txt")
    path = record(side, corpus)
    if path.exists() and (known := json.loads(path.read_text("utf-8")))["of"] == made_of:
        return known
    path.unlink(missing_ok=True)
    with psutil.Popen(_command(side, corpus, "index"), cwd=ROOT, env=os.environ | OFFLINE, stdout=subprocess.PIPE, text=True) as process:
        peak = max(_watched(process))
        if process.wait():
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        known = json.loads(process.stdout.read()) | {"of": made_of, "peak_mb": peak}
    path.write_text(json.dumps(known), "utf-8")
    return known


def _watched(process: psutil.Popen) -> Iterator[float]:
    """MB that a process and those it started have, again and again until it ends."""
    while process.poll() is None:
        try:
            yield sum(each.memory_info().rss for each in family(process)) / MB
        except psutil.NoSuchProcess:  # one of them just ended
            continue
        time.sleep(WATCH)


class Asked:
    """A side that waits for questions in a process of its own, in one thread."""

    def __init__(self, side: str, corpus: Corpus) -> None:
        self._process = subprocess.Popen(_command(side, corpus, "search"), cwd=ROOT, env=os.environ | OFFLINE | ONE_THREAD, text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def __call__(self, questions: Sequence[str]) -> dict:
        """What :func:`benchmarks.peers.process.answer` says.

        :raises RuntimeError: the process has ended.
        """
        try:
            self._process.stdin.write(json.dumps({"questions": list(questions)}) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())
        except (OSError, ValueError) as error:
            raise RuntimeError(f"{self._process.args} ended with {self._process.poll()}") from error

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@contextmanager
def asked(side: str, corpus: Corpus) -> Iterator[Asked]:
    """A side while it is used."""
    one = Asked(side, corpus)
    try:
        yield one
    finally:
        one.close()


def cold(side: str, corpus: Corpus, question: str) -> float:
    """Seconds from the start of a side's process to its first answer; see :func:`starts`."""
    def start() -> float:
        begun = time.perf_counter()
        with asked(side, corpus) as one:
            one([question])
            return time.perf_counter() - begun

    return starts(start)


def starts(start: Callable[[], float]) -> float:
    """The median of what starts return, of as many as there is time for."""
    seconds = [start()]
    while len(seconds) < COLD and sum(seconds) < ENOUGH:
        seconds.append(start())
    return float(np.median(seconds))


def in_turn(sides: Mapping[str, Asked], questions: Sequence[str], few: Mapping[str, int]) -> dict[str, dict]:
    """Milliseconds of retrieval, on the wall and of the processors, and memory of each side, asked a block of questions in turn.

    :param few: of the sides that are too slow for all questions, how many they are asked. The first block warms up.
    """
    times: dict[str, list[float]] = {side: [] for side in sides}
    busy, last = dict.fromkeys(sides, 0.0), {}
    for number, start in enumerate(range(0, len(questions), BLOCK)):
        for side, one in sides.items():
            share = BLOCK * min(1.0, few.get(side, len(questions)) / len(questions))
            reply = one(questions[start:start + BLOCK][:max(1, round(share))])
            if number:
                times[side] += reply["ms"]
                busy[side] += reply["cpu_ms"]
            last[side] = {kind: reply[kind] for kind in MEMORY}
    return {side: last[side] | percentiles(times[side]) | {"questions": len(times[side]), "cpu": busy[side] / len(times[side])}
            for side in sides}


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """Percentiles of times, by ``p50`` and so on."""
    return {f"p{percentile}": float(value) for percentile, value in zip(PERCENTILES, np.percentile(times, PERCENTILES))}


def recall(one: Asked, corpus: Corpus, questions: Sequence[dict]) -> float:
    """For how many of the answerable questions a passage found is of the right file and holds a gold answer."""
    passages = list(corpus.lines())
    numbers = {passage["key"]: number for number, passage in enumerate(passages)}
    right = 0
    for question in questions:
        [keys] = one([question["question"]])["keys"]
        found = (passages[numbers.get(key, key)] for key in keys)
        right += any(is_right(passage["source"], normalize(passage["text"]), question) for passage in found)
    return right / len(questions)
