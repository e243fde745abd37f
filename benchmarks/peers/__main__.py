"""Our retrieval beside that of others, at several sizes, and whole answers of ours.

    python -m benchmarks.peers SHARED --cache FOLDER     measures, into results.json and results.md here and docs/images/peers.svg
    python -m benchmarks.peers                           writes and draws these again from results.json

All sides search the same passages with the same encoder, each in a process of its own, in one thread, asked in turn. Their
indexes stay in the cache. See benchmarks/README.md.
"""

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.load import MB
from benchmarks.peers import results
from benchmarks.peers.asking import OURS, PEERS, Asked, asked, built, cold, in_turn, recall, record
from benchmarks.peers.chart import PICTURE, draw
from benchmarks.peers.corpus import ALL, Corpus, of_set, of_size
from benchmarks.peers.floor import bandwidth, touched
from benchmarks.peers.process import SIDES
from benchmarks.peers.serving import cold_ask, served
from benchmarks.sets import SETS
from qa.evaluation import read_questions

QUESTIONS = "eval/policy-dev/questions.jsonl.gz"
FEW = {"milvus-lite": 200, "rank_bm25": 80, "haystack": 27}  # questions that the slow ones are asked
SETS_ASKED = ("policy-dev", "reports-dev")
SIZES = ("10000", ALL)


def prepared(corpus: Corpus, sides: Sequence[str]) -> dict[str, dict]:
    """The index of each side over a corpus, made where it is not there: what that took."""
    home = corpus.folder / OURS
    ours = built(OURS, corpus)
    if not corpus.passages.exists() or corpus.changes and corpus.passages.stat().st_mtime < record(OURS, corpus).stat().st_mtime:
        corpus.export(home)
    return {OURS: ours} | {side: built(side, corpus) for side in sides if side != OURS}


def opened(stack: ExitStack, corpus: Corpus, sides: Sequence[str]) -> dict[str, Asked]:
    """The sides, each in its process until the stack ends."""
    return {side: stack.enter_context(asked(side, corpus)) for side in sides}


def at_size(corpus: Corpus, sides: Sequence[str], questions: Sequence[str]) -> dict:
    """All figures of one size."""
    home = corpus.folder / OURS
    made = prepared(corpus, sides)
    with ExitStack() as stack:
        searched = in_turn(opened(stack, corpus, sides), questions, FEW)
    lines = [len(line["text"].encode()) for line in corpus.lines()]
    return {
        "machine": results.machine(), "passages": len(lines), "text_mb": sum(lines) / MB,
        "sides": {side: {"index": made[side], "search": searched[side], "cold_s": cold(side, corpus, questions[0])} for side in sides},
        "answers": served(home, questions) | {"ask_s": cold_ask(home, questions[0])},
        "bandwidth_gb_s": bandwidth(), "touched": touched(corpus, home, questions[:100])}


def on_set(name: str, shared: Path, cache: Path, sides: Sequence[str]) -> dict:
    """Recall at 10 of each side on a set of questions."""
    one = next(each for each in SETS if each.name == name)
    corpus = of_set(one, shared, cache)
    prepared(corpus, sides)
    questions = [question for question in one.load(shared) if question["answers"] and not question.get("history")]
    with ExitStack() as stack:
        return {"questions": len(questions),
                "sides": {side: recall(each, corpus, questions) for side, each in opened(stack, corpus, sides).items()}}


def measure(given: argparse.Namespace, known: dict) -> None:
    """Measure what is asked for, and keep it as soon as it is measured."""
    if not PEERS.exists():
        raise SystemExit("the peers are not installed: run make bench-install")
    cache, sides = given.cache.resolve(), given.sides.split(",")
    questions = [question["question"] for question in read_questions(given.shared / QUESTIONS)]
    for size in filter(None, given.sizes.split(",")):
        known["sizes"][size] = at_size(of_size(size, given.shared, cache), sides, questions)
        results.save(known, given.results)
    for name in filter(None, given.sets.split(",")):
        known["recall"][name] = on_set(name, given.shared, cache, sides)
        results.save(known, given.results)


def main() -> None:
    """Measure what is asked for, then write and draw all that was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, help="the shared folder; without it nothing is measured")
    parser.add_argument("--cache", type=Path, default=Path("cache"), help="folder of documents, passages and indexes")
    parser.add_argument("--sizes", default=",".join(SIZES), help=f"passages, and {ALL} for all of the documents; beyond these, copies")
    parser.add_argument("--sets", default=",".join(SETS_ASKED), help="sets of questions that recall is measured on")
    parser.add_argument("--sides", default=",".join(SIDES))
    parser.add_argument("--results", type=Path, default=results.STORED, help="file of the figures; the tables are written beside it")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args()
    known = results.load(given.results)
    if given.shared:
        measure(given, known)
    given.picture.write_text(draw(known["sizes"].values()), "utf-8")
    given.results.with_suffix(".md").write_text(results.markdown(known), "utf-8")


if __name__ == "__main__":
    main()
