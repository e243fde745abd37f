"""How a server stands being asked by many at once: errors, speed, and memory by the thousand.

    python -m benchmarks.load QUESTIONS     on the index that QA_HOME names, by a server of its own

Starts ``python -m qa serve`` with the settings of the environment and asks through ``POST /api/v1/ask`` with a key, so that all
that belongs to a call takes part: the key is checked and counted, the limit kept, the question recorded. First come the same
questions from 1, 8 and 32 clients, each beside as many calls of ``/healthz``, the peer; then, from 50 clients, 10,000 questions of
which no two are the same. Every reply is read, and where a question was asked before, its answer must be the same.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import urllib3

from benchmarks.speed import PERCENTILES
from qa.evaluation import read_questions
from qa.settings import Settings
from web.records.database import connect
from web.records.keys import ASK, Keys

# What people put around a question; it makes other questions of one, and leaves what is asked.
WORDED = ("{}", "请问{}", "您好，{}", "我想知道{}", "想了解一下，{}", "请问一下，{}", "麻烦问一下，{}", "你好，请问{}")
CLIENTS = (1, 8, 32)
MANY = 50
STEP = 1000  # questions between two looks at the processes
PLENTY = 1_000_000_000  # calls that the key may make
MB = 1e6
SPEEDS = ("| clients | | calls/s | " + " | ".join(f"p{each} ms" for each in PERCENTILES) + " | processor ms a call |\n|" + "---|" * 7)
HOLDINGS = "| questions | resident MB, each process | share MB | open files | threads | share MB in all |\n|" + "---|" * 6


def worded(questions: Sequence[str], count: int) -> list[str]:
    """That many different questions in an order that is the same in each run."""
    asked = list(dict.fromkeys(form.format(question) for form in WORDED for question in questions))
    random.Random(0).shuffle(asked)
    if len(asked) < count:
        raise SystemExit(f"{len(questions)} questions make only {len(asked)} different ones, not {count}")
    return asked[:count]


@contextmanager
def server(settings: Settings) -> Iterator[tuple[str, psutil.Process]]:
    """A server with these settings on a free port while it is used: its address, and its process."""
    environment = os.environ | settings.to_environment() | {"QA_PORT": "0", "PYTHONUNBUFFERED": "1"}
    with psutil.Popen([sys.executable, "-m", "qa", "serve"], env=environment, text=True,
                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            line = next(line for line in process.stdout if "http://" in line)
            yield line[line.index("http://"):].split()[0], process
        finally:
            process.terminate()


class Caller:
    """Calls a server from a number of clients, each on a connection that it keeps.

    :ivar outcomes: how often each status, or failure to get a reply, came, and how often an answer was not the one given before.
    """

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._headers = url, {"Authorization": f"Bearer {secret}"}
        self.answers: dict[str, str | None] = {}
        self.outcomes: Counter[str] = Counter()

    def ask(self, pool: urllib3.HTTPConnectionPool, question: str) -> None:
        """Ask one question."""
        reply = pool.request("POST", "/api/v1/ask", json={"question": question}, headers=self._headers)
        self.outcomes[str(reply.status)] += 1
        if reply.status == 200 and (text := reply.json()["answer"]) != self.answers.setdefault(question, text):
            self.outcomes["another answer"] += 1

    def ping(self, pool: urllib3.HTTPConnectionPool, _: str) -> None:
        """Call what has nothing to do."""
        self.outcomes[str(pool.request("GET", "/healthz").status)] += 1

    def run(self, call: Callable[[urllib3.HTTPConnectionPool, str], None], questions: Sequence[str], clients: int) -> np.ndarray:
        """Make a call for each question, so many at a time; milliseconds that each took."""
        def timed(question: str) -> float:
            begun = time.perf_counter()
            try:
                call(connections, question)
            except urllib3.exceptions.HTTPError as error:
                self.outcomes[type(error).__name__] += 1
            return 1000 * (time.perf_counter() - begun)

        connections = urllib3.connectionpool.connection_from_url(self._url, maxsize=clients, block=True, retries=False, timeout=60)
        with connections, ThreadPoolExecutor(clients) as pool:
            return np.array(list(pool.map(timed, questions)))


class Watch:
    """Time passing, for us and for a server's processors."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._wall, self._busy = time.perf_counter(), self._spent()

    def figures(self, times: np.ndarray) -> tuple[float, ...]:
        """What was done since the watch was made: calls a second, percentiles in ms, and processor ms a call."""
        wall, busy = time.perf_counter() - self._wall, self._spent() - self._busy
        return len(times) / wall, *np.percentile(times, PERCENTILES).tolist(), 1000 * busy / len(times)

    def row(self, name: str, times: np.ndarray) -> str:
        """The same as a row of :data:`SPEEDS`."""
        return f"| {name} | " + " | ".join(f"{figure:.1f}" for figure in self.figures(times)) + " |"

    def _spent(self) -> float:
        """Seconds that the processors gave to the server."""
        return sum(sum(each.cpu_times()[:2]) for each in family(self._process))


