import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document, Extraction, Metadata
from corpus.errors import DocumentError
from corpus.library import Library
from corpus.outline import outline
from corpus.passages import cut
from corpus.revision import SourceFile

ROOT = Path(__file__).resolve().parents[2]
HARBOUR = "港口去年完成货物吞吐量八百一十万吨。" * 12 + "其中煤炭占三成。"
SCHOOLS = "新建小学四所，改建幼儿园十一所。" * 10 + "新增学位五千个。"
FORESTS = "造林绿化二十三万亩，森林覆盖率达到百分之三十四。" * 8


def source_file(name="a.txt", content=b"one", root="/reports", rules="r1"):
    return SourceFile(f"{root}/{name}", root, name, hashlib.sha256(content).hexdigest(), len(content), 1, rules)


def extract(writer, file, articles, **metadata):
    """What intake makes of a file with these articles: titles and texts."""
    raw, made, titles = "\n".join(articles.values()), [], []
    for title, text in articles.items():
        document_id = writer.document_id(file, file.source, title, titles.count(title))
        document = Document(document_id, file.source, text, Metadata(title, **metadata), outline(text),
                            ((0, raw.index(text)),), ((3, 0),))
        made.append((document, cut(document)))
        titles.append(title)
    return [Extraction(raw, made)]


def put(library, articles, name="a.txt", root="/reports", content=None, **metadata):
    """Put one file in a run of its own; the ids of its documents by title."""
    content = repr(articles).encode() if content is None else content
    file = source_file(name, content, root)
    with library.write() as writer:
        extractions = extract(writer, file, articles, **metadata)
        writer.put(file, content, extractions)
    return {document.metadata.title: document.id for document, _ in extractions[0].documents}


def put_schools(writer):
    file = source_file("b.txt")
    writer.put(file, b"one", extract(writer, file, {"教育": SCHOOLS}))


def break_off(library, action):
    """A run that fails behind the action."""
    with pytest.raises(RuntimeError, match="broken off"), library.write() as writer:  # noqa: PT012 - the end is the point
        action(writer)
        raise RuntimeError("broken off")


def picture(snapshot):
    """All that a snapshot says, in a form that can be compared."""
    ids = snapshot.live_passage_ids()
    return snapshot.documents(), list(snapshot.iter_passages(ids))


def script(code, *arguments, **options):
    """Start a Python process on the repository's packages; ``sys.argv[1:]`` are the arguments."""
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests/corpus'}"},
                            **options)


@pytest.fixture
def library(tmp_path, database_url):
    """A library in either database."""
    library = Library(tmp_path / "home", database_url)
    yield library
    library.close()


def file_of(library):
    return library.home / "library.sqlite"


def test_what_was_put_is_read_back(library):
    content = "港口……".encode()
    ids = put(library, {"港口": HARBOUR, "教育": SCHOOLS}, content=content, issuer="云溪市人民政府", region="云溪市",
              published="2022-02-16", report_year=2021)
    snapshot = library.snapshot()
    document = snapshot.document(ids["教育"])
    assert document.text == SCHOOLS
    assert document.metadata == Metadata("教育", "云溪市人民政府", "云溪市", "2022-02-16", 2021)
    assert snapshot.raw_text(document.id)[document.raw_offset(0):] == SCHOOLS
    assert document.page(5) == 3
    original = snapshot.original(document.id)
    assert (original.read(), original.name, original.digest) == (content, "a.txt", hashlib.sha256(content).hexdigest())
    assert snapshot.entries([document.id, "unknown"])[document.id].metadata == document.metadata
    with pytest.raises(KeyError):
        snapshot.document("unknown")


def test_passages_come_in_the_order_asked(library):
    ids = put(library, {"港口": HARBOUR, "教育": SCHOOLS})
    snapshot = library.snapshot()
    expected = [passage for title in ids for passage in cut(snapshot.document(ids[title]))]
    live = snapshot.live_passage_ids()
    assert live.dtype == np.int64
    assert snapshot.passages(live[::-1]) == expected[::-1]
    assert [(i, passage) for i, passage, _ in snapshot.iter_passages(live)] == list(zip(live, expected, strict=True))
    assert sum(map(snapshot.passage_count, ids.values())) == len(expected)
    assert snapshot.passages([]) == []
    with pytest.raises(KeyError):
        snapshot.passages([int(live[-1]) + 1])


