import pytest

from qa.training import documents
from qa.training.groups import Groups
from qa.training.libraries import library
from qa.training.written import WINDOWS, answer_in, collect

ASKED = {"question": "2002年云溪粮食产量是多少？", "context_id": "official-云溪-2002", "answers": ["22万吨"]}


@pytest.fixture(scope="module")
def ask(shared, tmp_path_factory):
    """A function that collects the groups of questions over the documents of the official training questions."""
    service = library(documents.written(shared), tmp_path_factory.mktemp("written"))

    def groups(*questions):
        made = Groups()
        collect(service, questions, made)
        return made

    return groups


def test_the_window_with_the_answer_is_right_where_it_is_of_the_right_document(ask):
    made = ask(ASKED)
    (group,) = made.groups
    ((place, start, end),) = group.right
    context, text = made.windows[group.windows[place]]
    assert text[start:end] == "22万吨" and "云溪" in context
    assert 1 < len(group.windows) <= WINDOWS


def test_the_same_words_in_another_document_are_wrong(ask):
    made = ask(ASKED)
    ((place, _, _),) = made.groups[0].right
    others = [made.windows[row][1] for at, row in enumerate(made.groups[0].windows) if at != place]
    assert any("22万吨" in text for text in others)


def test_a_question_without_an_answer_has_only_wrong_windows(ask):
    (group,) = ask({"question": "2002年云溪下雪几天？", "context_id": "official-云溪-2002", "answers": []}).groups
    assert group.windows and not group.right


def test_a_question_whose_answer_is_nowhere_is_left_out(ask):
    assert ask(ASKED | {"answers": ["99万吨"]}).groups == []


@pytest.mark.parametrize(("question", "answer"), [
    ({"answers": ["茶叶", "陶瓷、茶叶"]}, "陶瓷、茶叶"), ({"answers": ["茶叶"], "all_of": ["陶瓷", "木器"]}, "陶瓷、茶叶、木器"),
    ({"answers": ["茶叶"], "all_of": ["陶瓷", "丝绸"]}, None), ({"answers": ["丝绸"]}, None)])
def test_the_longest_answer_or_all_its_parts_are_found(question, answer):
    text = "出口陶瓷、茶叶、木器。"
    span = answer_in(text, question)
    assert (span and text[slice(*span)]) == answer
