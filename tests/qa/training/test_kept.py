import pytest

from qa.training.kept import kept


def test_what_is_there_is_not_made_again(tmp_path):
    path = kept(tmp_path / "new" / "made.txt", lambda begun: begun.write_text("first"))
    assert kept(path, lambda begun: begun.write_text("second")) == path
    assert path.read_text() == "first"


def test_what_was_broken_off_is_made_anew(tmp_path):
    def broken(begun):
        begun.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path / "made.txt", broken)
    assert kept(tmp_path / "made.txt", lambda begun: begun.write_text("whole")).read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["made.txt"]
