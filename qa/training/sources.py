"""Documents as windows to make questions of."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePath

from corpus.document import Passage
from corpus.library import Library
from corpus.passages import sentences
from corpus.snapshot import Entry
from qa.features import Candidate
from qa.windows import windows

SHORTEST = 12  # characters of a window that is asked of


@dataclass(frozen=True, slots=True)
class Source:
    """A document to ask of: its windows, each with its headings, and what it belongs to.

    :ivar windows: heading, context and text of each.
    :ivar kind: documents of one kind are about the same subjects.
    """

    title: str
    kind: str
    windows: list[tuple[str, str, str]]


def sources(home: Path) -> list[Source]:
    """The documents of a library; the folder that each lies in is its kind."""
    snapshot = Library(home).snapshot()
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
        heading = passage.section[-1] if passage.section else ""
        found += [(heading, window.context, window.text) for window in windows(_candidates(entry, passage, rank, seen))
                  if len(window.text) >= SHORTEST]
    return Source(entry.metadata.title, PurePath(entry.source).parent.name, found)


def _candidates(entry: Entry, passage: Passage, rank: int, seen: set[int]) -> list[Candidate]:
    """The sentences of a passage that are new: passages may overlap."""
    made = []
    for start, end in sentences(passage.text):
        at = passage.start + start
        if at not in seen:
            seen.add(at)
            made.append(Candidate(entry, passage.section, at, passage.start + end, passage.text[start:end], passage.text[:start],
                                  passage.text[end:], 0.0, rank, 0.0))
    return made
