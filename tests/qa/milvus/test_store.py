"""What is Milvus' own: runs that break off between writing and naming, collections made anew, and what is refused."""

import fcntl
import json
import sys
import time
from dataclasses import asdict, replace

import numpy as np
import pytest

pytest.importorskip("milvus_lite", reason="needs milvus-lite: pip install -e '.[milvus]'")

from milvus_lite.adapter.grpc.server import start_server_in_thread

from corpus.document import Metadata, Passage
from embeddings.vectors import Block
from qa import indexing
from qa.errors import IndexUnavailable, ServiceError
from qa.filters import Filters
from qa.index import store_of
from qa.milvus.collections import PASSAGES, TERMS, VECTORLESS, VERSIONS, begin
from qa.milvus.connection import Connection
from qa.milvus.passages import Passages
from qa.milvus.store import MilvusStore
from qa.postings import Postings
from qa.segment import Segment
from qa.service import AnswerService
from qa.settings import Settings

GROWTH, TRADE = "2021年云溪市生产总值是多少？", "2023年前十个月货物进出口总额是多少？"
AWAY = "http://127.0.0.1:1"


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "data", index_url=str(tmp_path / "index.db"), threshold=0)


@pytest.fixture
def service(settings, tiny_reports, encoder):
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    return AnswerService.open(settings, encoder)


@pytest.fixture
def local(settings, encoder):
    """A function that opens a service on the same library with an index in its home."""
    def opened():
        own = replace(settings, index_url="")
        indexing.renew(own, encoder)
        return AnswerService.open(own, encoder)

    return opened


def found(service, question, **filters):
    """The passages for a question, and how they scored, best first; where they scored the same, by their words and vectors."""
    scored = [(passage.citation.quote, passage.matched, *(round(each, 5) for each in (passage.score, passage.bm25, passage.vector)))
              for passage in service.search(question, filters=Filters(**filters), top_k=50).passages]
    return sorted(scored, key=lambda each: (-each[2], each[0], each[4]))


def assert_same(one, other):
    for question, filters in ((GROWTH, {}), (TRADE, {"regions": ("平川县",)}), ("新区规划面积", {"years": (2021, 2023)}), ("？", {})):
        assert found(one, question, **filters) == found(other, question, **filters)


def ids(service):
    return {document.source: document.id for document in service.documents()[0]}


def test_a_service_answers_as_on_the_local_index_through_all_changes(service, local, settings, tiny_reports, encoder):
    assert_same(service, local())
    talent, firms = ids(service)["talent.txt"], ids(service)["firms.md"]
    (tiny_reports / "trade.md").write_text("# 新区规划\n\n新区规划面积为88平方公里。\n", encoding="utf-8")
    for change in (lambda: AnswerService.remove(settings, [talent], encoder), lambda: AnswerService.restore(settings, [talent], encoder),
                   lambda: AnswerService.correct(settings, talent, encoder, title="柳林县人才安居办法", region="柳林县"),
                   lambda: AnswerService.purge(settings, [firms], encoder),
                   lambda: AnswerService.index(settings, [tiny_reports], encoder=encoder)):
        change()
        assert service.refresh()
        assert not service.refresh()
        assert_same(service, local())
    assert service.suggestions() == local().suggestions()
    assert service.ask(GROWTH).text == local().ask(GROWTH).text is not None


def test_a_run_that_breaks_off_before_it_is_named_leaves_no_trace(service, local, settings, tiny_reports, encoder, monkeypatch):
    before, version = found(service, TRADE), service.index_version
    trade, growth = ids(service)["trade.md"], ids(service)["growth.md"]
    (tiny_reports / "new.md").write_text("# 新区规划\n\n新区规划面积为88平方公里。\n", encoding="utf-8")

    def crash(*_):
        raise RuntimeError("crash")

    with monkeypatch.context() as patch:
        patch.setattr(MilvusStore, "_name", crash)
        for change in (lambda: AnswerService.remove(settings, [trade], encoder),
                       lambda: AnswerService.index(settings, [tiny_reports], encoder=encoder)):
            with pytest.raises(RuntimeError, match="crash"):
                change()
    assert not service.refresh()
    assert found(service, TRADE) == before
    assert AnswerService.open(settings, encoder).index_version == version
    (tiny_reports / "new.md").unlink()
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    AnswerService.restore(settings, [trade], encoder)
    AnswerService.remove(settings, [growth], encoder)
    assert service.refresh()
    assert_same(service, local())


def test_collections_are_made_anew_where_passages_have_become_longer(service, local, settings, tiny_reports, encoder, prose):
    store = store_of(settings)
    names = [store.load(encoder).manifest.collections]
    for number in range(2):
        (tiny_reports / f"long{number}.md").write_text(f"# 长篇{number}\n\n" + prose(0, 400), encoding="utf-8")
        AnswerService.index(settings, [tiny_reports], encoder=encoder)
        service.refresh()
        assert_same(service, local())
        names.append(store.load(encoder).manifest.collections)
    assert names[0] == names[1] != names[2]
    assert {PASSAGES, TERMS} == {name.removesuffix(f"_{names[2]}") for name in collections(settings) if name.endswith(names[2])}
    (tiny_reports / "long1.md").unlink()
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    assert not [name for name in collections(settings) if name.endswith(names[0])]


