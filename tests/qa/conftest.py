"""What the tests of question answering share."""

from pathlib import Path

import pytest

from corpus.document import Metadata
from corpus.snapshot import Entry
from qa.features import Candidate
from qa.matcher import Matcher
from qa.service import AnswerService
from qa.settings import Settings
from tests.conftest import REPORTS


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


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory):
    """A folder with tiny models of random weights: ``spans`` for question answering, ``ranks`` a CrossEncoder, ``classes`` one
    with two labels."""
    import torch
    from transformers import (
        BertConfig,
        BertForQuestionAnswering,
        BertForSequenceClassification,
        BertTokenizer,
    )

    folder = tmp_path_factory.mktemp("models")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted({c for text in REPORTS.values() for c in text if c.strip()}),
             "##286", "##4", "1", "gdp", "##p"]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(words)), encoding="utf-8")
    tokenizer = BertTokenizer(str(folder / "vocab.txt"))
    for name, kind, labels in (("spans", BertForQuestionAnswering, 2), ("ranks", BertForSequenceClassification, 1),
                               ("classes", BertForSequenceClassification, 2)):
        torch.manual_seed(7)
        config = BertConfig(vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                            intermediate_size=16, max_position_embeddings=300, num_labels=labels, initializer_range=0.5)
        kind(config).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return folder
