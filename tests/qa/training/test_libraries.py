import pytest

from qa.training import documents
from qa.training.libraries import library


@pytest.fixture(scope="module")
def over(shared, tmp_path_factory):
    """A service over the documents that the official training questions are about."""
    return library(documents.written(shared), tmp_path_factory.mktemp("library"))


def test_a_library_holds_the_documents_and_is_indexed_once(over, shared):
    version = over.index_version
    assert over.status()["documents"] == 6
    assert library(documents.written(shared), over.settings.home.parent).index_version == version


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(RuntimeError, match="a.txt"):
        library([("", {"id": "a", "title": "\0", "text": "\0\1\2" * 99})], tmp_path)
