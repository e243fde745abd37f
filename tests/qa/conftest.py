"""What the tests of question answering share."""

from pathlib import Path

import pytest

from corpus.document import Metadata
from corpus.snapshot import Entry
from qa.features import Candidate
from qa.matcher import Matcher
from qa.service import AnswerService
from qa.settings import Settings


@pytest.fixture(scope="session")
def lay_out():
    """A function that makes a folder hold exactly these files, given as ``{name: text}``; returns the folder."""
    def write(folder: Path, texts: dict[str, str]) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if path.name not in texts:
                path.unlink()
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def candidate():
    """A function that makes a :class:`qa.features.Candidate` of a sentence; all else has a default."""
    def make(text: str, before: str = "", after: str = "", *, title: str = "云溪市2021年政府工作报告",
             region: str | None = "云溪市", published: str | None = "2022-02-16", report_year: int | None = 2021,
             section: tuple[str, ...] = (), start: int = 0, score: float = 1.0, rank: int = 0, vector: float = 0.5,
             document_id: str = "0123456789ab") -> Candidate:
        entry = Entry(document_id, "growth.md", Metadata(title, None, region, published, report_year))
        return Candidate(entry, section, start, start + len(text), text, before, after, score, rank, vector)

    return make


@pytest.fixture(scope="session")
def matcher(encoder):
    """A matcher over the tiny encoder."""
    return Matcher(encoder)


@pytest.fixture
def own(tmp_path, tiny_reports, encoder):
    """A service with a home of its own, which may be written to."""
    settings = Settings(home=tmp_path / "data", threshold=0)
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    return AnswerService.open(settings, encoder)
