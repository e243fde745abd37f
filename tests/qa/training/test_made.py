import numpy as np
import pytest

from embeddings.training.pairs import Wordings
from qa.training.groups import Groups
from qa.training.made import LONGEST_ANSWER, WINDOWS, Maker
from qa.training.sources import Source

PLACES = ("云溪", "平川", "南岭", "北渡", "东湾", "西塘")


def window(place, year):
    return (f"（一）{place}水利建设情况", f"{year}年，{place}农业报告",
            f"{year}年{place}新建水渠{year % 70 + 10}公里，惠及农户{year % 7}300户。{place}农业局负责养护，补贴于{year}年10月发放。"
            f"{place}编制《{place}{year}年水利规划》，重点支持水稻、茶叶、陶瓷。")


@pytest.fixture(scope="module")
def made():
    """Many groups made of a few sources."""
    sources = [Source(f"{place}农业报告", "reports", [window(place, year) for year in range(2003, 2021)]) for place in PLACES]
    groups = Groups()
    maker = Maker(sources, Wordings({"水渠": ["水沟"]}), groups, np.random.default_rng(1))
    for source in sources * 8:
        for at in range(len(source.windows)):
            maker.make(source, at)
    return groups


def answers(made):
    """Question, answer, right window and the other windows of each group that has an answer."""
    for group in made.groups:
        for place, start, end in group.right:
            rows = list(group.windows)
            right = made.windows[rows.pop(place)]
            yield group.question, right[1][start:end], right, [made.windows[row] for row in rows]


def test_the_answer_stands_in_the_right_window_and_in_no_other(made):
    found = list(answers(made))
    assert len(found) > 300
    for _, answer, (_, text), others in found:
        assert 0 < len(answer.strip()) <= LONGEST_ANSWER and answer in text
        assert all(answer not in other for _, other in others)


def test_a_question_asks_with_the_words_around_its_answer(made):
    shares = [np.mean([character in context + text for character in question]) for question, _, (context, text), _ in answers(made)]
    assert np.mean(shares) > 0.7


def test_what_is_asked_for_is_not_said(made):
    said = [answer in question for question, answer, _, _ in answers(made) if any(digit in answer for digit in "0123456789")]
    assert np.mean(said) < 0.05


def test_figures_dates_names_lists_and_whole_sentences_are_asked_for(made):
    found = {answer for _, answer, _, _ in answers(made)}
    assert any(answer.endswith("公里") for answer in found)
    assert any(answer.startswith("《") and answer.endswith("》") for answer in found)
    assert any("水稻、茶叶" in answer for answer in found)
    assert any(len(answer) > 60 for answer in found)


def test_some_groups_have_no_answer(made):
    without = [group for group in made.groups if not group.right]
    assert 0.08 < len(without) / len(made.groups) < 0.3
    assert all(1 <= len(group.windows) <= WINDOWS for group in made.groups)


def test_everyday_words_stand_for_official_ones_in_questions_only(made):
    assert any("水沟" in group.question for group in made.groups)
    assert not any("水沟" in text for _, text in made.windows)


def test_the_same_seed_makes_the_same_groups():
    def questions(seed):
        groups, source = Groups(), Source("云溪农业报告", "reports", [window("云溪", year) for year in range(2003, 2021)])
        maker = Maker([source], Wordings({"水渠": ["水沟"]}), groups, np.random.default_rng(seed))
        for at in range(18):
            maker.make(source, at)
        return [group.question for group in groups.groups]

    assert questions(1) == questions(1) != questions(2)