def test_many_passages_are_streamed_in_batches(library):
    put(library, {f"第{i}篇": f"这是第{i}篇的唯一一句话。" for i in range(1100)})
    snapshot = library.snapshot()
    streamed = list(snapshot.iter_passages(snapshot.live_passage_ids()))
    assert [metadata.title for _, _, metadata in streamed] == [f"第{i}篇" for i in range(1100)]


def test_the_same_again_makes_no_generation(library):
    put(library, {"港口": HARBOUR})
    before = picture(library.snapshot())
    put(library, {"港口": HARBOUR})
    assert library.generation == 1
    assert picture(library.snapshot()) == before


def test_only_what_changed_gets_new_passages(library):
    ids = put(library, {"港口": HARBOUR, "教育": SCHOOLS})
    first = library.snapshot()
    assert put(library, {"造林": FORESTS, "港口": HARBOUR, "教育": SCHOOLS + "明年再建两所。"})["港口"] == ids["港口"]
    second = library.snapshot()
    kept = {i for i, passage, _ in first.iter_passages(first.live_passage_ids()) if passage.document_id == ids["港口"]}
    assert kept == set(first.live_passage_ids()) & set(second.live_passage_ids())
    assert first.document(ids["教育"]).text == SCHOOLS
    assert second.document(ids["教育"]).text.endswith("两所。")
    kept_document = second.document(ids["港口"])
    assert second.raw_text(ids["港口"])[kept_document.raw_offset(0):].startswith(HARBOUR)


def test_a_passage_that_is_no_slice_is_refused(library):
    document = Document("0123456789ab", "a.txt", HARBOUR, Metadata("港口"))
    other = cut(Document(document.id, document.source, SCHOOLS, document.metadata))
    with pytest.raises(ValueError, match="not a slice"), library.write() as writer:
        writer.put(source_file(), b"", [Extraction("", [(document, other)])])
    assert library.generation == 0


def test_ids_are_the_same_everywhere_and_apart_between_folders(library, tmp_path):
    first = put(library, {"港口": HARBOUR}, root="/reports")["港口"]
    assert put(Library(tmp_path / "other"), {"港口": SCHOOLS}, root="/elsewhere")["港口"] == first
    second = put(library, {"港口": SCHOOLS}, root="/elsewhere")["港口"]
    assert second != first
    with library.write() as writer:
        writer.remove([first])
    assert put(library, {"港口": FORESTS}, root="/elsewhere")["港口"] == second
    assert put(library, {"港口": HARBOUR}, root="/reports")["港口"] == first


def test_removed_documents_are_gone_from_the_next_generation_only(library):
    ids = put(library, {"港口": HARBOUR, "教育": SCHOOLS})
    with library.write() as writer:
        writer.remove([ids["港口"]])
        assert writer.file("/reports/a.txt") is not None
        assert writer.generation == 2
    assert [d.id for d in library.snapshot().documents()] == [ids["教育"]]
    assert library.snapshot(1).count() == 2
    for action in ("remove", "restore", "purge"):
        with pytest.raises(KeyError), library.write() as writer:
            getattr(writer, action)(["unknown"])


def test_a_removed_document_is_kept_until_it_is_purged(library):
    ids = put(library, {"港口": HARBOUR, "教育": SCHOOLS})
    before = picture(library.snapshot())
    with library.write() as writer:
        writer.remove([ids["港口"]])
    put(library, {"港口": FORESTS, "教育": SCHOOLS})
    library.prune(library.generation)
    assert library.snapshot().count() == 1
    assert library.snapshot().with_withdrawn.document(ids["港口"]).text == FORESTS
    put(library, {"港口": HARBOUR, "教育": SCHOOLS})
    with library.write() as writer:
        writer.restore([ids["港口"]])
    assert picture(library.snapshot())[0] == before[0]
    with library.write() as writer:
        writer.correct(ids["港口"], issuer="港务局")
        writer.remove([ids["港口"]])
        writer.purge([ids["港口"]])
        assert writer.file("/reports/a.txt") is not None
    library.prune(library.generation)
    with pytest.raises(KeyError):
        library.snapshot().with_withdrawn.document(ids["港口"])
    put(library, {"港口": HARBOUR, "教育": FORESTS})
    assert library.snapshot().document(ids["港口"]).metadata == Metadata("港口")
    with library.write() as writer:
        writer.purge(ids.values())
        assert writer.file("/reports/a.txt") is None


