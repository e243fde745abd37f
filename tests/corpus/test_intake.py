import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from corpus import extraction, intake
from corpus.document import check_passages
from corpus.errors import DocumentError
from corpus.intake import take_in
from corpus.library import Library

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "home")


def run(library, *paths, **options):
    with library.write() as writer:
        return take_in(writer, paths, **options)


def titles(library, generation=None):
    return sorted(document.metadata.title for document in library.snapshot(generation).documents())


def codes(summary):
    return {skipped.name: skipped.code for skipped in summary.skipped}


def test_a_folder_of_reports(library, tiny_reports):
    summary = run(library, tiny_reports)
    assert summary.added == ["firms.md", "growth.md", "talent.txt", "trade.md"]
    assert (summary.updated, summary.unchanged, summary.removed, summary.skipped) == ([], [], [], [])
    snapshot = library.snapshot()
    assert (summary.documents, summary.passages) == (4, len(snapshot.live_passage_ids()))
    [growth] = [document for document in snapshot.documents() if document.source == "growth.md"]
    assert growth.metadata.title == "云溪市2021年政府工作报告"
    assert (growth.metadata.region, growth.metadata.published) == ("云溪市", "2022-02-16")
    assert snapshot.original(growth.id).read() == (tiny_reports / "growth.md").read_bytes()
    raw = snapshot.raw_text(growth.id)
    at = growth.text.index("1286.4亿元")
    assert raw[growth.raw_offset(at):].startswith("1286.4亿元")
    for document in snapshot.documents():
        passages = snapshot.passages(snapshot.live_passage_ids(ids=[document.id]))
        assert passages
        check_passages(document, passages)


def test_an_article_without_a_place_is_of_the_place_of_its_page(library, tmp_path):
    page = "\n".join(("-", "公路通车", "洛阳市修通公路八条，洛阳市各县全部通车。", "2021-01-05", "-", "学校开学",
                      "全市新建学校三所，秋季全部开学。", "2021-01-06", ""))
    (tmp_path / "page.txt").write_text(page, encoding="utf-8")
    run(library, tmp_path / "page.txt")
    assert {document.metadata.title: document.metadata.region for document in library.snapshot().documents()} == {
        "公路通车": "洛阳市", "学校开学": "洛阳市"}


def test_an_unchanged_folder_is_left_alone(library, tiny_reports, monkeypatch):
    run(library, tiny_reports)
    monkeypatch.setattr(extraction, "split", None)  # would fail if called
    summary = run(library, tiny_reports)
    assert (len(summary.unchanged), summary.added, summary.updated) == (4, [], [])
    os.utime(tiny_reports / "trade.md", (1, 1))
    assert len(run(library, tiny_reports).unchanged) == 4
    assert library.generation == 1


def test_changed_new_and_vanished_files(library, tiny_reports):
    run(library, tiny_reports)
    before = {document.source: document.id for document in library.snapshot().documents()}
    (tiny_reports / "talent.txt").unlink()
    (tiny_reports / "roads.txt").write_text("云溪市公路建设情况\n\n全年新修公路三十二公里，改造危桥七座。\n", encoding="utf-8")
    trade = tiny_reports / "trade.md"
    trade.write_text(trade.read_text(encoding="utf-8") + "\n第二班列于六月首发。\n", encoding="utf-8")
    summary = run(library, tiny_reports)
    assert (summary.added, summary.updated, summary.removed) == (["roads.txt"], ["trade.md"], ["talent.txt"])
    assert sorted(summary.unchanged) == ["firms.md", "growth.md"]
    after = {document.source: document.id for document in library.snapshot().documents()}
    assert after["trade.md"] == before["trade.md"]
    assert set(after) == {"firms.md", "growth.md", "roads.txt", "trade.md"}
    assert set(library.snapshot(1).entries(before.values())) == set(before.values())


def test_only_the_folder_that_was_given_is_cleared(library, tiny_reports, tmp_path):
    other = tmp_path / "reports-2"
    other.mkdir()
    (other / "roads.txt").write_text("公路建设情况\n\n全年新修公路三十二公里，改造危桥七座。\n", encoding="utf-8")
    run(library, tiny_reports, other)
    (other / "roads.txt").unlink()
    (tiny_reports / "talent.txt").unlink()
    assert run(library, tiny_reports).removed == ["talent.txt"]
    assert library.snapshot().count() == 4
    assert run(library, other).removed == ["roads.txt"]


