"""The tables of docs/deploy.md are those that the figures give."""

import tomllib

import pytest

from benchmarks import sizing

FIGURES = tomllib.loads(sizing.FIGURES.read_text(encoding="utf-8"))
DOCUMENT = sizing.DOCUMENT.read_text(encoding="utf-8")


def test_the_document_has_the_tables_of_the_figures():
    assert sizing.fill(DOCUMENT, FIGURES, ["machines", "extrapolation"]) == DOCUMENT
    assert all(f"<!-- {name} -->\n|" in DOCUMENT for name in sizing.TABLES)


def test_what_is_reckoned_grows_with_the_passages():
    def amounts(passages):
        return {need.what: need.amount for need in sizing.needs(sizing.Demand(FIGURES | {"cluster": {"passages": passages, "rates": []}}))}

    few, many = amounts(10_000_000), amounts(100_000_000)
    for what in ("text, as files", "Milvus, one copy", "search of a question, by all nodes"):
        assert many[what] == pytest.approx(10 * few[what])
    assert many["reading of a question, by a host"] == few["reading of a question, by a host"]


@pytest.mark.parametrize("rate", FIGURES["cluster"]["rates"])
def test_a_cluster_is_large_enough_and_has_two_of_everything(rate):
    demand = sizing.Demand(FIGURES)
    cluster = demand.cluster(rate)
    searching = rate * demand.parts * demand.search.mean / (cluster.nodes * cluster.copies * cluster.cores)
    reading = rate * demand.reading.mean / (cluster.hosts * cluster.processors)
    assert searching <= sizing.UTILISATION and reading <= sizing.UTILISATION
    assert min(cluster.hosts, cluster.copies) >= 2
    assert cluster.nodes * cluster.parts >= demand.parts
    assert demand.passages * demand.in_memory <= cluster.nodes * sizing.NODE_GB * 1e9 * sizing.FILLED


def test_the_simulation_gives_what_was_measured():
    rows = [row.split("|")[1:-1] for row in sizing.validation(FIGURES).splitlines()[2:]]
    for measured, simulated in zip(rows[::2], rows[1::2]):
        numbers = [[float(cell.replace(",", "")) for cell in row[2:4]] for row in (measured, simulated)]
        assert numbers[1] == pytest.approx(numbers[0], rel=0.3)  # answers a second, and the median
