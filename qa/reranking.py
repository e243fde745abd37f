"""Retrieved passages in the order of what the reader made of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import expit

from corpus.document import Passage
from qa.evidence import Evidence
from qa.retriever import Hit

RETRIEVED = 6.0  # what a passage's fused score, of 1 at most, counts beside its window's; chosen on dev questions


def reranked(hits: Sequence[Hit], passages: Sequence[Passage], evidence: Evidence, scores: np.ndarray,
             ) -> tuple[list[Hit], list[Passage]]:
    """The passages with windows that the reader looked at, by their best window and by how they were retrieved, and behind them
    the others as they were.

    A passage that was looked at scores above 1, which no fused score exceeds, so that scores still order passages.

    :param hits: how each of ``passages`` was retrieved, best first.
    :param scores: of the evidence's windows.
    """
    best: dict[int, float] = {}
    for window, score in zip(evidence.windows, scores.tolist()):
        rank = evidence.candidates[window.first].rank
        best[rank] = max(float(expit(score + RETRIEVED * hits[rank].score)), best.get(rank, 0.0))
    scored = [replace(hit, score=1 + best[rank]) if rank in best else hit for rank, hit in enumerate(hits)]
    order = sorted(range(len(scored)), key=lambda rank: -scored[rank].score)
    return [scored[rank] for rank in order], [passages[rank] for rank in order]
