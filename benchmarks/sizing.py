"""What machines so many passages and questions take, reckoned from what was measured and simulated: the tables of docs/deploy.md.

    python -m benchmarks.sizing     writes them, of the figures in benchmarks/sizing.toml
"""

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.simulation import Cluster, Lognormal, Outcome, Simulation

ROOT = Path(__file__).resolve().parent.parent
FIGURES, DOCUMENT = ROOT / "benchmarks" / "sizing.toml", ROOT / "docs" / "deploy.md"
PERCENTILES = (50, 95, 99)
QUESTIONS = 5000  # in each run of the simulation

DIMENSION = 512  # of the model that ships
LINKS = 2 * 18 * 4  # bytes that a vector's neighbours take in Milvus' HNSW: twice M of 18, as 32-bit numbers
POSTING = 8  # bytes of a term in a sparse vector: its number and its weight
FIELDS = 120  # bytes of what else Milvus holds of a passage: ids, place, issuer, year, generations
PART = 1_000_000  # passages that are searched by one thread
NODE_GB, FILLED = 64, 0.7  # memory of a query node, and the share of it that is used
NODE_CORES, HOST_CORES, THREADS = 16, 8, 64
UTILISATION = 0.6  # of processors, above which waiting grows
NETWORK = 0.03  # seconds that looking up how many passages hold a term takes, in three calls

MACHINE = {"passages": "passages", "index_mb": "index MB", "library_mb": "library MB", "indexing_s": "indexing s", "first_worker_mb": "first process MB",
           "further_worker_mb": "each further MB", "search_p50_ms": "search p50 ms", "search_p95_ms": "p95", "answer_p50_ms": "answer p50 ms",
           "answer_p95_ms": "p95", "answers_per_second": "answers/s"}


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; numbers of a thousand and more with commas."""
    def cell(value: object) -> str:
        return value if isinstance(value, str) else f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"

    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *([cell(each) for each in row] for row in rows)))


def machines(figures: Mapping) -> str:
    """What one machine was measured to do."""
    named = {key: head for key, head in MACHINE.items() if any(key in each for each in figures["machine"])}
    return table(list(named.values()), ([each.get(key, "") for key in named] for each in figures["machine"]))


@dataclass(frozen=True, slots=True)
class Need:
    """A line of what a cluster needs.

    :ivar arithmetic: how the amount comes about, for people.
    """

    what: str
    arithmetic: str
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class Demand:
    """What a number of passages, and a question, take, from the figures."""

    figures: Mapping

    @property
    def passages(self) -> int:
        """That the cluster holds."""
        return self.figures["cluster"]["passages"]

    @property
    def parts(self) -> int:
        """That the passages are searched in."""
        return math.ceil(self.passages / PART)

    @property
    def search(self) -> Lognormal:
        """Of one part: the measured time in proportion to the passages."""
        measured = self.figures["searching"]
        return Lognormal(measured["p50_ms"] / 1000 * PART / measured["passages"], measured["p95_ms"] / measured["p50_ms"])

    @property
    def reading(self) -> Lognormal:
        """Of one question."""
        return Lognormal.of_mean(self.figures["reading"]["processor_ms"] / 1000, self.figures["reading"]["spread"])

    def bytes_of(self, part: str) -> float:
        """That a passage takes in one part of what was measured."""
        return self.figures["corpus"][f"{part}_mb"] * 1e6 / self.figures["corpus"]["passages"]

    @property
    def in_memory(self) -> int:
        """Bytes that a passage takes in Milvus' query nodes."""
        return 4 * DIMENSION + LINKS + POSTING * self.figures["corpus"]["postings"] + FIELDS

    def cluster(self, rate: float) -> Cluster:
        """Enough of everything for so many questions a second, and two of everything at least."""
        hosts = math.ceil(rate * self.reading.mean / UTILISATION / HOST_CORES)
        copies = math.ceil(rate * self.parts * self.search.mean / UTILISATION / (self.nodes * NODE_CORES))
        return Cluster(max(2, hosts), HOST_CORES, THREADS, self.nodes, max(2, copies), NODE_CORES, math.ceil(self.parts / self.nodes), NETWORK)

    @property
    def nodes(self) -> int:
        """Query nodes that hold all passages once."""
        return math.ceil(self.passages * self.in_memory / (NODE_GB * 1e9 * FILLED))


