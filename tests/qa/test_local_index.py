"""The index on this machine: updates, versions on disk, and what is refused."""

import errno
import json
import os
import shutil
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Metadata, Passage
from corpus.intake import take_in
from corpus.library import Library
from embeddings.vectors import Block
from qa.assembling import indexed_text
from qa.errors import IndexUnavailable
from qa.local_index import FORMAT, current_version, load, save, update
from qa.postings import hashed
from qa.terms import terms

SENTENCES = ("港口去年完成货物吞吐量八百一十万吨。", "新建小学四所，改建幼儿园十一所。", "造林绿化23万亩。", "全市实有5G基站1200个。",
             "新增学位五千个，教师三百名。")
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4, unique=True).map("".join)
WORDS = sorted({term for sentence in SENTENCES for term in terms(sentence)})
DIMENSION = 64
FOLDERS = st.lists(st.dictionaries(st.sampled_from(["a.txt", "b.txt", "c.txt"]), TEXTS), min_size=2, max_size=4)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory, lay_out, encoder):
    """A folder with three files of one sentence each, a library of them and an index of it."""
    folder = tmp_path_factory.mktemp("index")
    library = taken_in(Library(folder / "data"), lay_out(folder / "reports", {
        f"{i}.txt": sentence for i, sentence in enumerate(SENTENCES[:3])}))
    save(update(None, library.snapshot(), library.identity, encoder), library.home)
    library.close()
    return folder


@pytest.fixture
def saved(pristine, tmp_path):
    """The home of a library with an index of it."""
    return shutil.copytree(pristine / "data", tmp_path / "data")


@pytest.fixture
def library(saved):
    return Library(saved)


def taken_in(library, folder):
    with library.write() as writer:
        take_in(writer, [folder])
    return library


def held(index):
    """The hashes of the terms that passages hold."""
    return set(np.concatenate([np.empty(0, np.uint64), *(segment.postings.terms for segment in index.segments)]).tolist())


def assert_same(left, right):
    """Same passages, same scores for any term, same vectors."""
    assert left.passage_ids.tolist() == right.passage_ids.tolist()
    assert held(left) == held(right)
    for term in WORDS:
        np.testing.assert_allclose(left.bm25.get_scores([term]), right.bm25.get_scores([term]), atol=1e-12)
    every = np.arange(len(left))
    for query in np.eye(DIMENSION, dtype=np.float32):
        np.testing.assert_array_equal(left.vectors.similarity(query, every), right.vectors.similarity(query, every))


def listing(home):
    return sorted(path.relative_to(home).as_posix() for path in (home / "index").rglob("*"))


@settings(deadline=None, max_examples=12)
@given(FOLDERS)
def test_updates_give_what_building_from_scratch_gives(lay_out, encoder, folders):
    with tempfile.TemporaryDirectory() as home:
        library, index = Library(Path(home) / "data"), None
        for texts in folders:
            taken_in(library, lay_out(Path(home) / "reports", texts))
            index = update(index, library.snapshot(), library.identity, encoder)
            assert_same(index, update(None, library.snapshot(), library.identity, encoder))
            assert held(index) == {hashed(term) for _, passage, metadata in library.snapshot().iter_passages(index.passage_ids)
                                   for term in terms(indexed_text(passage, metadata))}
        library.close()


def test_an_update_embeds_only_what_is_new(library, encoder, lay_out, tmp_path):
    index = load(library.home)
    taken_in(library, lay_out(tmp_path / "more", {"3.txt": SENTENCES[3]}))
    with library.write() as writer:
        writer.remove([library.snapshot(1).documents()[0].id])
    seen = []
    updated = update(index, library.snapshot(), library.identity, encoder, lambda *steps: seen.append(steps))
    assert seen == [(1, 1)]
    assert (len(updated), len(index)) == (3, 3)
    assert_same(updated, update(None, library.snapshot(), library.identity, encoder))


def test_title_place_year_and_headings_are_indexed_with_a_passage():
    passage = Passage("d", 0, 3, "原文。", ("一、回顾", "（一）农业"))
    assert indexed_text(passage, Metadata("报告", region="云溪市", report_year=2021)) == (
        "报告 云溪市 2021年\n一、回顾 （一）农业\n原文。")
    assert indexed_text(passage, Metadata("报告")).endswith("\n原文。")


def test_a_saved_version_is_loaded_as_it_was(saved, library, encoder):
    index = load(saved, encoder)
    assert_same(index, update(None, library.snapshot(), library.identity, encoder))
    assert index.manifest.version == current_version(saved)
    assert (index.manifest.library, index.manifest.generation, index.manifest.passages) == (library.identity, 1, 3)
    assert load(saved).manifest == index.manifest


def test_an_index_of_nothing_is_saved_and_loaded(saved, library, encoder):
    with library.write() as writer:
        writer.remove([document.id for document in library.snapshot().documents()])
    save(update(load(saved), library.snapshot(), library.identity, encoder), saved)
    index = load(saved, encoder)
    assert len(index) == 0
    assert held(index) == set()
    assert load(saved, encoder).segments == ()


def test_the_version_before_is_kept_and_older_ones_go(saved, encoder):
    versions = [current_version(saved)]
    for _ in range(3):
        index = load(saved, encoder)
        version = f"000001-{len(versions):08d}"
        index.manifest = replace(index.manifest, version=version)
        save(index, saved)
        versions.append(version)
    assert sorted(path.name for path in (saved / "index").iterdir()) == sorted([*versions[-2:], "CURRENT", "segments"])
    assert load(saved).manifest.version == versions[-1]


