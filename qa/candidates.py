"""Retrieved passages to the sentences that the reader weighs."""

from collections.abc import Mapping, Sequence

import numpy as np

from corpus.document import Passage
from corpus.passages import sentences
from corpus.snapshot import Entry
from qa.features import Candidate
from qa.matcher import Matcher
from qa.question import Query
from qa.retriever import Hit


def candidates(query: Query, hits: Sequence[Hit], passages: Sequence[Passage], entries: Mapping[str, Entry],
               matcher: Matcher) -> list[Candidate]:
    """The sentences of passages, each once, in the passages' order.

    :param hits: how each of ``passages`` was retrieved, best first.
    :param entries: catalogue entries of the passages' documents, by document id.
    """
    spans: dict[tuple[str, int], tuple[int, int, int]] = {}
    for rank, passage in enumerate(passages):
        for start, end in sentences(passage.text):
            spans.setdefault((passage.document_id, passage.start + start), (rank, start, end))
    texts = [passages[rank].text[start:end] for rank, start, end in spans.values()]
    if not texts:
        return []
    cosines = matcher.similarity(query.text, texts)
    return [_candidate(passages[rank], entries[passages[rank].document_id], hits[rank], rank, start, end, cosine)
            for (rank, start, end), cosine in zip(spans.values(), cosines)]


def _candidate(passage: Passage, entry: Entry, hit: Hit, rank: int, start: int, end: int, cosine: np.float32,
               ) -> Candidate:
    text = passage.text
    return Candidate(entry, passage.section, passage.start + start, passage.start + end, text[start:end], text[:start],
                     text[end:], hit.score, rank, float(cosine))
