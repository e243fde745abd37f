"""What every index does, wherever it is kept: in files on this machine, and on Milvus."""

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from corpus.intake import take_in
from corpus.library import Library
from qa.assembling import indexed_text
from qa.bm25 import EPSILON, K1, B
from qa.errors import IndexUnavailable
from qa.filters import NO_FILTERS, Filters
from qa.index import store_of
from qa.settings import Settings
from qa.terms import terms
from tests.conftest import write_reports

WEIGHTS = {"生产": 1.0, "总值": 2.0, "县": 1.0, "亿": 0.5, "2023": 6.0, "补贴": 1.0, "无此": 1.0, "第": 1.0}
EVERY = 100  # more passages than there are
FILTERS = [
    NO_FILTERS, Filters(regions=("平川县",)), Filters(regions=("平川县", "无此市")), Filters(issuers=("云溪市人民政府",)),
    Filters(years=(2021,)), Filters(years=(2020, 2024)), Filters(regions=("云溪市",), years=(2021,)),
    Filters(regions=("平川县",), issuers=("云溪市人民政府",)), Filters(regions=('"] or added > 0 or region in ["',)),
    Filters(issuers=("\\", "\t", "'\""))]


@pytest.fixture(scope="module", params=["local", "milvus"])
def made(request):
    """A function that makes settings of a home in a folder, with the index in files there, or on Milvus in a file."""
    if request.param == "milvus":
        pytest.importorskip("milvus_lite", reason="needs milvus-lite: pip install -e '.[milvus]'")
    return lambda folder: Settings(home=folder / "data", index_url=str(folder / "index.db") if request.param == "milvus" else "")


@pytest.fixture
def settings(made, tmp_path):
    return made(tmp_path)


@pytest.fixture
def library(settings, tmp_path):
    """A library of the tiny reports."""
    return taken_in(Library(settings.home), write_reports(tmp_path / "reports"))


@pytest.fixture
def store(settings):
    return store_of(settings)


@pytest.fixture
def index(store, library, encoder):
    store.update(None, library, encoder)
    return store.load(encoder)


@pytest.fixture(scope="module")
def standing(made, tmp_path_factory, encoder):
    """A library of the tiny reports and an index of it, not to be written to."""
    folder = tmp_path_factory.mktemp("standing")
    settings = made(folder)
    library = taken_in(Library(settings.home), write_reports(folder / "reports"))
    store_of(settings).update(None, library, encoder)
    return library, store_of(settings).load(encoder)


def taken_in(library, folder):
    with library.write() as writer:
        take_in(writer, [folder])
    return library


def ranked(index, library, encoder, filters=NO_FILTERS, count=EVERY, weights=WEIGHTS, question="平川县2023年进出口总额"):
    """What is found, by passage: BM25 score, cosine, terms of :data:`WEIGHTS` that it holds."""
    [vector] = encoder.encode_queries([question])
    found = index.rank(weights, vector, count, filters, library.snapshot(index.manifest.generation))
    held = found.holding(tuple(WEIGHTS), np.arange(len(found.passage_ids)))
    return {i: (pytest.approx(bm25, abs=1e-6), pytest.approx(cosine, abs=1e-2), terms) for i, bm25, cosine, terms in zip(
        found.passage_ids.tolist(), found.bm25.tolist(), found.vector.tolist(), held, strict=True)}


def expected(library, encoder, filters=NO_FILTERS, question="平川县2023年进出口总额"):
    """The same by rank_bm25, and by vectors as they are encoded."""
    snapshot = library.snapshot()
    ids = snapshot.live_passage_ids().tolist()
    texts = [indexed_text(passage, known) for _, passage, known in snapshot.iter_passages(ids)]
    bags = list(map(terms, texts))
    peer = BM25Okapi(bags, k1=K1, b=B, epsilon=EPSILON)
    bm25 = sum(weight * peer.get_scores([term]) for term, weight in WEIGHTS.items())
    cosines = encoder.encode_passages(texts) @ encoder.encode_queries([question])[0]
    passing = set(snapshot.live_passage_ids(filters.document_ids or None, filters.regions, filters.years, filters.issuers).tolist())
    return {i: (score, cosine, tuple(term for term in WEIGHTS if term in bag)) for i, score, cosine, bag in zip(
        ids, bm25.tolist(), cosines.tolist(), bags) if i in passing}


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_scores_are_those_of_rank_bm25_and_of_the_vectors(standing, encoder, filters):
    library, index = standing
    assert ranked(index, library, encoder, filters) == expected(library, encoder, filters)


def test_documents_are_filtered_by_their_ids(standing, encoder):
    library, index = standing
    chosen = tuple(document.id for document in library.snapshot().documents()[:2])
    filters = Filters(document_ids=chosen)
    found = ranked(index, library, encoder, filters)
    assert found == expected(library, encoder, filters)
    assert 0 < len(found) < len(index)


def test_each_ranking_hands_over_its_first(standing, encoder):
    library, index = standing
    every = expected(library, encoder)
    best = {max(every, key=lambda i: every[i][0]), max(every, key=lambda i: every[i][1])}
    assert set(ranked(index, library, encoder, count=1)) == best
    assert set(ranked(index, library, encoder, count=1, weights={"无此": 1.0})) == {max(every, key=lambda i: every[i][1])}