def test_a_restored_document_has_the_passages_that_it_had(library):
    ids = put(library, {"港口": HARBOUR})
    pictures = {1: picture(library.snapshot())}
    for action in ("remove", "restore", "remove", "restore"):
        with library.write() as writer:
            getattr(writer, action)(ids.values())
        pictures[library.generation] = picture(library.snapshot())
    assert sorted(pictures) == [1, 2, 3, 4, 5]
    assert pictures[1] == pictures[3] == pictures[5]
    assert pictures[2] == pictures[4] == ([], [])
    assert all(picture(library.snapshot(generation)) == seen for generation, seen in pictures.items())
    with library.write() as writer:
        writer.remove(ids.values())
        writer.restore(ids.values())
    assert library.generation == 5


def test_a_file_with_another_title_is_a_new_version_of_its_one_document(library):
    [before] = put(library, {"港口": HARBOUR}).values()
    with library.write() as writer:
        writer.correct(before, region="云溪市")
    file = source_file(content=b"two")
    article = HARBOUR + SCHOOLS
    with library.write() as writer:
        assert writer.document_id(file, "a.txt", "港口（修订）", 0) != before
        assert writer.document_id(file, "a.txt", "港口（修订）", 0, is_only=True) == before
        document = Document(before, "a.txt", article, Metadata("港口（修订）"), outline(article))
        writer.put(file, b"two", [Extraction(article, [(document, cut(document))])])
    assert library.snapshot().document(before).metadata == Metadata("港口（修订）", region="云溪市")


def test_corrections_survive_indexing_again(library):
    [document_id] = put(library, {"港口": HARBOUR}, region="平川县").values()
    passages = library.snapshot().live_passage_ids()
    with library.write() as writer:
        writer.correct(document_id, region="云溪市", report_year=2021)
    corrected = library.snapshot()
    assert corrected.document(document_id).metadata == Metadata("港口", region="云溪市", report_year=2021)
    assert not set(passages) & set(corrected.live_passage_ids())  # place and year are indexed with a passage
    assert library.snapshot(1).document(document_id).metadata.region == "平川县"
    put(library, {"港口": HARBOUR}, region="平川县")
    assert library.generation == 2
    put(library, {"港口": SCHOOLS}, region="平川县", issuer="平川县商务局")
    assert library.snapshot().document(document_id).metadata == Metadata(
        "港口", "平川县商务局", "云溪市", report_year=2021)


@pytest.mark.parametrize(("values", "code"), [
    ({"colour": "red"}, "field_unknown"), ({"title": None}, "field_invalid"), ({"title": ""}, "field_invalid"),
    ({"report_year": "2021"}, "field_invalid"), ({"report_year": True}, "field_invalid"),
    ({"report_year": 0}, "field_invalid"), ({"published": "2021年"}, "field_invalid"), ({"published": "2021-13"}, "field_invalid"),
    ({"published": "2021-02-30"}, "field_invalid"), ({"region": "云\n溪"}, "field_invalid"), ({"region": 7}, "field_invalid")])
def test_a_correction_must_fit(library, values, code):
    [document_id] = put(library, {"港口": HARBOUR}).values()
    with pytest.raises(DocumentError) as caught, library.write() as writer:
        writer.correct(document_id, **values)
    assert caught.value.code == code
    with pytest.raises(KeyError), library.write() as writer:
        writer.correct("unknown", title="x")
    assert library.generation == 1


def test_filters_and_order(library):
    put(library, {"甲": HARBOUR}, "a.txt", region="云溪市", published="2020-04-09", issuer="商务局")
    put(library, {"乙": SCHOOLS}, "b.txt", region="平川县", published="2022", report_year=2021, issuer="教育局")
    put(library, {"丙": FORESTS}, "c.txt", region="云溪市")
    snapshot = library.snapshot()

    def titles(**filters):
        found = [document.metadata.title for document in snapshot.documents(**filters)]
        assert len(found) == snapshot.count(**filters)
        assert len(snapshot.live_passage_ids(**filters)) == sum(
            snapshot.passage_count(document.id) for document in snapshot.documents(**filters))
        return found

    assert titles() == ["乙", "甲", "丙"]
    assert titles(regions=["云溪市"]) == ["甲", "丙"]
    assert titles(years=[2020, 2021]) == ["乙", "甲"]
    assert titles(years=[2022]) == []
    assert titles(regions=["云溪市"], issuers=["商务局"]) == ["甲"]
    assert [document.metadata.title for document in snapshot.documents(regions=["云溪市"], words=["a.t", "商务"])] == ["甲"]
    assert snapshot.count(words=["局"]) == 2
    assert titles(ids=[]) == []
    assert titles(ids=[snapshot.documents()[2].id]) == ["丙"]
    assert [d.metadata.title for d in snapshot.documents(offset=1, limit=1)] == ["甲"]


