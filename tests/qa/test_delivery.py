"""Single files handed in: each whole or not at all."""

from zipfile import ZipFile

import pytest

from corpus.library import Library
from qa.delivery import Delivery, deliver, known_files
from qa.local_index import current_version
from qa.service import AnswerService
from qa.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "data", threshold=0)


@pytest.fixture
def put(tmp_path):
    """A function that writes a file into a folder of its own."""
    def write(name, text):
        folder = tmp_path / "in" / str(sum(1 for _ in tmp_path.glob("in/*")))
        folder.mkdir(parents=True)
        (folder / name).write_text(text, encoding="utf-8")
        return folder / name

    return write


def text(amount, title="云溪港统计公报"):
    return f"{title}\n\n2021年，云溪港完成货物吞吐量{amount}万吨，比上年增长一成。\n"


def test_the_first_files_make_the_library(settings, put, encoder):
    reached = []
    one, two = put("a.txt", text(1)), put("b.pdf", "none")
    taken, refused = deliver(settings, [Delivery(one), Delivery(two)], encoder, lambda *call: reached.append(call))
    assert (taken.taken, refused.taken) == (True, False)
    assert len(refused.problems) == 1
    assert [stage for path, stage, _ in reached if path == str(one)] == ["read", "repaired", "cut", "embedded", "indexed"]
    assert {stage for path, stage, _ in reached if path == str(two)} <= {"read"}
    assert AnswerService.open(settings, encoder).status()["documents"] == 1
    assert known_files(settings, one.parents[1]) == {one}


def test_nothing_taken_makes_no_index(settings, put, encoder):
    assert not deliver(settings, [Delivery(put("b.pdf", "none"))], encoder)[0].taken
    assert current_version(settings.home) is None


def test_a_run_may_be_made_again(settings, put, encoder, monkeypatch):
    old = put("a.txt", text(1))
    [first] = deliver(settings, [Delivery(old)], encoder)
    new = Delivery(put("b.txt", text(2)), replaces=first.document_ids[0])
    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="killed"):
        patch.setattr("qa.local_index.save", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        deliver(settings, [new], encoder)
    [again] = deliver(settings, [new], encoder)
    assert again.taken and again.document_ids == first.document_ids
    assert "吞吐量2万吨" in AnswerService.open(settings, encoder).document(first.document_ids[0]).text


def test_what_cannot_take_the_place_of_another_leaves_it(settings, put, encoder):
    [first] = deliver(settings, [Delivery(put("a.txt", text(1)))], encoder)
    library = Library(settings.home)
    generation = library.generation
    for path in (put("a.pdf", "none"), put("c.txt", text(1))):
        assert not deliver(settings, [Delivery(path, replaces=first.document_ids[0])], encoder)[0].taken
    assert not deliver(settings, [Delivery(put("d.txt", text(4)), replaces="000000000000")], encoder)[0].taken
    assert library.generation == generation


def test_a_copy_of_what_is_withdrawn_is_told_too(settings, put, encoder):
    [first] = deliver(settings, [Delivery(put("a.txt", text(1)))], encoder)
    AnswerService.remove(settings, first.document_ids, encoder)
    [copy] = deliver(settings, [Delivery(put("b.txt", text(1)))], encoder)
    assert not copy.taken and copy.document_ids == first.document_ids


def test_what_is_known_stays_with_a_report_that_is_read_again(settings, put, encoder):
    path = put("a.txt", text(1))
    [first] = deliver(settings, [Delivery(path, known={"url": "https://a.example/1", "title": "港口"})], encoder)
    path.write_text(text(2), encoding="utf-8")
    AnswerService.index(settings, [path], encoder=encoder)
    document = AnswerService.open(settings, encoder).document(first.document_ids[0])
    assert (document.metadata.url, document.metadata.title) == ("https://a.example/1", "港口")
    assert "吞吐量2万吨" in document.text


def test_a_title_is_not_that_of_several_documents(settings, put, encoder):
    path = put("a.zip", "")
    with ZipFile(path, "w") as archive:
        for number in (1, 2):
            archive.writestr(f"{number}.txt", text(number, f"公报{number}"))
    [taken] = deliver(settings, [Delivery(path, known={"title": "合集", "issuer": "云溪港"})], encoder)
    assert taken.taken and "没有采用给出的标题" in taken.problems[0]
    service = AnswerService.open(settings, encoder)
    assert [(service.document(each).metadata.title, service.document(each).metadata.issuer) for each in taken.document_ids] == [
        ("公报1", "云溪港"), ("公报2", "云溪港")]
