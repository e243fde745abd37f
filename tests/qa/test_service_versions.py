"""AnswerService and the versions of the index: opening, taking up newer ones, and what is refused."""

import shutil
import threading

import pytest

from qa.errors import IndexUnavailable, NotFound
from qa.local_index import current_version
from qa.service import AnswerService
from qa.settings import Settings

GROWTH = "2021年云溪市生产总值是多少？"


def ids(service):
    """Document ids by source."""
    return {document.source: document.id for document in service.documents()[0]}


def test_a_newer_version_is_taken_up_when_asked_to(own, encoder):
    version, document_id = own.index_version, ids(own)["talent.txt"]
    assert not own.refresh()
    AnswerService.remove(own.settings, [document_id], encoder)
    assert own.document(document_id)
    assert own.index_version == version
    assert own.refresh()
    assert not own.refresh()
    assert own.index_version == current_version(own.settings.home) != version
    with pytest.raises(NotFound):
        own.document(document_id)


@pytest.mark.parametrize("ask", [lambda service: service.ask(GROWTH, top_k=50), lambda service: service.suggestions(6)])
def test_a_version_that_several_runs_have_left_behind_gives_way_to_the_newest(own, encoder, ask):
    for source in ("trade.md", "talent.txt", "firms.md"):
        AnswerService.purge(own.settings, [ids(AnswerService.open(own.settings, encoder))[source]], encoder)
    assert ask(own)
    assert own.index_version == current_version(own.settings.home)
    assert set(ids(own)) == {"growth.md"}


def test_a_document_that_only_a_newer_version_has_is_found(own, encoder, lay_out, tmp_path):
    """As in one of two processes that has not looked for a newer version since."""
    folder = lay_out(tmp_path / "more", {"harbour.md": "# 云溪港公报\n\n云溪港完成货物吞吐量810万吨。\n"})
    looks = {
        "document": lambda service, id: service.document(id).metadata.title, "entry": lambda service, id: service.entry(id).metadata.title,
        "reading": lambda service, id: service.reading(id)[1], "passage_count": lambda service, id: service.passage_count(id),
        "original": lambda service, id: service.original(id).name}
    behind = {name: AnswerService.open(own.settings, encoder) for name in looks}
    AnswerService.index(own.settings, [folder], encoder=encoder)
    own.refresh()
    for name, look in looks.items():
        assert look(behind[name], ids(own)["harbour.md"]) == look(own, ids(own)["harbour.md"])
        assert behind[name].index_version == own.index_version
        with pytest.raises(NotFound):
            look(own, "none")


def test_a_newer_version_that_cannot_be_used_is_left(own, encoder):
    before = own.ask(GROWTH)
    AnswerService.remove(own.settings, [ids(own)["talent.txt"]], encoder)
    newer = current_version(own.settings.home)
    (own.settings.home / "index" / newer / "manifest.json").unlink()
    with pytest.raises(IndexUnavailable) as caught:
        own.refresh()
    assert caught.value.code == "index_corrupt"
    assert own.ask(GROWTH).text == before.text
    assert own.index_version == before.index_version != newer


def test_threads_ask_while_versions_change(tmp_path, lay_out, encoder):
    def reports(letter):
        return {f"{n}.md": f"# 第{n}镇公报\n\n2021年第{n}镇粮食总产量{letter}{n}吨。\n" for n in range(12)}

    settings = Settings(home=tmp_path / "data", threshold=0)
    AnswerService.index(settings, [lay_out(tmp_path / "reports", reports("A"))], encoder=encoder)
    service = AnswerService.open(settings, encoder)
    seen, failures, done = set(), [], threading.Event()

    def ask():
        while not done.is_set():
            try:
                answer = service.ask("第3镇粮食总产量是多少吨？")
                texts = answer.text + "".join(passage.citation.quote for passage in answer.passages)
                seen.add((answer.index_version, *(letter for letter in "ABCD" if f"总产量{letter}" in texts)))
            except BaseException as error:
                failures.append(error)
                raise

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    versions = {service.index_version: "A"}
    for letter in "BCD":
        AnswerService.index(settings, [lay_out(tmp_path / "reports", reports(letter))], encoder=encoder)
        assert service.refresh()
        versions[service.index_version] = letter
        service.ask("第3镇粮食总产量是多少吨？")
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen <= set(versions.items())


@pytest.mark.parametrize(("harm", "code"), [
    (lambda home: (home / "index" / "CURRENT").unlink(), "index_missing"),
    (lambda home: (home / "library.sqlite").unlink(), "library_missing"),
    (lambda home: (home / "library.sqlite").write_bytes(b"none" * 4096), "library_corrupt")])
def test_without_an_index_or_its_library_the_message_says_what_to_run(tmp_path, tiny_reports, encoder, harm, code):
    settings = Settings(home=tmp_path / "data")
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    for path in settings.home.glob("library.sqlite-*"):
        path.unlink()
    harm(settings.home)
    with pytest.raises(IndexUnavailable) as caught:
        AnswerService.open(settings, encoder)
    assert caught.value.code == code
    assert "python -m qa index" in caught.value.message


def test_an_index_of_another_library_is_refused(own, tmp_path, tiny_reports, encoder):
    other = Settings(home=tmp_path / "other")
    AnswerService.index(other, [tiny_reports], encoder=encoder)
    shutil.rmtree(own.settings.home / "index")
    shutil.move(other.home / "index", own.settings.home)
    with pytest.raises(IndexUnavailable) as caught:
        AnswerService.open(own.settings, encoder)
    assert caught.value.code == "index_mismatch"
    assert "python -m qa index" in caught.value.message