def flip(path, data):
    """Flip a bit in the middle of a file."""
    middle = len(data) // 2
    path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:])


FILES = ("ids.npy", "terms.npy", "starts.npy", "rows.npy", "counts.npy", "lengths.npy", "codes.npy", "scales.npy")
HARMS = {"flipped": flip, "truncated": lambda path, data: path.write_bytes(data[:-3]),
         "emptied": lambda path, data: path.write_bytes(b""), "missing": lambda path, data: path.unlink()}


def refused(home, code, encoder=None):
    """Loading is refused with this code and with what to run."""
    with pytest.raises(IndexUnavailable) as caught:
        load(home, encoder)
    assert caught.value.code == code
    assert "python -m qa index" in caught.value.message
    assert any("\u4e00" <= c <= "\u9fff" for c in caught.value.message)
    return caught.value


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", FILES)
def test_harm_to_a_file_is_noticed(saved, name, harm):
    [segment] = (saved / "index" / "segments").iterdir()
    path = segment / name
    HARMS[harm](path, path.read_bytes())
    refused(saved, "index_corrupt")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"null", b"\xff\xfe"])
def test_a_manifest_that_is_none_is_noticed(saved, content):
    (saved / "index" / current_version(saved) / "manifest.json").write_bytes(content)
    refused(saved, "index_corrupt")


@pytest.mark.parametrize(("field", "value", "code"), [
    ("format", FORMAT + 1, "index_mismatch"), ("model", "another", "index_mismatch"),
    ("dimension", 65, "index_mismatch"), ("passages", 4, "index_corrupt"), ("generation", 7, "index_corrupt"),
    ("version", "000001-0", "index_corrupt")])
def test_a_manifest_must_fit(saved, encoder, field, value, code):
    path = saved / "index" / current_version(saved) / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | {field: value}), encoding="utf-8")
    refused(saved, code, encoder)


def test_another_model_is_refused_by_name(saved, encoder):
    class Other(type(encoder)):
        name = "another-model"

    error = refused(saved, "index_mismatch", Other())
    assert encoder.name in error.message
    assert error.detail["expected"] == "another-model"


@pytest.mark.parametrize(("content", "code"), [
    (None, "index_missing"), (b"", "index_missing"), (b"000009-12345678", "index_corrupt"), (b"\x00", "index_corrupt"),
    (b"\xff\xfe\xff", "index_corrupt"), (b"..", "index_corrupt")])
def test_a_pointer_to_nothing_is_noticed(saved, content, code):
    path = saved / "index" / "CURRENT"
    path.unlink() if content is None else path.write_bytes(content)
    refused(saved, code)


def test_no_home_has_no_index(tmp_path):
    assert current_version(tmp_path / "none") is None
    refused(tmp_path / "none", "index_missing")


@pytest.mark.parametrize("content", [None, b"", b"000009-12345678", b"\x00", b"\xff\xfe\xff"])
def test_saving_heals_a_pointer_to_nothing(saved, library, encoder, content):
    path = saved / "index" / "CURRENT"
    path.unlink() if content is None else path.write_bytes(content)
    save(update(None, library.snapshot(), library.identity, encoder), saved)
    assert len(load(saved, encoder)) == 3
    assert len(list((saved / "index").iterdir())) == 3


def full_on_call(number, function):
    """The function, which finds the disk full when it is called for the ``number``-th time."""
    calls = count(1)

    def call(*arguments, **options):
        if next(calls) == number:
            raise OSError(errno.ENOSPC, "No space left on device")
        return function(*arguments, **options)

    return call


@pytest.mark.parametrize(("owner", "name", "call"), [
    (Path, "mkdir", 1), (Path, "mkdir", 2), (np, "save", 1), (np, "save", 4), (Block, "save", 1), (Path, "write_text", 1),
    (Path, "write_text", 2), (os, "fsync", 1), (os, "fsync", 8), (os, "fsync", 12),
    (os, "replace", 1)])
def test_a_failed_write_leaves_the_version_before_and_no_litter(saved, library, encoder, monkeypatch, owner, name, call):
    before, files = load(saved, encoder), listing(saved)
    again = update(None, library.snapshot(), library.identity, encoder)
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(owner, name, full_on_call(call, getattr(owner, name)))
        save(again, saved)
    assert listing(saved) == files
    assert load(saved, encoder).manifest == before.manifest
    save(again, saved)
    assert load(saved, encoder).manifest.version == again.manifest.version


def test_what_a_killed_write_left_is_cleared_away(saved, library, encoder):
    (saved / "index" / "000002-deadbeef").mkdir()
    (saved / "index" / "000002-deadbeef" / "ids.npy").write_bytes(b"half")
    (saved / "index" / "CURRENT.new").write_text("000002-dead")
    (saved / "index" / "segments" / "deadbeef").mkdir()
    (saved / "index" / "segments" / "deadbeef" / "rows.npy").write_bytes(b"half")
    before = load(saved, encoder)
    save(update(before, library.snapshot(), library.identity, encoder), saved)
    names = {path.name for path in (saved / "index").iterdir()}
    assert names == {"CURRENT", "segments", before.manifest.version, current_version(saved)}
    assert {path.name for path in (saved / "index" / "segments").iterdir()} == set(before.manifest.segments)


def test_parts_of_different_lengths_are_no_index(saved):
    index = load(saved)
    manifest = replace(index.manifest, passages=2)
    with pytest.raises(IndexUnavailable) as caught:
        type(index)(index.segments, manifest)
    assert caught.value.code == "index_corrupt"
