"""Questions on a cluster, as a discrete-event simulation with the times that one machine was measured to take.

A question goes to the next host in turn and takes a thread there until it is answered. It is searched for at once in all parts of the index,
those of a node on the copy of it that is free first, and waits for the slowest. Then the host's processors read it, which all
questions that are there share evenly.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace
from itertools import count, cycle
from typing import Protocol

import numpy as np
import simpy

Z95 = 1.6448536269514722  # quantile of the standard normal distribution
WARM_UP = 0.1  # share of the questions that do not count


class Times(Protocol):
    """A distribution of times in seconds."""

    def draw(self, random: np.random.Generator, size: int | tuple[int, ...]) -> np.ndarray:
        """So many times, independent of each other."""


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Times whose logarithms are normal.

    :ivar median: in seconds.
    :ivar spread: the 95th percentile, divided by the median.
    """

    median: float
    spread: float

    @classmethod
    def of_mean(cls, mean: float, spread: float) -> "Lognormal":
        """The one with this mean, in seconds."""
        return cls(mean / cls(1, spread).mean, spread)

    def draw(self, random: np.random.Generator, size: int | tuple[int, ...]) -> np.ndarray:
        """As :meth:`Times.draw`."""
        return random.lognormal(math.log(self.median), self._sigma, size)

    @property
    def mean(self) -> float:
        """In seconds."""
        return self.median * math.exp(self._sigma ** 2 / 2)

    @property
    def _sigma(self) -> float:
        return math.log(self.spread) / Z95


@dataclass(frozen=True, slots=True)
class Cluster:
    """What there is to answer with.

    :ivar hosts, processors, threads: machines that answer, and of each the processors and the threads.
    :ivar nodes, copies: query nodes that hold the index together, and how many there are of each.
    :ivar cores, parts: searches that a node makes at a time, and those that it makes for a question.
    :ivar network: seconds that calls take before the search and on the way, on no processor of these.
    """

    hosts: int
    processors: int
    threads: int
    nodes: int = 0
    copies: int = 1
    cores: int = 1
    parts: int = 1
    network: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the questions.

    :ivar latencies: seconds that each took, but for the first ones.
    :ivar rate: questions answered a second.
    :ivar nodes, hosts: share of their time in which the query nodes' cores, and the hosts' processors, were at work.
    """

    latencies: np.ndarray
    rate: float
    nodes: float
    hosts: float


class Node:
    """A query node, which takes searches in their order.

    :ivar busy: seconds of all its cores in which they worked.
    """

    def __init__(self, cores: int) -> None:
        self._free = [0.0] * cores  # when each will be, as a heap
        self.busy = 0.0

    @property
    def free(self) -> float:
        """When it could take another search."""
        return self._free[0]

    def search(self, now: float, seconds: float) -> float:
        """When a search will be done that comes now."""
        done = max(now, self._free[0]) + seconds
        heapreplace(self._free, done)
        self.busy += seconds
        return done


class Host:
    """A machine whose processors its questions share evenly, each on one of them at most.

    :ivar threads: taken by questions; those beyond wait in their order.
    :ivar busy: seconds of all its processors in which they worked.
    """

    def __init__(self, env: simpy.Environment, processors: int, threads: int) -> None:
        self.threads = simpy.Resource(env, threads)
        self.busy = 0.0
        self._env, self._processors = env, processors
        self._given, self._since = 0.0, 0.0  # seconds given to each question since the beginning, and when that was
        self._reading: list[tuple[float, int, simpy.Event]] = []  # what was given when it will be done, as a heap
        self._ties, self._plan = count(), 0

    def read(self, seconds: float) -> simpy.Event:
        """Happens when one question has been given so many seconds of a processor."""
        self._pass()
        done = self._env.event()
        heappush(self._reading, (self._given + seconds, next(self._ties), done))
        self._look_ahead()
        return done

    @property
    def _speed(self) -> float:
        return min(1.0, self._processors / len(self._reading))

    def _pass(self) -> None:
        if self._reading:
            passed = self._env.now - self._since
            self._given += passed * self._speed
            self.busy += passed * min(len(self._reading), self._processors)
        self._since = self._env.now

    def _look_ahead(self) -> None:
        self._plan += 1  # what was planned before does not come about
        if self._reading:
            next_done = self._env.timeout(max(0.0, self._reading[0][0] - self._given) / self._speed, self._plan)
            next_done.callbacks.append(self._finish)

    def _finish(self, planned: simpy.Event) -> None:
        if planned.value == self._plan:
            self._pass()
            heappop(self._reading)[2].succeed()
            self._look_ahead()


class Simulation:
    """One run of a cluster.

    :param search: of one part of the index.
    :param reading: of a question, all that a host's processors do.
    """

    def __init__(self, cluster: Cluster, search: Times, reading: Times, seed: int = 0) -> None:
        self._env = simpy.Environment()
        self._cluster, self._search, self._reading = cluster, search, reading
        self._random = np.random.default_rng(seed)
        self._hosts = [Host(self._env, cluster.processors, cluster.threads) for _ in range(cluster.hosts)]
        self._turn = cycle(self._hosts)
        self._nodes = [[Node(cluster.cores) for _ in range(cluster.copies)] for _ in range(cluster.nodes)]
        self._latencies: list[float] = []

    def at_rate(self, rate: float, questions: int) -> Outcome:
        """So many questions, which come by themselves, so many a second on average."""
        def arrivals() -> Iterator[simpy.Event]:
            for gap in self._random.exponential(1 / rate, questions):
                yield self._env.timeout(gap)
                self._env.process(self._question())

        self._env.process(arrivals())
        return self._run()

    def of_clients(self, clients: int, questions: int) -> Outcome:
        """So many questions by clients each of which asks anew when it has its answer."""
        left = count()

        def client() -> Iterator[simpy.Event]:
            while next(left) < questions:
                yield self._env.process(self._question())

        for _ in range(clients):
            self._env.process(client())
        return self._run()

    def _question(self) -> Iterator[simpy.Event]:
        begun, host = self._env.now, next(self._turn)
        with host.threads.request() as thread:
            yield thread
            yield self._env.timeout(self._slowest())
            yield host.read(self._reading.draw(self._random, 1)[0])
        self._latencies.append(self._env.now - begun)

    def _slowest(self) -> float:
        """Seconds until all parts have been searched."""
        now = done = self._env.now
        for copies, times in zip(self._nodes, self._search.draw(self._random, (len(self._nodes), self._cluster.parts))):
            node = min(copies, key=lambda copy: copy.free)
            done = max(done, *(node.search(now, seconds) for seconds in times))
        return done - now + self._cluster.network

    def _run(self) -> Outcome:
        self._env.run()
        nodes = [node for copies in self._nodes for node in copies]
        whole = self._env.now
        return Outcome(
            np.array(self._latencies[int(WARM_UP * len(self._latencies)):]), len(self._latencies) / whole,
            sum(node.busy for node in nodes) / (whole * self._cluster.cores * len(nodes)) if nodes else 0.0,
            sum(host.busy for host in self._hosts) / (whole * self._cluster.processors * len(self._hosts)))
