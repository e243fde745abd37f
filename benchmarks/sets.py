"""The sets of questions, our own and those in ``../shared``, and their documents as files, indexed into a cache."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from embeddings.training.text import read_lines
from qa.evaluation import read_questions
from qa.service import AnswerService
from qa.settings import Settings
from qa.training.documents import lay_out

ROOT = Path(__file__).resolve().parent.parent
# What a home is made by besides what corpus/ does, which the library itself keeps up with.
MAKERS = ("embeddings/*.py", "embeddings/model/*", "qa/assembling.py", "qa/index.py", "qa/local_index.py", "qa/postings.py", "qa/segment.py",
          "qa/terms.py")


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions and the documents that they are asked of; paths are absolute, or relative to the shared folder.

    :ivar questions: file of questions.
    :ivar contexts: files of documents, one JSON object a line.
    :ivar folders: folders of documents that are files already.
    :ivar split: only the questions of this split, and of ``contexts`` only the documents that they are about.
    :ivar large: takes minutes to index.
    """

    name: str
    questions: str
    contexts: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    split: str | None = None
    large: bool = False

    def load(self, shared: Path, limit: int | None = None) -> list[dict]:
        """The questions."""
        return read_questions(shared / self.questions, limit, self.split)

    def missing(self, shared: Path) -> list[str]:
        """What of the set is not in the shared folder."""
        return [path for path in (self.questions, *self.contexts, *self.folders) if not (shared / path).exists()]


def _of_eval(name: str, split: str | None = None, questions: str = "questions.jsonl.gz", folder: str = "") -> QuestionSet:
    folder = f"eval/{folder or name}"
    return QuestionSet(name, f"{folder}/{questions}", (f"{folder}/contexts.jsonl.gz",), split=split)


REPORTS = QuestionSet("reports-dev", "eval/reports-dev.jsonl", folders=("source-reports",))
SETS = (
    QuestionSet("shipped", str(ROOT / "tests" / "data" / "questions.jsonl"), folders=(str(ROOT / "corpus" / "reports"),)),
    REPORTS,
    _of_eval("policy-dev"),
    _of_eval("official-dev", questions="dev.jsonl", folder="official"),
    _of_eval("cmrc2018-dev", "dev", folder="cmrc2018"),
    _of_eval("procuratorate_faq"),
    _of_eval("xquad_zh"),
    _of_eval("drcd_hans-test", "test", folder="drcd_hans"),
    replace(REPORTS, name="reports-dev-large", large=True,
            contexts=("text/gov_work_reports.jsonl.gz", "text/cn_laws.jsonl.gz")),
)


def prepare(one: QuestionSet, shared: Path, cache: Path) -> Settings:
    """Write a set's documents as files and index them, as far as the cache does not have that.

    :returns: the settings of a service over them.
    """
    settings = replace(Settings.from_environment(), home=cache / one.name / f"home-{digest(*MAKERS)}")
    paths = [shared / folder for folder in one.folders]
    if one.contexts:
        paths.append(_written(one, shared, cache / one.name / "documents"))
    summary = AnswerService.index(settings, paths)
    if summary.skipped:
        raise RuntimeError(f"{one.name}: {len(summary.skipped)} files cannot be read, the first: {summary.skipped[0].name}")
    return settings


def digest(*patterns: str) -> str:
    """A few digits that change with the files of the program that fit one of the patterns."""
    made = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
        if path.is_file():
            made.update(path.read_bytes())
    return made.hexdigest()[:8]


def _written(one: QuestionSet, shared: Path, folder: Path) -> Path:
    """The folder of a set's documents."""
    return lay_out((("", document) for document in _documents(one, shared)), folder)


def _documents(one: QuestionSet, shared: Path) -> Iterator[dict]:
    asked = {question["context_id"] for question in one.load(shared)} if one.split else None
    for path in one.contexts:
        yield from (document for document in read_lines(shared / path) if asked is None or document["id"] in asked)
