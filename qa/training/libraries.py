"""The documents that the neural reader learns to read, as libraries that the service answers from."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath

from corpus.document import Passage
from corpus.library import Library
from corpus.passages import sentences
from corpus.snapshot import Entry
from qa.features import Candidate
from qa.service import AnswerService
from qa.settings import Settings
from qa.training.made import Source
from qa.training.text import OFFICIAL, QUESTIONS, lines
from qa.windows import windows

SHORTEST = 12  # characters of a window that is asked of


def official(shared: Path) -> Iterator[tuple[str, dict]]:
    """Documents of official text that no measuring question is about, each with the name of its collection."""
    measured = {question["context_id"] for question in lines(shared / "eval/official/dev.jsonl")}
    for name in OFFICIAL:
        yield from ((name, line) for line in lines(shared / f"text/{name}.jsonl.gz") if line["id"] not in measured)


def asked(shared: Path) -> Iterator[tuple[str, dict]]:
    """The contexts of the reading comprehension questions that are trained on."""
    for name, splits in QUESTIONS.items():
        trained = {line["context_id"] for line in lines(shared / f"eval/{name}/questions.jsonl.gz") if line["split"] in splits}
        yield from ((name, line) for line in lines(shared / f"eval/{name}/contexts.jsonl.gz") if line["id"] in trained)


def written_for(shared: Path) -> Iterator[tuple[str, dict]]:
    """The documents that the questions of this project are about, and those beside them."""
    measured = {question["context_id"] for question in lines(shared / "eval/official/dev.jsonl")}
    yield from (("official", line) for line in lines(shared / "eval/official/contexts.jsonl.gz") if line["id"] not in measured)


def measured_with(shared: Path) -> Iterator[tuple[str, dict]]:
    """All documents beside those that the measuring questions are about, and these."""
    yield from (("official", line) for line in lines(shared / "eval/official/contexts.jsonl.gz"))


def library(documents: Iterator[tuple[str, dict]], folder: Path) -> AnswerService:
    """A service over documents, which are written as files and indexed as far as the folder does not have that."""
    files = folder / "documents"
    if not files.exists():
        begun = folder / "documents.new"
        for collection, document in documents:
            path = begun / collection / f"{document['id'].replace('/', '_')}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{document.get('title') or document['id']}\n{document['text']}\n", encoding="utf-8")
        begun.rename(files)
    settings = replace(Settings(), home=folder / "home")
    AnswerService.index(settings, [files])
    return AnswerService.open(settings)


def sources(service: AnswerService) -> list[Source]:
    """The documents of a service as windows to make questions of."""
    snapshot = Library(service.settings.home).snapshot()
    passages: dict[str, list[Passage]] = defaultdict(list)
    for _, passage, _ in snapshot.iter_passages(snapshot.live_passage_ids()):
        passages[passage.document_id].append(passage)
    entries = snapshot.entries(passages)
    made = [_source(entries[document], sorted(held, key=lambda passage: passage.start)) for document, held in passages.items()]
    return [source for source in made if source.windows]


def _source(entry: Entry, passages: list[Passage]) -> Source:
    seen: set[int] = set()
    found = []
    for rank, passage in enumerate(passages):
        candidates = []
        for start, end in sentences(passage.text):
            if passage.start + start not in seen:
                seen.add(passage.start + start)
                candidates.append(Candidate(entry, passage.section, passage.start + start, passage.start + end, passage.text[start:end],
                                            passage.text[:start], passage.text[end:], 0.0, rank, 0.0))
        heading = passage.section[-1] if passage.section else ""
        found += [(heading, window.context, window.text) for window in windows(candidates) if len(window.text) >= SHORTEST]
    return Source(entry.metadata.title, PurePath(entry.source).parent.name, found)
