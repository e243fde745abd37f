"""What all sides search: documents as files, the passages that our library makes of them, and copies of these beyond."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count
from pathlib import Path

from benchmarks.peers.copies import perturbed
from benchmarks.sets import QuestionSet
from corpus import document as stored
from corpus.library import Library, Snapshot
from corpus.revision import Extraction, Revision, SourceFile
from embeddings.training.text import read_lines
from qa import indexing
from qa.assembling import indexed_text
from qa.settings import Settings
from qa.training.documents import Document, lay_out
from qa.training.kept import kept

COLLECTIONS = ("gov_work_reports", "gov_services_gd", "tax_policy", "cn_laws")
CHARACTERS = 138  # a passage, on average
ALL = "all"  # the name of the corpus of all documents
PAGE = 200  # documents that are copied at a time


@dataclass(frozen=True, slots=True)
class Corpus:
    """:ivar folder: holds ``documents`` or a ``library``, then ``passages.jsonl``, then a folder for each side."""

    name: str
    folder: Path

    @property
    def passages(self) -> Path:
        """The file of all passages, one JSON object a line: ``key``, ``source``, ``text`` and what is ``indexed`` of it."""
        return self.folder / "passages.jsonl"

    @property
    def changes(self) -> bool:
        """Do other rules of reading make other passages of it?"""
        return (self.folder / "documents").exists()

    def lines(self) -> Iterator[dict]:
        """What the file of passages holds."""
        with self.passages.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)

    def export(self, home: Path) -> None:
        """Write the passages of a home's library."""
        snapshot = Library(home).snapshot()
        sources = {document.id: document.source for document in _every(snapshot)}
        with self.passages.open("w", encoding="utf-8") as file:
            for _, passage, metadata in snapshot.iter_passages(snapshot.live_passage_ids()):
                file.write(json.dumps({
                    "key": f"{passage.document_id}:{passage.start}:{passage.end}", "source": sources[passage.document_id],
                    "text": passage.text, "indexed": indexed_text(passage, metadata)}, ensure_ascii=False) + "\n")


def of_size(name: str, shared: Path, cache: Path) -> Corpus:
    """About so many passages: of documents in a random order or, where these are not enough, of all and perturbed copies.

    :param name: a number, or :data:`ALL`.
    """
    folder = cache / name
    documents = [(collection, line) for collection in COLLECTIONS for line in read_lines(shared / f"text/{collection}.jsonl.gz")]
    held = sum(len(line["text"]) for _, line in documents)
    characters = held if name == ALL else int(name) * CHARACTERS
    if characters <= held:
        random.Random(0).shuffle(documents)
        lay_out(_first(documents, characters), folder / "documents")
    else:
        whole = of_size(ALL, shared, cache).folder
        home = kept(whole / "home", lambda begun: indexing.index(Settings(home=begun), [whole / "documents"]))
        kept(folder / "library", lambda begun: multiply(Library(home), int(name), begun))
    return Corpus(name, folder)


def of_set(one: QuestionSet, shared: Path, cache: Path) -> Corpus:
    """The documents that a set's questions are about."""
    folder = cache / one.name
    if one.contexts:
        lay_out((("", line) for path in one.contexts for line in read_lines(shared / path)), folder / "documents")
    for path in one.folders:
        kept(folder / "documents", lambda begun, path=path: begun.symlink_to((shared / path).resolve()))
    return Corpus(one.name, folder)


def _first(documents: Iterable[Document], characters: int) -> Iterator[Document]:
    """So many of the documents that they have about so many characters."""
    for document in documents:
        if characters <= 0:
            return
        yield document
        characters -= len(document[1]["text"])


def multiply(library: Library, size: int, home: Path) -> None:
    """A library of another's documents and of so many perturbed copies that there are at least so many passages.

    Texts are cut as the documents that they are copies of, and those stand for the files that they were extracted from.
    """
    snapshot = library.snapshot()
    with Library(home).write() as writer:
        for copy in count():
            for document in _every(snapshot):
                if size <= 0:
                    return
                size -= _put(document, snapshot.passages_of(document.id), copy, writer)
            writer.commit()


def _every(snapshot: Snapshot) -> Iterator[stored.Document]:
    for offset in range(0, snapshot.count(), PAGE):
        yield from snapshot.documents(offset, PAGE)


def _put(document: stored.Document, passages: Sequence[stored.Passage], copy: int, writer: Revision) -> int:
    """Store a copy of a document, the first of them unchanged; how many passages it has."""
    name = f"{document.id}-{copy}"
    text = perturbed(document.text, name) if copy else document.text
    made = [replace(passage, document_id=name, text=text[passage.start:passage.end]) for passage in passages]
    file = SourceFile(f"/copies/{name}", "/copies", document.source, sha256(b"").hexdigest(), 0, 0, "")
    writer.put(file, b"", [Extraction(text, [(replace(document, id=name, text=text), made)])])
    return len(made)
