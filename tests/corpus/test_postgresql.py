"""The library in PostgreSQL: hosts that share it, and a server that is away or refuses."""

import subprocess

import pytest
from sqlalchemy import text

from corpus.errors import DocumentError
from corpus.library import Library
from corpus.postgresql import address, engine
from tests.corpus.test_library import FORESTS, HARBOUR, HOLDER, SCHOOLS, code_of, picture, put, script
from tests.postgresql import PASSWORD


@pytest.fixture
def url(postgresql):
    return postgresql.database()


@pytest.fixture
def library(tmp_path, url):
    library = Library(tmp_path / "home", url)
    yield library
    library.close()


def run(url, *statements):
    made = engine(url, isolation_level="AUTOCOMMIT")
    with made.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    made.dispose()


def test_two_hosts_share_a_library(library, tmp_path, url):
    ids = put(library, {"港口": HARBOUR})
    other = Library(tmp_path / "other", url)
    assert (other.identity, picture(other.snapshot())) == (library.identity, picture(library.snapshot()))
    with script(HOLDER, library.home, url, stdin=subprocess.PIPE) as process:
        process.stdout.readline()
        assert code_of(lambda: put(other, {"教育": SCHOOLS})) == "library_locked"
        process.stdin.write("\n")
    put(other, {"教育": SCHOOLS}, "b.txt")
    assert set(ids) | {"教育"} == {document.metadata.title for document in library.snapshot().documents()}
    other.close()


def test_texts_are_ordered_as_in_sqlite(library, tmp_path):
    in_file = Library(tmp_path / "file")
    articles = dict.fromkeys(("b", "A", "a", "B", "乙", "甲", "ß", "_"), HARBOUR)
    for each in (library, in_file):
        put(each, articles)
    titles = [[document.metadata.title for document in each.snapshot().documents()] for each in (library, in_file)]
    assert titles[0] == titles[1] == sorted(articles)
    in_file.close()


def test_it_goes_on_when_the_server_was_started_anew(library, postgresql):
    put(library, {"港口": HARBOUR})
    snapshot = library.snapshot()
    before = picture(snapshot)
    postgresql.stop()
    try:
        assert code_of(snapshot.documents) == "database_unreachable"
        assert code_of(lambda: put(library, {"教育": SCHOOLS})) == "database_unreachable"
    finally:
        postgresql.start()
    assert picture(snapshot) == before
    run_broken_off(library, postgresql)
    assert picture(library.snapshot()) == before
    put(library, {"教育": SCHOOLS})


def run_broken_off(library, postgresql):
    """A run during which the server goes."""
    with pytest.raises(DocumentError) as caught, library.write() as writer:
        writer.remove_file("/reports/a.txt")
        postgresql.stop()
        postgresql.start()
        writer.commit()
    assert caught.value.code == "database_unreachable"


@pytest.mark.parametrize(("harm", "code"), [
    (lambda server: server.url("postgres", "wrong"), "database_refused"), (lambda server: server.url("none"), "database_refused"),
    (lambda server: f"postgresql://qa:{PASSWORD.replace(':', '%3A').replace('/', '%2F')}@127.0.0.1:1/none", "database_unreachable")])
def test_a_server_that_lets_nobody_in(postgresql, tmp_path, harm, code):
    with pytest.raises(DocumentError) as caught:
        Library(tmp_path, harm(postgresql)).snapshot()
    assert caught.value.code == code
    assert "QA_DATABASE_URL" in caught.value.message
    assert "words" not in f"{caught.value.message}{caught.value.detail}"


def test_a_database_without_a_library(library, url):
    assert code_of(library.snapshot) == "library_missing"
    run(url, "CREATE TABLE state (key TEXT, value JSON)")
    assert code_of(library.snapshot) == "library_corrupt"
    assert code_of(lambda: put(library, {"港口": HARBOUR})) == "library_corrupt"


def test_other_formats(library, url):
    put(library, {"港口": HARBOUR})
    before = picture(library.snapshot())
    library.close()
    run(url, "UPDATE state SET value = '2' WHERE key = 'format'")
    assert picture(library.snapshot()) == before
    library.close()
    run(url, "UPDATE state SET value = '99' WHERE key = 'format'")
    assert code_of(library.snapshot) == "library_newer"


def test_a_database_that_must_not_be_written(library, url):
    put(library, {"港口": HARBOUR})
    library.close()
    run(url, f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = on")
    assert code_of(lambda: put(library, {"造林": FORESTS})) == "library_readonly"
    assert library.snapshot().count() == 1


@pytest.mark.parametrize("url", ["postgresql://qa:geheim@host/reports", "postgresql://qa@host/reports?password=geheim",
                                 "postgresql:///reports?user=qa&password=geheim&host=host"])
def test_an_address_is_told_without_its_password(url):
    told = address(url)
    assert "geheim" not in told
    assert "reports" in told and "qa" in told and "host" in told