def collections(settings):
    return Connection(settings.index_url).call("list_collections")


def refused(work, code):
    """Some work is refused with a code, in both languages."""
    with pytest.raises(ServiceError) as caught:
        work()
    assert caught.value.code == code
    assert any("\u4e00" <= c <= "\u9fff" for c in caught.value.message)
    return caught.value


def test_the_index_of_another_library_is_neither_read_nor_replaced(service, settings, tmp_path, tiny_reports, encoder):
    other = replace(settings, home=tmp_path / "other")
    error = refused(lambda: AnswerService.index(other, [tiny_reports], encoder=encoder), "index_of_another_library")
    assert "QA_INDEX_URL" in error.message
    refused(lambda: AnswerService.open(other, encoder), "index_mismatch")
    assert AnswerService.open(settings, encoder).index_version == service.index_version


@pytest.mark.parametrize(("harm", "code"), [
    (lambda connection, manifest: connection.call("delete", f"{TERMS}_{manifest['collections']}", filter="held == 2"), "index_corrupt"),
    (lambda connection, manifest: connection.call("delete", f"{PASSAGES}_{manifest['collections']}", filter="id == 1"), "index_corrupt"),
    (lambda connection, manifest: connection.write(VERSIONS, [
        {"id": 0, "version": "old", "manifest": json.dumps(manifest | {"format": 0})} | VECTORLESS]), "index_mismatch")])
def test_an_index_that_cannot_be_used_is_refused_and_built_anew(service, local, settings, tiny_reports, encoder, harm, code):
    harm(Connection(settings.index_url), asdict(store_of(settings).load(encoder).manifest))
    error = refused(lambda: store_of(settings).load(encoder), code)
    assert "python -m qa index" in error.message
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    assert_same(AnswerService.open(settings, encoder), local())


def test_another_model_builds_another_index(service, settings, tiny_reports, encoder):
    class Other(type(encoder)):
        name, dimension = "another-model", 64

    AnswerService.index(settings, [tiny_reports], encoder=Other())
    assert store_of(settings).load(Other()).manifest.model == "another-model"
    assert found(service, GROWTH)  # a server that has not noticed yet


def test_a_server_that_is_away_is_no_reason_to_build_anew(settings, tiny_reports, encoder):
    away = replace(settings, index_url=AWAY)
    for work in (lambda: AnswerService.index(away, [tiny_reports], encoder=encoder), lambda: AnswerService.open(away, encoder)):
        assert "QA_INDEX_URL" in refused(work, "index_unreachable").message


def test_a_file_that_another_process_uses_is_refused_with_what_to_do(settings, tmp_path):
    (tmp_path / "index.db").mkdir()
    with (tmp_path / "index.db" / "LOCK").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "milvus-lite server" in refused(store_of(settings).current, "index_unreachable").message


def test_without_pymilvus_the_message_says_what_to_install(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    assert "pip install" in refused(store_of(settings).current, "index_unreachable").message


def test_a_server_that_comes_back_is_used_again(settings, tmp_path, tiny_reports, encoder):
    server, database, port = start_server_in_thread(str(tmp_path / "server"), "127.0.0.1", 0)
    settings = replace(settings, index_url=f"http://127.0.0.1:{port}")
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    service = AnswerService.open(settings, encoder)
    before = found(service, GROWTH)
    server.stop(grace=0).wait()
    database.close()
    refused(lambda: service.search(GROWTH), "index_unreachable")
    server, database, _ = start_server_in_thread(str(tmp_path / "server"), "127.0.0.1", port)
    for _ in range(100):  # gRPC tries again by itself, but not at once
        try:
            assert found(service, GROWTH) == before
            break
        except IndexUnavailable:
            time.sleep(0.1)
    else:
        pytest.fail("the server is not used again")
    server.stop(grace=0).wait()
    database.close()


def test_a_passage_without_terms_is_found_by_its_vector(settings):
    connection = Connection(settings.index_url)
    begin(connection, "wordless", 2)
    passages = Passages(connection, f"{PASSAGES}_wordless", 1.0)
    passage = Passage("d", 0, 3, "———")
    passages.add(Segment.new(np.array([7]), Postings.of([[]]), Block.of(np.eye(1, 2, dtype=np.float32))), [(7, passage, Metadata("—"))], 1)
    found = passages.search("vector", np.array([1, 0], np.float32), 5, "added <= 1")
    assert (found.ids.tolist(), found.lengths.tolist(), found.scores.tolist()) == ([7], [0], [pytest.approx(1, abs=0.01)])
    assert found.held(["甲"]).tolist() == [[0.0]]
    with pytest.raises(IndexUnavailable):
        passages.search("vector", np.array([1, 0], np.float32), 5, "nonsense ===")
