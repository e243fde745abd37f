"""Passages to a segment of the index: tokenised, counted and embedded, by several processes where there are many."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

import numpy as np

from corpus.dates import years_of
from corpus.document import Metadata, Passage
from corpus.processes import available, spread
from corpus.snapshot import Snapshot
from embeddings.encoder import Encoder
from embeddings.vectors import Block
from qa.postings import LARGEST, Postings
from qa.segment import Segment
from qa.terms import terms

BATCH = 512  # passages that are embedded together
MANY = 8192  # passages that are worth the start of processes, about a second of each

Found = tuple[int, Passage, Metadata]


def segments(passage_ids: np.ndarray, snapshot: Snapshot, encoder: Encoder, progress: Callable[[int, int], None],
             finished: Callable[[np.ndarray], Segment | None] = lambda ids: None) -> Iterator[Segment]:
    """Passages of a snapshot as segments, each as large as one may be.

    :param progress: called with how many passages are done, and how many there are.
    :param finished: the segment of passages that was assembled before, where there is one.
    """
    for done in range(0, len(passage_ids), LARGEST):
        ids = passage_ids[done:done + LARGEST]
        yield finished(ids) or assemble(ids, snapshot.iter_passages(ids), encoder, lambda count, before=done: progress(before + count, len(passage_ids)))


def assemble(passage_ids: np.ndarray, passages: Iterable[Found], encoder: Encoder, progress: Callable[[int], None]) -> Segment:
    """A segment of passages.

    :param passage_ids: their ids, in their order.
    :param progress: called with how many of them are done.
    """
    batches = _batches(passages, BATCH)
    parts, done = [], 0
    processes = available() if len(passage_ids) >= MANY and encoder.spreads else 1
    work = partial(_assembled, encoder)
    for part in spread(work, batches, processes) if processes > 1 else map(work, batches):
        parts.append(part)
        done += len(part[1])
        progress(done)
    return Segment.new(passage_ids, Postings.joined([postings for postings, _ in parts]), Block.joined([vectors for _, vectors in parts]))


def indexed_text(passage: Passage, metadata: Metadata) -> str:
    """What is indexed of a passage: title, place, years and headings, which are no part of its quotable text, then it.

    The years are the one reported on and those that the passage speaks of: a plan of another.
    """
    years = {metadata.report_year, *years_of(passage.text, metadata.published, metadata.report_year, passage.section)} - {None}
    named = " ".join((metadata.title, metadata.region or "", *(f"{year}年" for year in sorted(years))))
    return "\n".join((named, " ".join(passage.section), passage.text))


def _assembled(encoder: Encoder, batch: Iterable[Found]) -> tuple[Postings, Block]:
    texts = [indexed_text(passage, metadata) for _, passage, metadata in batch]
    return Postings.of(map(terms, texts)), Block.of(encoder.encode_passages(texts))


def _batches(items: Iterable, size: int) -> Iterator[list]:
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch
