"""Where uploaded files lie, and under which names."""

import time
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from web.intake.uploads import LONGEST, Uploads, plain


@pytest.mark.parametrize(("given_name", "name"), [
    ("报告.pdf", "报告.pdf"), ("../../etc/passwd", "passwd"), ("C:\\Users\\a\\统计 公报.docx", "统计 公报.docx"), (".hidden.txt", "hidden.txt"),
    ("~$open.docx", "open.docx"), ("a\r\nb.txt", "b.txt"), ("", "_"), ("..", "_"), ("/", "_"), (".pdf", "pdf"), ("长" * 200 + ".pdf", "长" * 58 + ".pdf")])
def test_names_are_made_plain(given_name, name):
    assert plain(given_name) == name


@given(st.text(max_size=300))
@example("\ud800.txt")
def test_any_name_can_be_stored(name):
    made = plain(name)
    assert 0 < len(made.encode()) <= LONGEST
    assert PurePosixPath(made).name == made
    assert not made.startswith((".", "~$"))
    assert plain(made) == made


def test_files_of_one_name_lie_apart_and_broken_ones_nowhere(tmp_path):
    uploads = Uploads(tmp_path)
    one, two = (uploads.store("a.txt", lambda path, text=text: path.write_text(text)) for text in ("1", "2"))
    assert (one.read_text(), two.read_text(), one.name) == ("1", "2", "a.txt")

    def broken(path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        uploads.store("b.txt", broken)
    assert len(list(uploads.folder.iterdir())) == 2


def test_what_nothing_needs_is_swept_away(tmp_path):
    uploads = Uploads(tmp_path)
    needed, old = (uploads.store("a.txt", lambda path: path.write_text("x")) for _ in range(2))
    uploads.sweep({needed}, before=time.time() - 60)
    assert old.exists()
    uploads.sweep({needed}, before=time.time() + 60)
    assert needed.exists() and not old.parent.exists()
