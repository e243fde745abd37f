"""The benchmark beside the peers: its pure parts, and our own side of it in small."""

import json
import xml.etree.ElementTree as ElementTree
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.peers import __main__ as command
from benchmarks.peers import results
from benchmarks.peers.asking import OURS, in_turn, recall
from benchmarks.peers.chart import apart, draw
from benchmarks.peers.copies import perturbed
from benchmarks.peers.corpus import Corpus, multiply
from benchmarks.peers.process import Clock, texts
from corpus.library import Library
from qa.evaluation import read_questions

ROOT = Path(__file__).resolve().parents[2]
SIZE = {
    "machine": {"processor": "P", "cores": 2, "memory_gb": 24, "python": "3.11.7", "commit": "abc", "measured": "2026-01-01", "load": 0.1},
    "text_mb": 2.0, "bandwidth_gb_s": 10.0, "touched": {"ours": 1e6, "flat": 20e6},
    "answers": {"workers": 1, "ready_s": 1.0, "ask_s": 2.0, "clients": {"1": {"answers_a_second": 9.0, "p50": 1.0, "p95": 2.0, "p99": 3.0, "cpu_ms": 4.0}},
                "processes": [{"rss": 1.0, "uss": 2.0, "pss": 3.0}] * 2}}


def side(p50):
    search = {"p50": p50, "p95": 2 * p50, "p99": 3 * p50, "cpu": p50, "questions": 7, "rss_mb": 100 * p50, "uss_mb": 1.0, "peak_mb": 2.0}
    return {"index": {"stages": {"words": {"wall": 1.0, "cpu": 2.0}}, "disk_mb": 4.0, "peak_mb": 5.0}, "search": search, "cold_s": 1.5}


def size(passages, **sides):
    return SIZE | {"passages": passages, "sides": {name: side(p50) for name, p50 in sides.items()}}


SIZES = {"all": size(162_537, ours=5.0, bm25s=15.0, haystack=4000.0), "10000": size(10_471, ours=1.0, bm25s=2.0, haystack=300.0),
         "1000000": size(1_000_000, ours=20.0, bm25s=90.0)}


@given(st.text(), st.text(max_size=3))
def test_copies_keep_length_and_all_but_characters_and_figures(text, seed):
    copy = perturbed(text, seed)
    assert len(copy) == len(text)
    assert copy == perturbed(text, seed)
    assert all(before == after or before.isdigit() or "\u4e00" <= before <= "\u9fff" for before, after in zip(text, copy))
    assert set(copy) <= set(text) | set("0123456789")


def test_copies_differ_from_the_text_and_from_each_other_but_not_much():
    text = "2020年全市生产总值3449.2亿元，比上年增长2.7%。" * 40
    copies = {perturbed(text, str(seed)) for seed in range(5)}
    assert len(copies | {text}) == 6
    changed = sum(before != after for before, after in zip(text, copies.pop())) / len(text)
    assert 0.02 < changed < 0.4


def test_a_library_grows_by_copies_whose_passages_fit(shipped, tmp_path):
    of = Library(shipped.settings.home)
    before = of.snapshot().passages(of.snapshot().live_passage_ids())
    multiply(of, 2 * len(before) + 1, tmp_path / "many")
    snapshot = Library(tmp_path / "many").snapshot()
    found = snapshot.passages(snapshot.live_passage_ids())
    assert 2 * len(before) < len(found) <= 3 * len(before)
    assert {passage.text for passage in found[:len(before)]} == {passage.text for passage in before}
    copies = {passage.text for passage in found[len(before):] if len(passage.text) > 100}
    assert copies
    assert copies.isdisjoint({passage.text for passage in before})
    assert all(snapshot.document(passage.document_id).text[passage.start:passage.end] == passage.text for passage in found[-5:])


