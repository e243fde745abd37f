import pytest

from corpus.catalogue import SORTS, Catalogue, Wanted
from corpus.library import Library
from tests.corpus.test_library import FORESTS, HARBOUR, SCHOOLS, put


@pytest.fixture
def library(tmp_path):
    """A harbour, schools that are withdrawn, and forests of which little is known."""
    library = Library(tmp_path / "home")
    put(library, {"港口": HARBOUR}, "harbour_1%.txt", region="云溪市", published="2021-03-23", report_year=2020, issuer="港务局")
    schools = put(library, {"教育": SCHOOLS}, "b.txt", region="平川县", published="2022-01", number="平教〔2022〕1号")
    put(library, {"森林": FORESTS}, "c.txt", region="云溪市")
    with library.write() as writer:
        writer.remove(schools.values())
    yield library
    library.close()


@pytest.fixture
def catalogue(library):
    return Catalogue(library.snapshot())


def titles(catalogue, **wanted):
    rows, total = catalogue.page(Wanted(**wanted))
    assert total == len(rows)
    return [row.metadata.title for row in rows]


def test_rows_say_what_is_known(catalogue, library):
    rows, total = catalogue.page(Wanted())
    assert total == 3
    assert [(row.metadata.title, row.year, row.withdrawn) for row in rows] == [("教育", 2022, True), ("港口", 2020, False), ("森林", None, False)]
    snapshot = library.snapshot().with_withdrawn
    assert [row.passages for row in rows] == [snapshot.passage_count(row.id) for row in rows]
    assert [catalogue.row(row.id) for row in rows] == rows
    with pytest.raises(KeyError):
        catalogue.row("unknown")


def test_it_is_filtered(catalogue):
    assert titles(catalogue, region="云溪市") == ["港口", "森林"]
    assert titles(catalogue, year=2022) == ["教育"]
    assert titles(catalogue, withdrawn=True) == ["教育"]
    assert titles(catalogue, withdrawn=False, region="平川县") == []
    assert catalogue.regions() == ["云溪市", "平川县"]
    assert catalogue.years() == [2022, 2020]


@pytest.mark.parametrize(("words", "found"), [
    (["港"], ["港口"]), (["港", "云溪"], []), (["港", "港务局"], ["港口"]), (["HARBOUR"], ["港口"]), (["1号"], ["教育"]), (["_1%"], ["港口"]),
    (["%"], ["港口"]), (["_"], ["港口"]), (["\\"], []), (["'"], [])])
def test_it_is_searched(catalogue, words, found):
    assert titles(catalogue, words=words) == found


@pytest.mark.parametrize("sort", SORTS)
def test_it_is_sorted_either_way_and_paged(catalogue, sort):
    assert sorted(titles(catalogue, sort=sort, descending=False)) == sorted(["港口", "教育", "森林"])
    up, down = titles(catalogue, sort=sort, descending=False), titles(catalogue, sort=sort, descending=True)
    unknown = {"issuer": {"教育", "森林"}, "published": {"森林"}, "year": {"森林"}}.get(sort, set())
    known = len(up) - len(unknown)
    assert set(up[known:]) == set(down[known:]) == unknown
    if sort in ("title", "published", "year"):
        assert up[:known] == down[:known][::-1]
    paged = [catalogue.page(Wanted(sort=sort), offset, 1)[0][0].metadata.title for offset in range(3)]
    assert paged == down