def needs(demand: Demand) -> list[Need]:
    """What the passages take, line by line."""
    n, corpus = demand.passages, demand.figures["corpus"]
    seconds = corpus["indexing_processor_s"] / corpus["passages"]
    disk = [(name, demand.bytes_of(part)) for name, part in (("text, as files", "text"), ("library in PostgreSQL", "library"),
                                                             ("original files", "originals"), ("for comparison, a local index", "index"))]
    memory = demand.in_memory
    return [
        *(Need(name, f"{each:,.0f} B × {n / 1e6:,.0f} M", each * n / 1e9, "GB") for name, each in disk),
        Need("a passage in Milvus", f"vector 4 × {DIMENSION}, links {LINKS}, terms {POSTING} × {corpus['postings']}, fields {FIELDS}", memory, "B"),
        Need("Milvus, one copy", f"{memory:,} B × {n / 1e6:,.0f} M", memory * n / 1e9, "GB"),
        Need("query nodes, one copy", f"{memory * n / 1e9:,.0f} GB / ({NODE_GB} GB × {FILLED})", demand.nodes, f"of {NODE_CORES} cores"),
        Need("search of a question, by all nodes", f"{demand.parts} parts × {1000 * demand.search.mean:.1f} ms", demand.parts * demand.search.mean, "s of a core"),
        Need("reading of a question, by a host", "measured", demand.reading.mean, "s of a core"),
        Need("indexing, 100 cores", f"{1000 * seconds:.2f} ms × {n / 1e6:,.0f} M / 100", seconds * n / 100 / 3600, "hours")]


def extrapolation(figures: Mapping) -> str:
    """What the cluster's passages take."""
    return table(["what", "arithmetic", "amount"], ([need.what, need.arithmetic, f"{_short(need.amount)} {need.unit}"] for need in needs(Demand(figures))))


def validation(figures: Mapping) -> str:
    """What clients were measured to get from one machine, beside what the simulation gives."""
    rows = []
    for load in figures["load"]:
        demand = Lognormal.of_mean(load["processor_ms"] / 1000, figures["reading"]["spread"])
        outcome = Simulation(Cluster(hosts=1, processors=2, threads=16), Lognormal(1, 2), demand).of_clients(load["clients"], QUESTIONS)
        rows += [[load["clients"], "measured", load["rate"], *(load[f"p{each}_ms"] for each in PERCENTILES)],
                 ["", "simulated", outcome.rate, *_percentiles(outcome)]]
    return table(["clients", "", "answers/s", *(f"p{each} ms" for each in PERCENTILES)], rows)


def simulation(figures: Mapping) -> str:
    """What the cluster answers, at each rate of questions with as many machines as it asks for."""
    demand, rows = Demand(figures), []
    for rate in figures["cluster"]["rates"]:
        cluster = demand.cluster(rate)
        outcome = Simulation(cluster, demand.search, demand.reading).at_rate(rate, QUESTIONS)
        rows.append([rate, cluster.hosts, f"{cluster.copies} × {cluster.nodes}", *_percentiles(outcome), f"{outcome.nodes:.0%}", f"{outcome.hosts:.0%}"])
    return table(["questions/s", f"hosts of {HOST_CORES} cores", f"query nodes of {NODE_CORES}", *(f"p{each} ms" for each in PERCENTILES),
                  "nodes busy", "hosts busy"], rows)


def _percentiles(outcome: Outcome) -> list[float]:
    return [float(each) for each in 1000 * np.percentile(outcome.latencies, PERCENTILES)]


def _short(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 10 else f"{amount:.2g}"


TABLES = {each.__name__: each for each in (machines, extrapolation, validation, simulation)}


def fill(document: str, figures: Mapping, names: Iterable[str] = TABLES) -> str:
    """A document with these tables made anew; each stands under a comment with its name."""
    made = {name: TABLES[name](figures) for name in names}
    return re.sub(rf"<!-- ({'|'.join(made)}) -->\n(\|.*\n)*", lambda found: f"<!-- {found[1]} -->\n{made[found[1]]}\n", document)


def main() -> None:
    """Write the tables."""
    figures = tomllib.loads(FIGURES.read_text(encoding="utf-8"))
    DOCUMENT.write_text(fill(DOCUMENT.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main()
