import pytest

from qa.training import documents
from qa.training.documents import lay_out


@pytest.mark.parametrize("chosen", [documents.texts, documents.asked, documents.contexts, documents.written])
def test_what_measuring_questions_are_about_is_left_out(shared, held_out, chosen):
    titles = [document["title"] for _, document in chosen(shared)]
    assert titles
    assert not any(held_out in title for title in titles)


def test_the_measuring_questions_have_their_documents(shared, held_out):
    titles = [document["title"] for _, document in documents.measured(shared)]
    assert f"{held_out}2002年农业报告" in titles and "云溪2002年农业报告" in titles


def test_manuals_and_most_laws_are_learnt_from_and_not_asked_of(shared):
    learnt, asked = ([name for name, _ in chosen(shared)] for chosen in (documents.texts, documents.asked))
    assert 0 < asked.count("cn_laws") < learnt.count("cn_laws") == 12
    assert asked.count("gov_work_reports") == learnt.count("gov_work_reports") == 12
    assert "d365_finance_zh" in learnt and "d365_finance_zh" not in asked


def test_documents_become_files_once(tmp_path):
    made = [("reports", {"id": "a/1", "title": "云溪报告", "text": "新建水渠。"}), ("", {"id": "b", "title": "", "text": "下雪。"})]
    folder = lay_out(made, tmp_path / "documents")
    assert (folder / "reports" / "a_1.txt").read_text("utf-8") == "云溪报告\n新建水渠。\n"
    assert (folder / "b.txt").read_text("utf-8") == "b\n下雪。\n"
    lay_out([("", {"id": "c", "title": "", "text": ""})], folder)
    assert not (folder / "c.txt").exists()