def test_pruning_forgets_what_only_older_generations_need(library):
    first = put(library, {"港口": HARBOUR})
    old = library.snapshot().original(first["港口"]).path
    ids = library.snapshot().live_passage_ids()
    put(library, {"港口": SCHOOLS})
    now = picture(library.snapshot())
    library.prune(1)
    assert old.exists()
    assert library.snapshot(1).live_passage_ids().tolist() == ids.tolist()
    library.prune(2)
    assert not old.exists()
    assert picture(library.snapshot()) == now
    with pytest.raises(DocumentError) as caught:
        library.snapshot(1)
    assert caught.value.code == "generation_gone"
    with pytest.raises(ValueError, match="not finished"):
        library.prune(3)


def test_passage_ids_are_never_used_again(library):
    seen = set()
    for text in (HARBOUR, SCHOOLS, FORESTS, HARBOUR):
        ids = put(library, {"港口": text})
        live = set(library.snapshot().live_passage_ids().tolist())
        assert live
        assert not seen & live
        seen |= live
        with library.write() as writer:
            writer.purge(ids.values())
        library.prune(library.generation)


def test_a_run_that_fails_changes_nothing(library):
    put(library, {"港口": HARBOUR})
    before = picture(library.snapshot())
    break_off(library, put_schools)
    assert library.generation == 1
    assert picture(library.snapshot()) == before
    with library.write() as writer:
        assert writer.file("/reports/b.txt") is None
        assert writer.generation == 1


def test_what_was_committed_waits_for_the_next_run(library):
    put(library, {"港口": HARBOUR})
    before = picture(library.snapshot())
    break_off(library, lambda writer: (put_schools(writer), writer.commit(), writer.remove_file("/reports/a.txt")))
    assert picture(library.snapshot()) == before
    with library.write() as writer:
        assert writer.file("/reports/b.txt") is not None
        assert writer.generation == 2
    assert [d.metadata.title for d in library.snapshot().documents()] == ["教育", "港口"]


def test_readers_see_the_old_generation_while_one_is_written(library):
    put(library, {"港口": HARBOUR})
    before = picture(library.snapshot())
    with library.write() as writer:
        put_schools(writer)
        writer.remove_file("/reports/a.txt")
        writer.commit()
        assert picture(library.snapshot()) == before
    assert [d.metadata.title for d in library.snapshot().documents()] == ["教育"]


def test_files_are_remembered(library):
    file = source_file("sub/a.txt")
    with library.write() as writer:
        writer.put(file, b"one", extract(writer, file, {"港口": HARBOUR}))
        writer.note(source_file("sub-b.txt"))
    with library.write() as writer:
        assert writer.file(file.path) == file
        assert writer.files_under("/reports/sub") == [file]
        assert [each.source for each in writer.files_under("/reports")] == ["sub-b.txt", "sub/a.txt"]
        assert writer.file("/reports/none") is None


KILLED = """
import sys
from corpus.library import Library
from test_library import SCHOOLS, extract, source_file
with Library(*sys.argv[1:]).write() as writer:
    writer.remove_file("/reports/a.txt")
    for i in range(100_000):
        file = source_file(f"b{i}.txt", str(i).encode())
        writer.put(file, str(i).encode(), extract(writer, file, {f"教育{i}": SCHOOLS}))
        if i % 5 == 2:
            writer.commit()
            print(i, flush=True)
"""


