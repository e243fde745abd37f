"""The way from files to a new version of the index, and what interrupts it."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import DocumentError
from corpus.library import Library
from qa import indexing
from qa.errors import NotFound, ServiceError
from qa.local_index import current_version, load
from qa.service import AnswerService
from qa.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(tmp_path):
    """Settings of an empty home; nothing is too doubtful to be answered."""
    return Settings(home=tmp_path / "data", threshold=0)


@pytest.fixture
def index(settings, tiny_reports, encoder):
    """A function that indexes the folder of the tiny reports as it is now."""
    def run():
        return indexing.index(settings, [tiny_reports], encoder=encoder)

    return run


def texts(service):
    """All that a service says of its documents."""
    documents, _ = service.documents(limit=100)
    return {document.source: document.text for document in documents}


def found(service, question):
    """The sources of the passages found for a question."""
    return [passage.citation.source for passage in service.ask(question).passages]


def test_indexing_again_does_nothing(settings, index):
    assert len(index().added) == 4
    version = current_version(settings.home)
    summary = index()
    assert (len(summary.unchanged), summary.added, summary.updated, summary.removed) == (4, [], [], [])
    assert current_version(settings.home) == version


def test_a_changed_file_is_indexed_anew(settings, index, tiny_reports, encoder):
    index()
    before = load(settings.home)
    path = tiny_reports / "trade.md"
    path.write_text(path.read_text(encoding="utf-8").replace("27.9亿元", "31.4亿元"), encoding="utf-8")
    assert index().updated == ["trade.md"]
    after = load(settings.home)
    assert len(set(before.passage_ids) & set(after.passage_ids)) > 0
    answers = texts(AnswerService.open(settings, encoder))
    assert "31.4亿元" in answers["trade.md"]
    assert "27.9亿元" not in answers["trade.md"]
    assert "31.4" in after.vocabulary
    assert "27.9" not in after.vocabulary


def test_a_file_that_is_gone_leaves_the_index(settings, index, tiny_reports, encoder):
    index()
    (tiny_reports / "talent.txt").unlink()
    assert index().removed == ["talent.txt"]
    service = AnswerService.open(settings, encoder)
    assert "talent.txt" not in texts(service)
    assert "talent.txt" not in found(service, "博士每月补贴多少元？")


def test_removed_documents_are_found_no_more(settings, index, encoder):
    index()
    service = AnswerService.open(settings, encoder)
    ids = {document.source: document.id for document in service.documents()[0]}
    indexing.remove(settings, [ids["growth.md"], ids["firms.md"]], encoder)
    assert service.refresh()
    assert set(texts(service)) == {"trade.md", "talent.txt"}
    assert set(found(service, "2021年云溪市生产总值是多少？")) <= {"trade.md", "talent.txt"}
    with pytest.raises(NotFound) as caught:
        service.document(ids["growth.md"])
    assert caught.value.detail == {"document_id": ids["growth.md"]}


def test_removing_an_unknown_document_removes_none(settings, index, encoder):
    index()
    version = current_version(settings.home)
    known = AnswerService.open(settings, encoder).documents()[0][0].id
    with pytest.raises(NotFound) as caught:
        indexing.remove(settings, [known, "000000000000"], encoder)
    assert caught.value.code == "document_not_found"
    assert "000000000000" in caught.value.message
    assert current_version(settings.home) == version
    assert len(texts(AnswerService.open(settings, encoder))) == 4


def test_a_correction_is_indexed_and_found(settings, index, encoder):
    index()
    service = AnswerService.open(settings, encoder)
    document = next(d for d in service.documents()[0] if d.source == "talent.txt")
    indexing.correct(settings, document.id, encoder, title="柳林县人才安居办法", region="柳林县", report_year=2019)
    assert service.refresh()
    assert "柳林" in load(settings.home).vocabulary
    corrected = service.document(document.id)
    assert corrected.text == document.text
    assert (corrected.metadata.title, corrected.metadata.region, corrected.metadata.report_year) == (
        "柳林县人才安居办法", "柳林县", 2019)
    first = service.ask("柳林县的人才安居办法").passages[0]
    assert first.citation.document_id == document.id
    assert first.citation.title == "柳林县人才安居办法"
    assert "柳林" in first.matched


@pytest.mark.parametrize(("values", "code"), [({"colour": "red"}, "field_unknown"), ({"title": ""}, "field_invalid")])
def test_a_correction_that_does_not_fit_changes_nothing(settings, index, encoder, values, code):
    index()
    version = current_version(settings.home)
    document_id = AnswerService.open(settings, encoder).documents()[0][0].id
    with pytest.raises(DocumentError) as caught:
        indexing.correct(settings, document_id, encoder, **values)
    assert caught.value.code == code
    with pytest.raises(NotFound):
        indexing.correct(settings, "000000000000", encoder, title="新标题")
    assert current_version(settings.home) == version


def test_changing_nothing_needs_a_library(settings, encoder):
    with pytest.raises(DocumentError) as caught:
        indexing.remove(settings, ["000000000000"], encoder)
    assert caught.value.code == "library_missing"
    assert not (settings.home / "library.sqlite").exists()


def test_a_crash_before_the_index_is_saved_leaves_the_old_one(settings, index, tiny_reports, encoder, monkeypatch):
    index()
    version, before = current_version(settings.home), texts(AnswerService.open(settings, encoder))
    (tiny_reports / "trade.md").unlink()
    (tiny_reports / "new.md").write_text("# 新区规划\n\n新区规划面积为88平方公里。\n", encoding="utf-8")

    def crash(*_):
        raise RuntimeError("crash")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="crash"):
        patch.setattr("qa.local_index.save", crash)
        index()
    assert Library(settings.home).generation == 2
    service = AnswerService.open(settings, encoder)
    assert service.index_version == version
    assert texts(service) == before
    assert "trade.md" in found(service, "2023年货物进出口总额是多少？")
    summary = index()
    assert (summary.added, summary.removed) == ([], [])
    assert service.refresh()
    assert set(texts(service)) == {"growth.md", "firms.md", "talent.txt", "new.md"}
    assert found(service, "新区规划面积是多少？")[0] == "new.md"


def test_a_full_disk_leaves_the_old_index_and_says_what_to_do(settings, index, tiny_reports, encoder, monkeypatch):
    index()
    version = current_version(settings.home)
    (tiny_reports / "trade.md").unlink()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(ServiceError) as caught:
        patch.setattr(np, "save", full)
        index()
    assert caught.value.code == "index_unwritable"
    assert "磁盘" in caught.value.message
    assert "python -m qa index" in caught.value.message
    assert current_version(settings.home) == version
    assert len(texts(AnswerService.open(settings, encoder))) == 4
    index()
    assert len(texts(AnswerService.open(settings, encoder))) == 3


@pytest.mark.parametrize("harm", [
    lambda home: (home / "index" / "CURRENT").unlink(),
    lambda home: next((home / "index" / "segments").glob("*/codes.npy")).write_bytes(b"none"),
    lambda home: (home / "index" / current_version(home) / "manifest.json").unlink()])
def test_a_damaged_index_is_built_again_from_the_library(settings, index, encoder, harm):
    index()
    expected = load(settings.home)
    harm(settings.home)
    summary = index()
    assert len(summary.unchanged) == 4
    built = load(settings.home, encoder)
    assert built.passage_ids.tolist() == expected.passage_ids.tolist()


def test_another_model_builds_another_index(settings, index, tiny_reports, encoder):
    class Other(type(encoder)):
        name = "another-model"

    index()
    indexing.index(settings, [tiny_reports], encoder=Other())
    assert load(settings.home).manifest.model == "another-model"


def test_a_new_library_under_an_old_index_builds_another_index(settings, index, encoder):
    index()
    version = current_version(settings.home)
    for path in settings.home.glob("library.sqlite*"):
        path.unlink()
    assert len(index().added) == 4
    assert current_version(settings.home) != version
    assert len(texts(AnswerService.open(settings, encoder))) == 4


def test_nothing_to_index_makes_no_index(settings, tmp_path, encoder):
    summary = indexing.index(settings, [tmp_path / "nowhere"], encoder=encoder)
    assert len(summary.skipped) == 1
    assert current_version(settings.home) is None


HOLDER = """
import sys
from pathlib import Path
from tests.conftest import BigramEncoder
from qa.indexing import index
from qa.settings import Settings

def hold(done, total, name):
    if done == 0 and name == "growth.md":
        print("indexing", flush=True)
        sys.stdin.readline()

print(len(index(Settings(home=Path(sys.argv[1])), [Path(sys.argv[2])], hold, BigramEncoder()).added))
"""


def test_a_second_run_waits_for_the_first(settings, tiny_reports, lay_out, tmp_path, encoder):
    other = lay_out(tmp_path / "other", {"growth.md": "# 新区\n\n新区规划面积为88平方公里。\n"})
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", HOLDER, settings.home, other], env=environment, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout.readline() == "indexing\n"
        waited = []

        def waiting():
            waited.append(current_version(settings.home))
            first.stdin.write("\n")
            first.stdin.flush()

        summary = indexing.index(settings, [tiny_reports], encoder=encoder, waiting=waiting)
        assert first.stdout.readline() == "1\n"
    assert first.returncode == 0
    assert waited == [None]
    assert len(summary.added) == 4
    assert AnswerService.open(settings, encoder).status()["documents"] == 5