def test_a_file_by_name(library, tiny_reports):
    assert run(library, tiny_reports / "trade.md").added == ["trade.md"]
    assert library.snapshot().documents()[0].source == "trade.md"
    (tiny_reports / "trade.md").unlink()
    assert codes(run(library, tiny_reports / "trade.md")) == {"trade.md": "path_missing"}
    assert library.snapshot().count() == 1


def test_overlapping_folders_hold_a_file_once(library, tiny_reports):
    inner = tiny_reports / "2020"
    inner.mkdir()
    (tiny_reports / "firms.md").rename(inner / "firms.md")
    run(library, inner)
    run(library, tiny_reports)
    assert sorted(document.source for document in library.snapshot().documents()) == [
        "firms.md", "growth.md", "talent.txt", "trade.md"]
    summary = run(library, tiny_reports, inner, inner / "firms.md")
    assert (len(summary.unchanged), summary.removed) == (4, [])
    (inner / "firms.md").unlink()
    assert run(library, tiny_reports).removed == ["firms.md"]


def test_a_folder_that_was_moved_keeps_its_documents(library, tiny_reports, tmp_path):
    run(library, tiny_reports)
    before = library.snapshot().documents()
    moved = tiny_reports.rename(tmp_path / "moved")
    summary = run(library, moved)
    assert (len(summary.unchanged), summary.added, library.generation) == (4, [], 1)
    assert library.snapshot().documents() == before
    (moved / "trade.md").write_text("外贸简报\n\n第二班列于六月首发，全年开行九十列。\n", encoding="utf-8")
    (moved / "talent.txt").unlink()
    summary = run(library, moved)
    assert (summary.updated, summary.removed) == (["trade.md"], ["talent.txt"])


def test_the_same_folder_at_two_places(library, tiny_reports, tmp_path):
    shutil.copytree(tiny_reports, tmp_path / "copy")
    run(library, tiny_reports)
    assert len(run(library, tmp_path / "copy").added) == 4
    assert len({document.id for document in library.snapshot().documents()}) == 8


def test_hidden_and_temporary_files_are_passed_over(library, tiny_reports):
    for name in (".hidden.txt", "~$growth.docx", ".git/config.txt"):
        path = tiny_reports / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("村里修了一条路。" * 5, encoding="utf-8")
    (tiny_reports / "loop").symlink_to(tiny_reports)
    summary = run(library, tiny_reports)
    assert (len(summary.added), summary.skipped) == (4, [])


def test_the_library_does_not_take_itself_in(tiny_reports):
    library = Library(tiny_reports / "data")
    assert len(run(library, tiny_reports).added) == 4
    summary = run(library, tiny_reports)
    assert (summary.added, summary.skipped) == ([], [])


def test_bad_files_are_named_and_the_rest_goes_on(library, tiny_reports):
    (tiny_reports / "blank.txt").write_text(" \n\n", encoding="utf-8")
    (tiny_reports / "letter.doc").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    (tiny_reports / "movie.mp4").write_bytes(b"\0\0\0 ftyp" + bytes(50))
    (tiny_reports / "page.pdf").write_bytes(b"%PDF-1.7\nbroken")
    (tiny_reports / "big.txt").write_text("长" * 5000, encoding="utf-8")
    (tiny_reports / "nowhere.txt").symlink_to(tiny_reports / "missing")
    expected = {"big.txt": "file_too_large", "blank.txt": "file_empty", "letter.doc": "old_format",
                "movie.mp4": "unknown_type", "nowhere.txt": "file_unreadable", "page.pdf": "file_corrupt"}
    summary = run(library, tiny_reports, max_bytes=10_000)
    assert codes(summary) == expected
    assert all("。 " in skipped.message for skipped in summary.skipped)
    assert len(summary.added) == 4
    again = run(library, tiny_reports, max_bytes=10_000)
    assert codes(again) == expected
    assert (len(again.unchanged), library.generation) == (4, 1)