@pytest.mark.parametrize("delay", [0, 0.003, 0.02])
def test_killed_while_writing_leaves_the_old_generation_whole(library, delay, database_url):
    put(library, {"港口": HARBOUR})
    before = picture(library.snapshot())
    with script(KILLED, library.home, database_url) as process:
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
    again = Library(library.home, database_url)
    assert again.generation == 1
    assert picture(again.snapshot()) == before
    with again.write() as writer:
        done = writer.files_under("/reports")
    assert len(done) % 5 == 3
    assert again.generation == 2
    assert again.snapshot().count() == len(done)
    for document in again.snapshot().documents():
        assert again.snapshot().original(document.id).read() == document.source[1:-4].encode()
    if not database_url:
        with closing(sqlite3.connect(file_of(library))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert connection.execute("PRAGMA foreign_key_check").fetchone() is None


HOLDER = """
import sys
from corpus.library import Library
with Library(*sys.argv[1:]).lock():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_writer_is_told_or_waits(library, database_url):
    with script(HOLDER, library.home, database_url, stdin=subprocess.PIPE) as process:
        process.stdout.readline()
        with pytest.raises(DocumentError) as caught, library.lock():
            pass
        assert caught.value.code == "library_locked"
        with pytest.raises(DocumentError) as caught, library.write():
            pass
        assert caught.value.code == "library_locked"
        told = []

        def end_the_other():
            told.append(True)
            process.stdin.write("\n")
            process.stdin.flush()

        with library.lock(wait=True, waiting=end_the_other):
            assert told == [True]


def test_the_lock_dies_with_its_process(library, database_url):
    with script(HOLDER, library.home, database_url, stdin=subprocess.PIPE) as process:
        process.stdout.readline()
        process.kill()
    with library.write() as writer:
        assert writer.generation == 0


def test_the_lock_holds_between_threads(library):
    codes = []

    def attempt():
        try:
            with library.write():
                codes.append("written")
        except DocumentError as error:
            codes.append(error.code)

    with library.lock():
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert codes == ["library_locked"]


def test_threads_read_together(library):
    put(library, {f"第{i}篇": f"这是第{i}篇的唯一一句话。" for i in range(50)})
    snapshot = library.snapshot()
    expected = picture(snapshot)
    wrong = []

    def read():
        wrong.extend(1 for _ in range(10) if picture(snapshot) != expected)
        library.close()

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


FORK = """
import os, sys
from corpus.library import Library
snapshot = Library(*sys.argv[1:]).snapshot()
before = snapshot.documents()
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        os._exit(0 if all(snapshot.documents() == before for _ in range(20)) else 1)
    children.append(child)
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
assert snapshot.documents() == before
"""


def test_a_snapshot_goes_on_after_a_fork(library, database_url):
    put(library, {"港口": HARBOUR})
    process = script(FORK, library.home, database_url)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")


def code_of(action):
    with pytest.raises(DocumentError) as caught:
        action()
    assert "。 " in caught.value.message  # Chinese, then English
    return caught.value.code


texts = st.lists(st.sampled_from(["北村修路三里。", "南村打井两口。", "东村植树千棵。\n", "西村架桥一座。"]), min_size=1,
                 max_size=60).map("".join)
puts = st.tuples(st.just("put"), st.sampled_from(["a.txt", "b.txt"]),
                 st.dictionaries(st.sampled_from("甲乙丙"), texts, max_size=3))
removals = st.tuples(st.sampled_from(["remove", "purge"]), st.integers(0, 5), st.none())
restorals = st.tuples(st.just("restore"), st.integers(0, 5), st.none())
corrections = st.tuples(st.just("correct"), st.integers(0, 5), st.sampled_from(["云溪市", "平川县", None]))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.one_of(puts, removals, restorals, corrections), max_size=8))
def test_earlier_generations_never_change(new_database, steps):
    with tempfile.TemporaryDirectory() as folder:
        library = Library(folder, new_database())
        # (file, title) -> text, generation -> picture, id -> region, what is withdrawn of the first
        expected, pictures, regions, withdrawn = {}, {}, {}, set()
        for action, target, value in steps:
            live = library.snapshot().with_withdrawn.documents() if pictures else []
            if action == "put":
                put(library, value, name=target)
                expected = {key: text for key, text in expected.items() if key[0] != target}
                expected |= {(target, title): text for title, text in value.items()}
            elif target < len(live):
                document = live[target]
                with library.write() as writer:
                    key = document.source, document.metadata.title
                    if action == "correct":
                        writer.correct(document.id, region=value)
                        regions[document.id] = value
                    else:
                        getattr(writer, action)([document.id])
                        withdrawn = withdrawn | {key} if action == "remove" else withdrawn - {key}
                    if action == "purge":
                        del expected[key]
                        regions.pop(document.id, None)
            else:
                continue
            snapshot = library.snapshot()
            documents, passages = picture(snapshot)
            assert {(d.source, d.metadata.title): d.text for d in documents} == {
                key: text for key, text in expected.items() if key not in withdrawn}
            assert snapshot.with_withdrawn.count() == len(expected)
            assert all(d.metadata.region == regions.get(d.id) for d in documents)
            assert sorted((p.document_id, p.start) for _, p, _ in passages) == sorted(
                (p.document_id, p.start) for d in documents for p in cut(d))
            pictures.setdefault(snapshot.generation, (documents, passages))
            for generation, seen in pictures.items():
                assert picture(library.snapshot(generation)) == seen
        library.close()
