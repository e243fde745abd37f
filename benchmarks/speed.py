"""How fast documents are indexed, passages found and questions answered.

    python -m benchmarks.speed index PATH...                 into an empty home that is thrown away
    python -m benchmarks.speed add                           a report into a copy of QA_HOME, until a running service has it
    python -m benchmarks.speed search QUESTIONS              on the index that QA_HOME names, beside rank_bm25 and FAISS
    python -m benchmarks.speed answer QUESTIONS --url URL    over HTTP, from a server that is running

Times are milliseconds of wall time, one question at a time, after :data:`WARM_UP` questions that do not count.
"""

import argparse
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import faiss
import numpy as np
from rank_bm25 import BM25Okapi

from corpus.library import Library
from embeddings.encoder import load_encoder
from qa.assembling import indexed_text
from qa.evaluation import read_questions
from qa.filters import NO_FILTERS
from qa.local_index import load
from qa.question import understand
from qa.retriever import retrieve
from qa.service import AnswerService
from qa.settings import Settings
from qa.terms import terms

WARM_UP = 50
PERCENTILES = (50, 95, 99)
ADDED = 5  # reports


def timed(work: Callable[[str], object], questions: Sequence[str]) -> np.ndarray:
    """Milliseconds that each question took, shape ``(questions,)``, after a warm-up with the last ones."""
    for question in questions[-WARM_UP:]:
        work(question)
    times = []
    for question in questions:
        begun = time.perf_counter()
        work(question)
        times.append(1000 * (time.perf_counter() - begun))
    return np.array(times)


def show(name: str, times: np.ndarray, base: np.ndarray | None = None) -> None:
    """One row: name, percentiles and, where there is a base, how many times its median the median is."""
    ratio = "" if base is None else f"{np.median(times) / np.median(base):.2f}"
    print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in np.percentile(times, PERCENTILES)) + f" | {ratio} |")


def head(peer: str = "") -> None:
    """The head of the table that :func:`show` fills."""
    print("| | " + " | ".join(f"p{percentile} ms" for percentile in PERCENTILES) + f" | {peer} |\n|" + "---|" * 5)


def index(arguments: argparse.Namespace) -> None:
    """Index files into an empty home, and again, when nothing has changed."""
    with TemporaryDirectory() as home:
        settings = replace(Settings.from_environment(), home=Path(home))
        for name in ("first run", "nothing changed"):
            begun = time.perf_counter()
            summary = AnswerService.index(settings, arguments.paths)
            print(f"{name}: {time.perf_counter() - begun:.2f} s, "
                  f"{summary.documents} documents, {summary.passages} passages")


def add(arguments: argparse.Namespace) -> None:
    """Add a report to a copy of the library of ``QA_HOME``, :data:`ADDED` times another one."""
    with TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), home=Path(folder, "home"))
        shutil.copytree(Settings.from_environment().home, settings.home)
        encoder = load_encoder(settings.embedding_model)
        service = AnswerService.open(settings, encoder)
        for number in range(ADDED):
            report = Path(folder, f"report{number}.md")
            report.write_text(f"# 云溪市第{number}号通报\n\n第{number}号通报：全市新建公交充电站{number + 10}座。\n", encoding="utf-8")
            begun, worked = time.perf_counter(), time.process_time()
            AnswerService.index(settings, [report], encoder=encoder)
            service.refresh()
            print(f"{time.perf_counter() - begun:.2f} s, {time.process_time() - worked:.2f} s of processor, "
                  f"to {service.status()['passages']} passages")


def search(arguments: argparse.Namespace) -> None:
    """Time retrieval and its parts on the index of ``QA_HOME``, and two peers on the same terms and vectors."""
    settings = Settings.from_environment()
    encoder = load_encoder(settings.embedding_model)
    ours = load(settings.home, encoder)
    snapshot = Library(settings.home, settings.database_url).snapshot(ours.manifest.generation)
    texts = [indexed_text(passage, known) for _, passage, known in snapshot.iter_passages(ours.passage_ids)]
    peer = BM25Okapi([terms(text) for text in texts], k1=ours.bm25.k1, b=ours.bm25.b)
    flat = faiss.IndexFlatIP(encoder.dimension)
    flat.add(encoder.encode_passages(texts))
    questions = [question["question"] for question in read_questions(arguments.questions)]
    words = {question: terms(question) for question in questions}
    vectors = {question: encoder.encode_queries([question]) for question in questions}
    apart = max(np.abs(peer.get_scores(words[q]) - ours.bm25.get_scores(words[q])).max() for q in questions[:WARM_UP])
    print(f"{len(questions)} questions, {len(ours)} passages; BM25 scores differ from rank_bm25's by {apart:.1g} at most\n")
    head("times rank_bm25")
    base = timed(lambda question: peer.get_scores(words[question]), questions)
    show("rank_bm25, BM25Okapi.get_scores", base, base)
    show("ours, BM25 scores", timed(lambda question: ours.bm25.get_scores(words[question]), questions), base)
    show("plain FAISS, IndexFlatIP.search of 100", timed(lambda question: flat.search(vectors[question], 100), questions), base)
    show("ours, encode a question", timed(lambda question: encoder.encode_queries([question]), questions), base)
    show("ours, understand and retrieve, whole", timed(lambda question: retrieve(
        understand(question), ours, encoder, settings.candidates, settings.vector_weight, NO_FILTERS, snapshot).best(20), questions), base)


def answer(arguments: argparse.Namespace) -> None:
    """Time questions over HTTP on one connection that is kept open."""
    address = urlsplit(arguments.url)
    connection = HTTPConnection(address.hostname, address.port, timeout=60)

    def ask(question: str) -> None:
        connection.request("POST", "/api/v1/ask", json.dumps({"question": question}), {"Content-Type": "application/json"})
        reply = connection.getresponse()
        if reply.status != 200:
            raise SystemExit(f"{reply.status}: {reply.read()[:200]!r}")
        reply.read()

    questions = [question["question"] for question in read_questions(arguments.questions)]
    head()
    show(f"answer over HTTP, {len(questions)} questions", timed(ask, questions))


def main() -> None:
    """Run one measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    command_named = parser.add_subparsers(required=True).add_parser
    command = command_named("index")
    command.add_argument("paths", nargs="+", type=Path)
    command.set_defaults(run=index)
    command_named("add").set_defaults(run=add)
    for name, run in (("search", search), ("answer", answer)):
        command = command_named(name)
        command.add_argument("questions", type=Path)
        command.set_defaults(run=run)
    command.add_argument("--url", default="http://127.0.0.1:8000")
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
