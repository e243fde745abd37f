"""The library in a file of SQLite: what it does with files of other programs, other times and other hands."""

import os
import sqlite3
import tempfile
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from corpus.document import Document, Metadata, Passage
from corpus.library import Library
from tests.corpus.test_library import HARBOUR, SCHOOLS, code_of, extract, file_of, picture, put, script, source_file


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path / "home")
    yield library
    library.close()


# The first format, and a report as it was kept then: texts as they are, or in UTF-8 by zlib.
FIRST = """
CREATE TABLE state (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE files (
    path TEXT PRIMARY KEY, root TEXT NOT NULL, source TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, rules TEXT NOT NULL, texts INTEGER NOT NULL,
    problems TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX file_content ON files(sha256);
CREATE TABLE raws (row INTEGER PRIMARY KEY, original TEXT NOT NULL, text BLOB NOT NULL);
CREATE TABLE documents (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, path TEXT NOT NULL, source TEXT NOT NULL,
    raw INTEGER NOT NULL REFERENCES raws(row), added INTEGER NOT NULL, removed INTEGER,
    title TEXT NOT NULL, issuer TEXT, region TEXT, published TEXT, report_year INTEGER, number TEXT, origin TEXT,
    url TEXT, sections TEXT NOT NULL, pages TEXT NOT NULL, offsets TEXT NOT NULL);
CREATE UNIQUE INDEX document_now ON documents(id) WHERE removed IS NULL;
CREATE INDEX document_path ON documents(path) WHERE removed IS NULL;
CREATE INDEX document_id ON documents(id);
CREATE INDEX document_life ON documents(added, removed);
CREATE INDEX document_removed ON documents(removed) WHERE removed IS NOT NULL;
CREATE INDEX document_raw ON documents(raw);
CREATE TABLE texts (
    document INTEGER NOT NULL REFERENCES documents(row) ON DELETE CASCADE, start INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (document, start));
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents(row) ON DELETE CASCADE,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, page INTEGER, section TEXT NOT NULL);
CREATE INDEX passage_document ON passages(document);
CREATE TABLE corrections (
    document TEXT NOT NULL, field TEXT NOT NULL, value, PRIMARY KEY (document, field)) WITHOUT ROWID;
INSERT INTO state VALUES ('generation', 3), ('pruned', 2), ('identity', '0123456789abcdef0123456789abcdef');
INSERT INTO files VALUES ('/reports/a.txt', '/reports', 'a.txt', 'feed', 3, 1, 'r1', 1, '[["a.txt", "odd", "有点怪"]]');
INSERT INTO corrections VALUES ('00000000000a', 'report_year', 2020), ('00000000000a', 'number', '7');
PRAGMA application_id = 0x71616C62;
PRAGMA user_version = 1;
"""


def test_the_first_format_opens_and_is_brought_up_to_date(library):
    library.home.mkdir()
    with closing(sqlite3.connect(file_of(library))) as connection:
        connection.executescript(FIRST)
        connection.execute("INSERT INTO raws VALUES (1, 'originals/fe/feed.txt', ?)", [zlib.compress(HARBOUR.encode())])
        connection.execute("INSERT INTO documents VALUES (5, '00000000000a', '/reports/a.txt', 'a.txt', 1, 3, NULL, '港口', NULL, '云溪市', '2021',"
                           " 2020, '7', NULL, NULL, '[]', '[[3, 0]]', '[[0, 0]]')")
        connection.execute("INSERT INTO texts VALUES (5, 0, ?)", [HARBOUR])
        connection.execute("INSERT INTO passages VALUES (9, 5, 0, 18, 3, '[\"一\"]')")
        connection.commit()
    document = Document("00000000000a", "a.txt", HARBOUR, Metadata("港口", None, "云溪市", "2021", 2020, "7"), pages=((3, 0),))
    passage = Passage(document.id, 0, 18, HARBOUR[:18], ("一",), 3)
    assert picture(library.snapshot()) == ([document], [(9, passage, document.metadata)])
    assert library.identity == "0123456789abcdef0123456789abcdef"
    assert library.snapshot().raw_text(document.id) == HARBOUR
    with library.write() as writer:
        assert writer.file("/reports/a.txt").problems == (("a.txt", "odd", "有点怪"),)
    put(library, {"教育": SCHOOLS}, "b.txt")
    with library.write() as writer:
        writer.remove([document.id])
        writer.correct(document.id, region="平川县")
    assert [found.metadata.title for found in library.snapshot().documents()] == ["教育"]
    assert library.snapshot(3).documents() == [document]
    corrected = library.snapshot().with_withdrawn.document(document.id).metadata
    assert (corrected.region, corrected.report_year, corrected.number, library.generation) == ("平川县", 2020, "7", 5)


