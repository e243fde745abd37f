"""One side in a process of its own: ``python -m benchmarks.peers.process SIDE FOLDER index|search``.

Runs in the environment of that side, so this file and those of the peers import nothing of ours. ``index`` prints what
the stages took. ``search`` takes a JSON object a line, ``{"questions": [...]}`` or ``{}``, and prints one: milliseconds a
question, the keys of the passages found, and the memory of the process.
"""

import json
import re
import resource
import shutil
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol

import psutil

SIDES = {"ours": "ours:Ours", "bm25s": "by_hand:BM25S", "txtai": "txtai:Txtai", "milvus-lite": "milvus:Milvus",
         "rank_bm25": "by_hand:RankBM25", "haystack": "haystack:Haystack"}
TOP = 10  # passages that a question gets
CANDIDATES = 100  # passages that each of two rankings hands to their fusion, as with ours
MB = 1e6


class Clock:
    """What stages take.

    :ivar stages: by name, seconds on the wall and of the processors, those of child processes that ended included.
    """

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}
        self._begun: tuple[str, float, float] | None = None

    def begin(self, name: str) -> None:
        """A stage begins, and the one before it ends."""
        self.end()
        self._begun = name, time.perf_counter(), _cpu()

    def end(self) -> None:
        """The stage that was begun last ends."""
        if self._begun:
            name, wall, cpu = self._begun
            self.stages[name] = {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu}
            self._begun = None


class Side(Protocol):
    """A way to find passages. Its texts are those of :func:`texts`; what it keeps lies in a folder of its own."""

    def index(self, corpus: Path, folder: Path, clock: Clock) -> None:
        """Make the index of a corpus."""

    def open(self, corpus: Path, folder: Path) -> None:
        """Take up what :meth:`index` made."""

    def search(self, question: str) -> Sequence[tuple[int | str, str]]:
        """The first :data:`TOP` passages: key and text of each, best first."""


def texts(corpus: Path) -> list[str]:
    """What is indexed of each passage, by its number, which is its key for the peers."""
    with (corpus / "passages.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line)["indexed"] for line in lines]


def side(name: str) -> Side:
    """A side by its name."""
    module, kind = SIDES[name].split(":")
    return getattr(import_module(f"benchmarks.peers.{module}"), kind)()


def _cpu() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MB


def _peak() -> int:
    """Bytes of memory that this process had at most; what getrusage says begins with the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def index(name: str, corpus: Path) -> dict:
    """Make a side's index anew: seconds by stage, and MB on disk."""
    folder, clock = corpus / name, Clock()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    side(name).index(corpus, folder, clock)
    clock.end()
    return {"stages": clock.stages, "disk_mb": _size(folder)}


def answer(asked: Side, questions: Sequence[str]) -> dict:
    """What comes of questions, one after another: milliseconds of each, and of the processors for all of them; keys; memory."""
    times, keys, cpu = [], [], time.process_time()
    for question in questions:
        begun = time.perf_counter()
        found = asked.search(question)
        times.append(1000 * (time.perf_counter() - begun))
        keys.append([key for key, _ in found])
    cpu = 1000 * (time.process_time() - cpu)
    memory = psutil.Process().memory_full_info()
    return {"ms": times, "cpu_ms": cpu, "keys": keys, "rss_mb": memory.rss / MB, "uss_mb": memory.uss / MB, "peak_mb": _peak() / MB}


def main() -> None:
    """Do one thing, or answer until the input ends."""
    name, corpus, verb = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    out, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no reply
    if verb == "index":
        print(json.dumps(index(name, corpus)), file=out)
        return
    asked = side(name)
    asked.open(corpus, corpus / name)
    for line in sys.stdin:
        print(json.dumps(answer(asked, json.loads(line).get("questions", ()))), file=out, flush=True)


if __name__ == "__main__":
    main()
