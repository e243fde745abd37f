import pytest

from qa.training.groups import Groups, bigrams, find, find_all, hardest


def test_groups_are_read_as_they_were_saved(groups, tmp_path):
    groups.save(tmp_path / "groups.gz")
    again = Groups.load(tmp_path / "groups.gz")
    assert (again.groups, again.windows) == (groups.groups, groups.windows)


def test_a_window_has_one_row():
    groups = Groups()
    assert [groups.row("甲", "子"), groups.row("乙", "子"), groups.row("甲", "子")] == [0, 1, 0]


@pytest.mark.parametrize(("wanted", "span"), [("80公里", (3, 8)), ("8 0公里", (3, 8)), ("90公里", None), (" ", None)])
def test_white_space_does_not_hide_an_answer(wanted, span):
    assert find("水渠 80\n公里。".replace(" ", "共"), wanted) == span


def test_several_answers_are_found_from_the_first_to_the_last():
    assert find_all("陶瓷、茶叶、木器", ["木器", "茶叶"]) == (3, 8)
    assert find_all("陶瓷、茶叶", ["茶叶", "木器"]) is None
    assert find_all("陶瓷", []) is None


def test_the_hardest_share_most():
    bags = list(enumerate(map(bigrams, ("下雪几天", "粮食产量是", "粮食"))))
    assert hardest(bigrams("粮食产量"), bags, 2) == [1, 2]
