"""What was measured: a file that machines read, and tables for people."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.load import SPEEDS
from benchmarks.peers.asking import MEMORY, OURS
from benchmarks.peers.floor import GB
from benchmarks.sets import ROOT

STORED = Path(__file__).with_name("results.json")
HEAD = """# Beside the peers

Written by `python -m benchmarks.peers`; what is measured, and how, is in the [README of the benchmarks](../README.md#peers).

![Latency and memory against passages](../../docs/images/peers.svg)
"""
CACHED = ("Indexes are kept: these are the figures of when each was made, perhaps on a busier machine than that above. Compare the"
          " seconds of the processors.")
SEARCH = ("side", "questions", "p50 ms", "p95 ms", "p99 ms", "processor ms", "p50 to ours", "RSS MB", "USS MB", "peak MB", "cold start s")
INDEX = ("side", "seconds by stage, wall (processor)", "seconds", "disk MB", "times the text", "peak MB")
PROCESSES = ("process", "RSS MB", "USS MB", "PSS MB")


def machine() -> dict:
    """Where and with what something is measured."""
    models = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if line.startswith("model name")]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    return {"processor": models[0] if models else platform.machine(), "cores": len(os.sched_getaffinity(0)),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GB), "python": platform.python_version(),
            "commit": commit, "measured": datetime.now(UTC).isoformat(timespec="minutes"), "load": os.getloadavg()[0]}


def load(path: Path) -> dict:
    """What was measured before; the sizes and sets that are measured again take the place of their earlier figures."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {"sizes": {}, "recall": {}}


def save(results: Mapping, path: Path) -> None:
    """Write what was measured."""
    path.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")


def markdown(results: Mapping) -> str:
    """All figures as tables."""
    return "\n\n".join([HEAD.rstrip(), *_tables(results)]) + "\n"


def _tables(results: Mapping) -> Iterator[str]:
    for size in sorted(results["sizes"].values(), key=lambda size: size["passages"]):
        yield f"## {size['passages']:,} passages\n\n{_where(size['machine'])}"
        yield _table(SEARCH, _search(size["sides"]))
        yield CACHED
        yield _table(INDEX, _index(size["sides"], size["text_mb"]))
        yield _limit(size)
        if "answers" in size:
            yield from _answers(size["answers"])
    if results["recall"]:
        names = list(results["recall"])
        sides = {side: None for one in results["recall"].values() for side in one["sides"]}
        yield "## Recall at 10"
        yield _table(["side", *(f"{name}, {results['recall'][name]['questions']} questions" for name in names)],
                     ([side, *(f"{results['recall'][name]['sides'][side]:.3f}" for name in names)] for side in sides))


def _where(machine: Mapping) -> str:
    return (f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gb']} GB, Python {machine['python']}, at"
            f" {machine['commit']}, {machine['measured']}, beside a load of {machine['load']:.1f}")


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [list(head), *(list(map(str, row)) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _search(sides: Mapping[str, Mapping]) -> Iterator[list[str]]:
    base = sides[OURS]["search"]["p50"]
    for name, side in sides.items():
        found = side["search"]
        yield [name, str(found["questions"]), *(f"{found[each]:.2f}" for each in ("p50", "p95", "p99", "cpu")), f"{found['p50'] / base:.2f}",
               *(f"{found[each]:.0f}" for each in MEMORY), f"{side['cold_s']:.2f}"]


def _index(sides: Mapping[str, Mapping], text_mb: float) -> Iterator[list[str]]:
    for name, side in sides.items():
        made = side["index"]
        stages = "; ".join(f"{stage} {took['wall']:.1f} ({took['cpu']:.1f})" for stage, took in made["stages"].items())
        yield [name, stages, f"{sum(took['wall'] for took in made['stages'].values()):.1f}", f"{made['disk_mb']:.0f}",
               f"{made['disk_mb'] / text_mb:.1f}", f"{made['peak_mb']:.0f}"]


def _limit(size: Mapping) -> str:
    speed, touched = size["bandwidth_gb_s"], size["touched"]
    ours, flat = (touched[name] / GB / speed * 1000 for name in ("ours", "flat"))
    return (f"One thread reads {speed:.1f} GB a second. Ours must touch {touched[OURS] / 1e6:.1f} MB a question, {ours:.2f} ms at that speed, and"
            f" takes {size['sides'][OURS]['search']['p50'] / ours:.1f} times as long; a flat float32 index alone must touch {touched['flat'] / 1e6:.0f} MB,"
            f" {flat:.2f} ms.")


def _answers(answers: Mapping) -> Iterator[str]:
    yield (f"Whole answers over HTTP by {answers['workers']} workers, {answers['ready_s']:.2f} s from the start to the first answer;"
           f" `python -m qa ask` takes {answers['ask_s']:.2f} s from start to end.")
    rows = (f"| {clients} | questions | " + " | ".join(f"{value:.1f}" for value in figures.values()) + " |"
            for clients, figures in answers["clients"].items())
    yield "\n".join([SPEEDS, *rows])
    names = ["the one that starts the others", *(f"worker {number}" for number in range(1, len(answers["processes"])))]
    yield _table(PROCESSES, ([name, *(f"{process[kind]:.0f}" for kind in ("rss", "uss", "pss"))]
                             for name, process in zip(names, answers["processes"])))