def family(process: psutil.Process) -> list[psutil.Process]:
    """A process and its children, the first one first."""
    return [process, *sorted(process.children(), key=lambda child: child.pid)]


@dataclass(frozen=True, slots=True)
class Look:
    """What the processes of a server hold after a number of questions; a value a process, the first one's first.

    :ivar resident, share: MB of memory that each has mapped, and its share of that, pages being divided among those who map them.
    :ivar files, threads: open file descriptors, and threads.
    """

    asked: int
    resident: tuple[float, ...]
    share: tuple[float, ...]
    files: tuple[int, ...]
    threads: tuple[int, ...]

    @classmethod
    def at(cls, process: psutil.Process, asked: int) -> "Look":
        """A look at a process and its children now."""
        every = family(process)
        memory = [each.memory_full_info() for each in every]
        return cls(asked, tuple(each.rss / MB for each in memory), tuple(each.pss / MB for each in memory),
                   tuple(each.num_fds() for each in every), tuple(each.num_threads() for each in every))

    def row(self) -> str:
        """A row of :data:`HOLDINGS`."""
        cells = (", ".join(f"{value:.0f}" for value in values) for values in (self.resident, self.share, self.files, self.threads))
        return f"| {self.asked} | {' | '.join(cells)} | {sum(self.share):.0f} |"


def slope(looks: Sequence[Look]) -> float:
    """MB by which all processes together grew with a thousand questions, by least squares."""
    return float(np.polyfit([look.asked for look in looks], [sum(look.share) for look in looks], 1)[0] * 1000)


def speeds(caller: Caller, process: psutil.Process, questions: Sequence[str]) -> None:
    """Print how fast the same questions are answered to a few clients and to many, each beside the peer."""
    print(SPEEDS)
    for clients in CLIENTS:
        for name, call in (("/healthz", caller.ping), ("questions", caller.ask)):
            watch = Watch(process)
            print(watch.row(f"{clients} | {name}", caller.run(call, questions, clients)), flush=True)


def steadiness(caller: Caller, process: psutil.Process, questions: Sequence[str]) -> None:
    """Print what the server's processes hold at each thousand questions, and how fast all of them were answered."""
    print(f"\n{HOLDINGS}")
    looks, times, watch = [Look.at(process, 0)], [], Watch(process)
    for first in range(0, len(questions), STEP):
        print(looks[-1].row(), flush=True)
        times.append(caller.run(caller.ask, questions[first:first + STEP], MANY))
        looks.append(Look.at(process, first + len(times[-1])))
    print(looks[-1].row())
    full = looks[(len(looks) - 1) // 2:]
    print(f"\nFrom {full[0].asked} questions on all processes together grow by {slope(full):+.2f} MB a thousand.\n\n{SPEEDS}")
    print(watch.row(f"{MANY} | questions, none twice", np.concatenate(times)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print tables.

    :returns: 1 where a call failed or an answer changed, else 0.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=10_000, help="different questions that are asked")
    parser.add_argument("--few", type=int, default=500, help="of these, how many are asked from each number of clients before")
    given = parser.parse_args(arguments)
    questions = worded([each["question"] for path in given.questions for each in read_questions(path)], given.count)
    settings = Settings.from_environment()
    keys = Keys(connect(settings.home, settings.database_url))
    key, secret = keys.create("benchmarks.load", (ASK,), PLENTY, PLENTY)
    try:
        with server(settings) as (url, process):
            caller = Caller(url, secret)
            caller.run(caller.ask, questions[-MANY:], MANY)
            speeds(caller, process, questions[:given.few])
            steadiness(caller, process, questions)
    finally:
        keys.revoke(key.id)
    answered = sum(text is not None for text in caller.answers.values())
    print(f"\nWorkers: {settings.workers}, of {settings.threads} threads. Answered: {answered} of {len(caller.answers)}."
          f" Outcomes: {dict(caller.outcomes)}.")
    return int(set(caller.outcomes) != {"200"})


if __name__ == "__main__":
    sys.exit(main())