def test_a_file_that_has_gone_bad_keeps_its_documents(library, tiny_reports):
    run(library, tiny_reports)
    good = (tiny_reports / "trade.md").read_bytes()
    (tiny_reports / "trade.md").write_bytes(b"")
    summary = run(library, tiny_reports)
    assert codes(summary) == {"trade.md": "file_empty"}
    assert (summary.removed, library.snapshot().count(), library.generation) == ([], 4, 1)
    (tiny_reports / "trade.md").write_bytes(good)
    assert "trade.md" in run(library, tiny_reports).unchanged


def test_an_archive_and_its_bad_members(library, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("a/road.txt", "公路建设情况\n\n全年新修公路三十二公里，改造危桥七座。\n")
        archive.writestr("well.txt", "水井情况\n\n全村打井四口，解决了二百户的饮水。\n")
        archive.writestr("film.mp4", "x" * 40)
    summary = run(library, folder)
    assert (summary.added, summary.documents) == (["all.zip"], 2)
    assert codes(summary) == {"all.zip/film.mp4": "unknown_type"}
    documents = {document.source: document for document in library.snapshot().documents()}
    assert set(documents) == {"all.zip/a/road.txt", "all.zip/well.txt"}
    original = library.snapshot().original(documents["all.zip/well.txt"].id)
    assert (original.name, original.read()) == ("all.zip", (folder / "all.zip").read_bytes())
    assert codes(run(library, folder)) == {"all.zip/film.mp4": "unknown_type"}


def test_a_name_in_an_unknown_encoding(library, tiny_reports):
    name = os.fsencode(tiny_reports) + b"/\xb9\xab\xc2\xb7.txt"
    with open(name, "w", encoding="utf-8") as file:
        file.write("公路建设情况\n\n全年新修公路三十二公里。\n")
    summary = run(library, tiny_reports)
    assert [skipped.code for skipped in summary.skipped] == ["name_invalid"]
    assert len(summary.added) == 4


def test_other_rules_are_a_reason_to_read_again(library, tiny_reports, monkeypatch):
    run(library, tiny_reports)
    before = library.snapshot().live_passage_ids().tolist()
    monkeypatch.setattr(intake, "_rules", lambda: "new")
    summary = run(library, tiny_reports)
    assert (len(summary.unchanged), library.generation) == (4, 1)
    assert library.snapshot().live_passage_ids().tolist() == before
    monkeypatch.setattr(intake, "_rules", lambda: "newer")
    monkeypatch.setattr(extraction, "outline", lambda text, headings: ())
    assert "growth.md" in run(library, tiny_reports).updated
    assert library.generation == 2


def test_a_program_fault_in_one_file_is_reported(library, tiny_reports, monkeypatch):
    def bad_cut(document):
        return [] if document.source != "trade.md" else [type(passage)(
            passage.document_id, passage.start, passage.end, "x") for passage in cut(document)]

    cut = extraction.cut
    monkeypatch.setattr(extraction, "cut", bad_cut)
    assert codes(run(library, tiny_reports)) == {"trade.md": "text_invalid"}
    assert library.snapshot().count() == 3


def test_corrections_survive_indexing_again(library, tiny_reports):
    run(library, tiny_reports)
    [trade] = [document for document in library.snapshot().documents() if document.source == "trade.md"]
    with library.write() as writer:
        writer.correct(trade.id, title="平川县外贸进展", report_year=2023)
    path = tiny_reports / "trade.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n第二班列于六月首发。\n", encoding="utf-8")
    run(library, tiny_reports)
    after = library.snapshot().document(trade.id)
    assert (after.metadata.title, after.metadata.report_year) == ("平川县外贸进展", 2023)
    assert after.text.endswith("首发。")


def test_purged_documents_come_back_with_their_file(library, tiny_reports):
    run(library, tiny_reports)
    [trade] = [document.id for document in library.snapshot().documents() if document.source == "trade.md"]
    with library.write() as writer:
        writer.remove([trade])
    assert run(library, tiny_reports).added == []
    assert library.snapshot().count() == 3
    with library.write() as writer:
        writer.purge([trade])
    assert run(library, tiny_reports).added == ["trade.md"]
    assert library.snapshot().document(trade).source == "trade.md"


