"""Passages to segments of the index: tokenised, counted and embedded, by several processes where there are many."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import chain, islice

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
AHEAD = 16  # batches that wait for each process: its work for the seconds that it takes to join and to write a segment

Found = tuple[int, Passage, Metadata]
Part = tuple[Postings, Block]


def segments(passage_ids: np.ndarray, snapshot: Snapshot, encoder: Encoder, progress: Callable[[int, int], None],
             finished: Callable[[np.ndarray], Segment | None] = lambda ids: None) -> Iterator[Segment]:
    """Passages of a snapshot as segments, each as large as one may be. The same processes work for all of them.

    :param progress: called with how many passages are done, and how many there are.
    :param finished: the segment of passages that was assembled before, where there is one.
    """
    shares = [passage_ids[begin:begin + LARGEST] for begin in range(0, len(passage_ids), LARGEST)]
    before = list(map(finished, shares))
    new = [ids for ids, segment in zip(shares, before) if segment is None]
    batches = chain.from_iterable(_batches(snapshot.iter_passages(ids), BATCH) for ids in new)
    done = 0
    with closing(_made(batches, encoder, sum(map(len, new)))) as parts:
        for ids, segment in zip(shares, before):
            yield segment or _joined(ids, parts, lambda count, begin=done: progress(begin + count, len(passage_ids)))
            done += len(ids)


def indexed_text(passage: Passage, metadata: Metadata) -> str:
    """What is indexed of a passage: title, place, years and headings, which are no part of its quotable text, then it.

    The years are the one reported on and those that the passage speaks of: a plan of another.
    """
    years = {metadata.report_year, *years_of(passage.text, metadata.published, metadata.report_year, passage.section)} - {None}
    named = " ".join((metadata.title, metadata.region or "", *(f"{year}年" for year in sorted(years))))
    return "\n".join((named, " ".join(passage.section), passage.text))


def _made(batches: Iterable[list[Found]], encoder: Encoder, count: int) -> Iterator[Part]:
    """What is made of batches with so many passages in all."""
    work = partial(_assembled, encoder)
    processes = available() if count >= MANY and encoder.spreads else 1
    yield from spread(work, batches, processes, AHEAD) if processes > 1 else map(work, batches)


def _assembled(encoder: Encoder, batch: list[Found]) -> Part:
    texts = [indexed_text(passage, metadata) for _, passage, metadata in batch]
    return Postings.of(map(terms, texts)), Block.of(encoder.encode_passages(texts))


def _joined(passage_ids: np.ndarray, parts: Iterator[Part], progress: Callable[[int], None]) -> Segment:
    """A segment of passages, from the next of the parts."""
    made, done = [], 0
    while done < len(passage_ids):
        made.append(next(parts))
        done += len(made[-1][1])
        progress(done)
    return Segment.new(passage_ids, Postings.joined([postings for postings, _ in made]), Block.joined([vectors for _, vectors in made]))


def _batches(items: Iterable, size: int) -> Iterator[list]:
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch
