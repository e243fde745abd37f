import hashlib

import pytest

from corpus.original import Original, kept

TEXT = "全市新建农村公路一百八十公里。\n".encode() * 20


@pytest.mark.parametrize(("suffix", "smaller"), [(".txt", True), (".html", True), ("", True), (".pdf", False), (".docx", False)])
def test_a_kept_file_is_read_as_it_was(tmp_path, suffix, smaller):
    digest = hashlib.sha256(TEXT).hexdigest()
    path, content = kept(digest, suffix, TEXT)
    assert (len(content) < len(TEXT)) is smaller
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_bytes(content)
    original = Original(tmp_path / path, "道路.txt")
    assert original.read() == TEXT
    assert original.digest == digest