def test_progress_names_each_file_and_ends(library, tiny_reports):
    calls = []
    run(library, tiny_reports, progress=lambda *call: calls.append(call))
    assert calls == [(0, 4, "firms.md"), (1, 4, "growth.md"), (2, 4, "talent.txt"), (3, 4, "trade.md"), (4, 4, "")]


def test_a_file_is_told_how_far_it_has_come(library, tiny_reports):
    reached = []
    path = str(tiny_reports / "trade.md")
    run(library, path, reached=lambda *call: reached.append(call))
    [document] = library.snapshot().documents()
    assert reached == [(path, "read", len(library.snapshot().raw_text(document.id))), (path, "repaired", 1),
                       (path, "cut", library.snapshot().passage_count(document.id))]


def test_a_library_that_cannot_be_written_stops_the_run(library, tiny_reports, monkeypatch):
    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(DocumentError) as caught:
        run(library, tiny_reports)
    assert caught.value.code == "disk_full"
    assert library.generation == 0


def test_several_processes_read_what_one_reads(library, tiny_reports, tmp_path, monkeypatch):
    for number in range(12):
        (tiny_reports / f"village{number:02}.txt").write_text(f"第{number}村情况\n\n全村修路{number}里，打井两口。\n", encoding="utf-8")
    (tiny_reports / "broken.pdf").write_bytes(b"no PDF")
    (tiny_reports / "empty.txt").write_bytes(b"")
    alone = run(library, tiny_reports)
    monkeypatch.setattr(intake, "MANY", 1)
    monkeypatch.setattr(intake, "available", lambda: 2)
    other = Library(tmp_path / "other")
    assert run(other, tiny_reports) == alone
    assert codes(alone).keys() == {"broken.pdf", "empty.txt"}
    assert other.snapshot().documents() == library.snapshot().documents()
    ids = library.snapshot().live_passage_ids()
    assert list(other.snapshot().iter_passages(ids)) == list(library.snapshot().iter_passages(ids))
    (tiny_reports / "village03.txt").write_text("第三村情况\n\n全村修路九里。\n", encoding="utf-8")
    assert run(other, tiny_reports).updated == ["village03.txt"]
    assert multiprocessing.active_children() == []


KILLED = """
import sys
from corpus import extraction, intake
from corpus.library import Library
intake.FILES_PER_COMMIT = 3
with Library(sys.argv[1]).write() as writer:
    intake.take_in(writer, [sys.argv[2]], lambda done, total, name: print(done, flush=True))
"""


@pytest.mark.parametrize("after", [2, 7])
def test_a_killed_run_is_taken_up_again(library, tiny_reports, after):
    run(library, tiny_reports)
    for i in range(60):
        (tiny_reports / f"village{i:03}.txt").write_text(
            f"第{i}村情况\n\n全村修路{i}里，打井两口，植树一千棵。\n", encoding="utf-8")
    with subprocess.Popen([sys.executable, "-c", KILLED, library.home, tiny_reports], text=True,
                          stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}) as process:
        for _ in range(after + 1):
            process.stdout.readline()
        time.sleep(0.002 * after)
        process.send_signal(signal.SIGKILL)
    again = Library(library.home)
    assert (again.generation, again.snapshot().count()) == (1, 4)
    summary = run(again, tiny_reports)
    assert len(summary.unchanged) >= after // 3 * 3
    assert len(summary.unchanged) + len(summary.added) == 64
    assert (again.generation, again.snapshot().count()) == (2, 64)


def test_the_real_reports(library, shared):
    summary = run(library, shared / "source-reports")
    assert summary.skipped == []
    assert summary.documents >= len(summary.added) == 5
    snapshot = library.snapshot()
    for document in snapshot.documents():
        raw = snapshot.raw_text(document.id)
        passages = snapshot.passages(snapshot.live_passage_ids(ids=[document.id]))
        assert document.raw_offset(len(document.text) - 1) < len(raw)
        check_passages(document, passages)
    assert len({document.id for document in snapshot.documents()}) == summary.documents
    assert titles(library, 1) == sorted(document.metadata.title for document in snapshot.documents())