def test_terms_are_worth_what_the_passages_make_them(standing):
    library, index = standing
    snapshot = library.snapshot()
    bags = [set(terms(indexed_text(passage, known))) for _, passage, known in snapshot.iter_passages(snapshot.live_passage_ids().tolist())]
    counts = {term: sum(term in bag for bag in bags) for term in [*set().union(*bags), "无此"]}
    vocabulary = index.vocabulary
    assert vocabulary.consulted(lambda held: {term: held(term) for term in counts}) == counts
    assert vocabulary.present(counts) == tuple(term for term in counts if counts[term])
    assert "无此" not in vocabulary
    peer = BM25Okapi([list(bag) for bag in bags])
    assert {term: vocabulary.idf(term) for term in peer.idf} == pytest.approx(peer.idf)
    assert min(vocabulary.known_idf(counts)) > 0


def test_a_sample_is_of_passages_that_are_in(standing):
    library, index = standing
    live = library.snapshot().live_passage_ids().tolist()
    assert sorted(index.sample(EVERY)) == live
    assert set(index.sample(2)) <= set(live)
    assert index.sample(2).tolist() == index.sample(2).tolist()


def test_updates_give_what_building_anew_gives(store, library, encoder, tmp_path, index):
    versions, steps = {store.current()}, []
    reports = tmp_path / "reports"
    (reports / "trade.md").unlink()
    (reports / "new.md").write_text("# 新区规划\n\n2023年，新区规划面积为88平方公里，生产总值12亿元。\n", encoding="utf-8")
    changes = [lambda writer: take_in(writer, [reports]), lambda writer: writer.remove([library.snapshot().documents()[0].id]),
               lambda writer: writer.restore([removed]), lambda writer: writer.correct(removed, title="第二县生产总值公报")]
    removed = library.snapshot().documents()[0].id
    for change in changes:
        with library.write() as writer:
            change(writer)
        before = store.load(encoder)
        store.update(before, library, encoder, lambda done, total: steps.append(total))
        after = store.load(encoder, before)
        assert ranked(after, library, encoder) == expected(library, encoder)
        assert len(after) == len(library.snapshot().live_passage_ids())
        versions.add(store.current())
    assert len(versions) == 1 + len(changes)
    assert max(steps) < len(index)  # only what is new was embedded


def test_a_version_stays_as_it_is_while_and_after_the_next_is_written(store, index, library, encoder):
    before, held = expected(library, encoder), index.vocabulary.held("县")
    with library.write() as writer:
        writer.remove([document.id for document in library.snapshot().documents() if "平川" in document.metadata.title])
        writer.correct(library.snapshot().documents()[-1].id, title="县级公报")
    assert ranked(index, library, encoder) == before
    store.update(index, library, encoder)
    again = store.load(encoder)
    assert ranked(index, library, encoder) == before
    assert index.vocabulary.held("县") == held
    assert again.vocabulary.held("县") == sum("县" in terms for _, _, terms in expected(library, encoder).values())
    assert ranked(again, library, encoder) == expected(library, encoder) != before


def test_a_run_that_breaks_off_leaves_the_version_before(store, index, library, encoder, tmp_path):
    class Broken(type(encoder)):
        def encode_passages(self, texts):
            raise RuntimeError("broken off")

    before, version = expected(library, encoder), store.current()
    (tmp_path / "reports" / "new.md").write_text("# 新区规划\n\n新区规划面积为88平方公里。\n", encoding="utf-8")
    taken_in(library, tmp_path / "reports")
    with pytest.raises(RuntimeError, match="broken off"):
        store.update(index, library, Broken())
    assert store.current() == version
    assert ranked(store.load(encoder), library, encoder) == before
    store.update(store.load(encoder), library, encoder)
    assert ranked(store.load(encoder), library, encoder) == expected(library, encoder)


def test_another_store_loads_what_one_wrote(settings, index, library, encoder):
    again = store_of(settings).load(encoder)
    assert again.manifest == index.manifest
    assert ranked(again, library, encoder) == ranked(index, library, encoder)


def test_an_index_of_nothing_finds_nothing(store, index, library, encoder):
    with library.write() as writer:
        writer.remove([document.id for document in library.snapshot().documents()])
    store.update(index, library, encoder)
    empty = store.load(encoder)
    assert (len(empty), ranked(empty, library, encoder), empty.sample(5).tolist()) == (0, {}, [])
    with library.write() as writer:
        writer.restore([document.id for document in library.snapshot(1).documents()])
    store.update(empty, library, encoder)
    assert ranked(store.load(encoder), library, encoder) == expected(library, encoder)


def test_no_index_is_missing(store, encoder):
    assert store.current() is None
    refused(store, encoder, "index_missing")


def test_another_model_is_refused_by_name(store, index, encoder):
    class Other(type(encoder)):
        name = "another-model"

    assert encoder.name in refused(store, Other(), "index_mismatch").message


def refused(store, encoder, code):
    """Loading is refused with this code and with what to run."""
    with pytest.raises(IndexUnavailable) as caught:
        store.load(encoder)
    assert caught.value.code == code
    assert "python -m qa index" in caught.value.message
    return caught.value