def test_our_side_is_indexed_asked_and_judged(tmp_path):
    (tmp_path / "documents").symlink_to(ROOT / "corpus" / "reports")
    corpus = Corpus("shipped", tmp_path)
    made = command.prepared(corpus, [OURS])
    assert set(made[OURS]["stages"]) == {"read, repair, cut", "words, BM25, encode, save"}
    assert made[OURS]["disk_mb"] > 0 < made[OURS]["peak_mb"]
    assert command.prepared(corpus, [OURS]) == made, "what is in the cache is used again"
    assert len(texts(tmp_path)) == sum(1 for _ in corpus.lines())
    questions = [question for question in read_questions(ROOT / "tests" / "data" / "questions.jsonl") if question["answers"]][:24]
    with ExitStack() as stack:
        asked = command.opened(stack, corpus, [OURS])
        found = in_turn(asked, [question["question"] for question in questions], {})[OURS]
        assert found["questions"] == 4, "the first block warms up"
        assert 0 < found["p50"] <= found["p95"] <= found["p99"]
        assert recall(asked[OURS], corpus, questions) > 0.9
        assert recall(asked[OURS], corpus, [question | {"answers": ["not there"]} for question in questions[:2]]) == 0


def test_a_stage_ends_where_the_next_begins():
    clock = Clock()
    for name in ("words", "save"):
        clock.begin(name)
    clock.end()
    clock.end()
    assert list(clock.stages) == ["words", "save"]
    assert all(took["wall"] >= 0 <= took["cpu"] for took in clock.stages.values())


@given(st.lists(st.floats(0, 500), max_size=8))
def test_labels_keep_apart_and_in_order(heights):
    moved = apart(heights, 15)
    order = sorted(range(len(heights)), key=heights.__getitem__)
    assert all(moved[below] - moved[above] >= 15 - 1e-9 for above, below in zip(order, order[1:]))
    assert all(after >= before for before, after in zip(heights, moved))


def test_the_chart_has_a_line_for_each_side_in_both_panels():
    drawing = ElementTree.fromstring(draw(SIZES.values()))
    drawn = [element for element in drawing.iter("{http://www.w3.org/2000/svg}path") if element.get("stroke")]
    assert len(drawn) == 2 * 3
    labels = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text") if element.get("class") == "label"]
    assert {"ours 本系统 20 ms", "Haystack 4,000 ms", "bm25s + FAISS 9,000 MB"} < set(labels)
    assert "ours 1 ms at 10.5k" in drawing.find("{http://www.w3.org/2000/svg}desc").text


def test_the_tables_are_in_order_of_size(tmp_path):
    recalls = {"policy-dev": {"questions": 5, "sides": {"ours": 0.9, "bm25s": 0.85}}}
    results.save({"sizes": SIZES, "recall": recalls}, tmp_path / "results.json")
    text = results.markdown(results.load(tmp_path / "results.json"))
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## 10,471 passages", "## 162,537 passages", "## 1,000,000 passages", "## Recall at 10"]
    assert "| bm25s | 7 | 15.00 | 30.00 | 45.00 | 15.00 | 3.00 | 1500 |" in text
    assert "| ours | words 1.0 (2.0) | 1.0 | 4 | 2.0 | 5 |" in text
    assert "0.10 ms at that speed, and takes 50.0 times as long" in text
    assert "| bm25s | 0.850 |" in text


def test_what_was_measured_is_written_again_without_measuring(tmp_path, monkeypatch):
    (tmp_path / "results.json").write_text(json.dumps({"sizes": SIZES, "recall": {}}), "utf-8")
    monkeypatch.setattr("sys.argv", ["peers", "--results", str(tmp_path / "results.json"), "--picture", str(tmp_path / "peers.svg")])
    command.main()
    assert (tmp_path / "results.md").read_text("utf-8").startswith("# Beside the peers")
    assert (tmp_path / "peers.svg").read_text("utf-8") == draw(SIZES.values())


def test_the_stored_tables_and_chart_are_those_of_the_stored_figures():
    stored = results.load(results.STORED)
    assert results.STORED.with_suffix(".md").read_text("utf-8") == results.markdown(stored)
    assert command.PICTURE.read_text("utf-8") == draw(stored["sizes"].values())


def test_peers_that_are_not_installed_are_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "PEERS", tmp_path / "python")
    monkeypatch.setattr("sys.argv", ["peers", str(tmp_path), "--results", str(tmp_path / "results.json")])
    with pytest.raises(SystemExit, match="make bench-install"):
        command.main()