def test_a_text_that_is_the_file_is_kept_once(library):
    [document_id] = put(library, {"港口": HARBOUR}, content=HARBOUR.encode()).values()
    assert library.snapshot().raw_text(document_id) == HARBOUR
    with closing(sqlite3.connect(file_of(library))) as connection:
        assert connection.execute("SELECT length(text) FROM raws").fetchall() == [(0,)]


def test_no_library_yet(library):
    assert code_of(library.snapshot) == "library_missing"
    library.home.mkdir()
    file_of(library).touch()
    assert code_of(library.snapshot) == "library_missing"
    put(library, {"港口": HARBOUR})


def test_a_file_that_is_no_library(library, tmp_path):
    library.home.mkdir()
    file_of(library).write_bytes(b"not a database, by any means" * 100)
    assert code_of(library.snapshot) == "library_corrupt"
    assert code_of(lambda: put(library, {"港口": HARBOUR})) == "library_corrupt"
    other = Library(tmp_path / "other")
    other.home.mkdir()
    with sqlite3.connect(file_of(other)) as connection:
        connection.execute("CREATE TABLE cakes (name)")
    connection.close()
    content = file_of(other).read_bytes()
    assert code_of(other.snapshot) == "library_corrupt"
    assert code_of(lambda: put(other, {"港口": HARBOUR})) == "library_corrupt"
    assert file_of(other).read_bytes() == content


def test_a_damaged_library(library):
    put(library, {f"第{i}篇": HARBOUR + str(i) for i in range(60)})
    snapshot = library.snapshot()
    library.close()
    content = bytearray(file_of(library).read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    file_of(library).write_bytes(content)
    assert code_of(lambda: picture(snapshot)) == "library_corrupt"
    library.close()
    file_of(library).write_bytes(content[:5000])
    assert code_of(lambda: picture(library.snapshot())) == "library_corrupt"


def test_a_library_of_a_newer_program(library):
    put(library, {"港口": HARBOUR})
    with sqlite3.connect(file_of(library)) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    again = Library(library.home)
    assert code_of(again.snapshot) == "library_newer"
    assert code_of(lambda: put(again, {"教育": SCHOOLS})) == "library_newer"


UNPRIVILEGED = """
import os, sys
from corpus.errors import DocumentError
from corpus.library import Library
from test_library import SCHOOLS, put
if os.geteuid() == 0:
    os.setuid(65534)
try:
    put(Library(sys.argv[1]), {"教育": SCHOOLS})
except DocumentError as error:
    print(error.code)
"""


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_that_must_not_be_written(exists):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        library = Library(Path(folder, "home"))
        if exists:
            put(library, {"港口": HARBOUR})
            library.close()
            os.chmod(library.home, 0o555)
        else:
            os.chmod(folder, 0o555)
        process = script(UNPRIVILEGED, library.home)
        printed, errors = process.communicate()
        os.chmod(folder, 0o755)
        assert (printed, errors) == ("library_readonly\n", "")


def test_home_is_a_file(tmp_path):
    (tmp_path / "home").write_text("in the way")
    assert code_of(lambda: put(Library(tmp_path / "home"), {"港口": HARBOUR})) == "library_readonly"


def test_a_full_disk(library, monkeypatch):
    put(library, {"港口": HARBOUR})
    before = picture(library.snapshot())

    def fill():
        with library.write() as writer:
            writer._run(text("PRAGMA max_page_count = 30"))
            file = source_file("b.txt")
            writer.put(file, b"one", extract(writer, file, {f"教育{i}": SCHOOLS for i in range(900)}))

    assert code_of(fill) == "disk_full"

    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    assert code_of(lambda: put(library, {"教育": SCHOOLS})) == "disk_full"
    assert picture(library.snapshot()) == before
