"""The simulation of a cluster gives what queueing theory knows."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks.simulation import Cluster, Lognormal, Simulation

QUESTIONS = 30_000


@dataclass(frozen=True)
class Exponential:
    mean: float

    def draw(self, random, size):
        return random.exponential(self.mean, size)


@dataclass(frozen=True)
class Always:
    seconds: float

    def draw(self, random, size):
        return np.full(size, self.seconds)


NOTHING = Always(0.0)


def searching(nodes=1, copies=1, cores=1, parts=1):
    """A cluster whose hosts are no bottleneck."""
    return Cluster(hosts=1, processors=10_000, threads=10_000, nodes=nodes, copies=copies, cores=cores, parts=parts)


def reading(processors, threads=10_000):
    """A cluster that has nothing to search."""
    return Cluster(hosts=1, processors=processors, threads=threads)


def erlang_c(servers, load):
    """The chance that who comes must wait, in M/M/c; Erlang 1917."""
    last = load ** servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load ** k / math.factorial(k) for k in range(servers)) + last)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (4, 3.0), (16, 13.0)])
def test_a_node_is_m_m_c(servers, load):
    outcome = Simulation(searching(cores=servers), Exponential(1.0), NOTHING).at_rate(load, QUESTIONS)
    assert outcome.latencies.mean() == pytest.approx(1 + erlang_c(servers, load) / (servers - load), rel=0.08)
    assert outcome.nodes == pytest.approx(load / servers, rel=0.03)


def test_the_time_in_m_m_1_is_exponential():
    times = Simulation(searching(), Exponential(1.0), NOTHING).at_rate(0.5, QUESTIONS).latencies
    assert np.percentile(times, [50, 95, 99]) == pytest.approx(2 * np.log([2, 20, 100]), rel=0.08)


@pytest.mark.parametrize("demand", [Always(1.0), Lognormal.of_mean(1.0, 3.0)])
def test_shared_processors_are_insensitive_to_the_distribution(demand):
    outcome = Simulation(reading(1), NOTHING, demand).at_rate(0.6, QUESTIONS)
    assert outcome.latencies.mean() == pytest.approx(1 / (1 - 0.6), rel=0.08)  # M/G/1 with processor sharing, Kleinrock 1967
    assert outcome.hosts == pytest.approx(0.6, rel=0.03)


def test_several_shared_processors_wait_as_m_m_c_does():
    outcome = Simulation(reading(4), NOTHING, Exponential(1.0)).at_rate(3.0, QUESTIONS)
    assert outcome.latencies.mean() == pytest.approx(1 + erlang_c(4, 3.0), rel=0.08)


@pytest.mark.parametrize(("nodes", "parts"), [(50, 1), (5, 10)])
def test_the_slowest_of_many_searches_is_waited_for(nodes, parts):
    outcome = Simulation(searching(nodes, cores=100, parts=parts), Exponential(1.0), NOTHING).at_rate(0.1, 4000)
    assert outcome.latencies.mean() == pytest.approx(sum(1 / k for k in range(1, 51)), rel=0.03)


def test_a_node_searches_its_parts_on_all_its_cores():
    outcome = Simulation(searching(cores=4, parts=10), Always(1.0), NOTHING).at_rate(1e-6, 100)
    assert outcome.latencies == pytest.approx(3.0)


def test_copies_share_the_searches():
    one, two = (Simulation(searching(8, copies), Exponential(1.0), NOTHING).at_rate(0.8, 5000) for copies in (1, 2))
    assert two.nodes == pytest.approx(one.nodes / 2, rel=0.05)
    assert two.latencies.mean() < one.latencies.mean() / 2


@pytest.mark.parametrize("clients", [8, 32])
def test_clients_who_ask_on_keep_all_processors_busy(clients):
    outcome = Simulation(reading(2, threads=16), NOTHING, Exponential(0.1)).of_clients(clients, 10_000)
    assert outcome.rate == pytest.approx(2 / 0.1, rel=0.03)
    assert outcome.latencies.mean() == pytest.approx(clients / outcome.rate, rel=0.03)  # Little 1961
    assert outcome.hosts == pytest.approx(1, rel=0.01)


def test_a_lognormal_has_the_percentiles_or_the_mean_that_were_measured():
    drawn = Lognormal(0.09, 3.0).draw(np.random.default_rng(0), 200_000)
    assert np.percentile(drawn, [50, 95]) == pytest.approx([0.09, 0.27], rel=0.02)
    assert Lognormal.of_mean(0.13, 3.0).draw(np.random.default_rng(0), 200_000).mean() == pytest.approx(0.13, rel=0.02)


def test_the_same_seed_gives_the_same_run():
    runs = [Simulation(searching(4), Exponential(1.0), Exponential(0.1), seed=7).at_rate(0.5, 500).latencies for _ in range(2)]
    assert np.array_equal(*runs)
