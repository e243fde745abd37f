"""Passages to a segment of the index: tokenised, counted and embedded, by several processes where there are many."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context, parent_process
from threading import Thread

import numpy as np

from corpus.dates import years_of
from corpus.document import Metadata, Passage
from corpus.snapshot import Snapshot
from embeddings.encoder import Encoder
from embeddings.vectors import Block
from qa.postings import LARGEST, Postings
from qa.segment import Segment
from qa.terms import terms

BATCH = 512  # passages that are embedded together
MANY = 8192  # passages that are worth the start of processes, about a second of each
AHEAD = 2  # batches that wait for each process, so that memory is bounded

Found = tuple[int, Passage, Metadata]
_encoder: Encoder  # of a process of its own


def segments(passage_ids: np.ndarray, snapshot: Snapshot, encoder: Encoder, progress: Callable[[int, int], None]) -> Iterator[Segment]:
    """Passages of a snapshot as segments, each as large as one may be.

    :param progress: called with how many passages are done, and how many there are.
    """
    for done in range(0, len(passage_ids), LARGEST):
        ids = passage_ids[done:done + LARGEST]
        yield assemble(ids, snapshot.iter_passages(ids), encoder, lambda count, before=done: progress(before + count, len(passage_ids)))


def assemble(passage_ids: np.ndarray, passages: Iterable[Found], encoder: Encoder, progress: Callable[[int], None]) -> Segment:
    """A segment of passages.

    :param passage_ids: their ids, in their order.
    :param progress: called with how many of them are done.
    """
    batches = _batches(passages, BATCH)
    parts, done = [], 0
    processes = len(os.sched_getaffinity(0)) if len(passage_ids) >= MANY and encoder.spreads else 1
    for part in _spread(batches, encoder, processes) if processes > 1 else (_assembled(batch, encoder) for batch in batches):
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


def _assembled(batch: Iterable[Found], encoder: Encoder) -> tuple[Postings, Block]:
    texts = [indexed_text(passage, metadata) for _, passage, metadata in batch]
    return Postings.of(map(terms, texts)), Block.of(encoder.encode_passages(texts))


def _batches(items: Iterable, size: int) -> Iterator[list]:
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch


def _spread(batches: Iterable[list[Found]], encoder: Encoder, processes: int) -> Iterator[tuple[Postings, Block]]:
    """What comes of the batches, in their order, by processes."""
    # Spawned, because a fork in a process with threads can hang.
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (encoder,)) as pool:
        waiting = deque()
        for batch in batches:
            waiting.append(pool.submit(_work, batch))
            if len(waiting) > AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _begin(encoder: Encoder) -> None:
    """Make a process ready; it ends with the one that started it, which also sees to Ctrl-C."""
    global _encoder
    _encoder = encoder
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(parent_process(),), daemon=True).start()


def _end_with(parent) -> None:
    parent.join()
    os._exit(1)


def _work(batch: list[Found]) -> tuple[Postings, Block]:
    return _assembled(batch, _encoder)
