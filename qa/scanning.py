"""Compiled loops over postings."""

import numpy as np

from embeddings.compiled import compiled


@compiled
def add_scores(scores: np.ndarray, rows: np.ndarray, counts: np.ndarray, starts: np.ndarray, places: np.ndarray,
               factors: np.ndarray, norms: np.ndarray) -> None:
    """Add to the scores of passages what terms contribute: ``factor * count / (count + norm)`` for each posting.

    :param scores: float64 of shape ``(passages,)``.
    :param rows, counts, starts: as in :class:`qa.postings.Postings`.
    :param places: int64, which terms; :param factors: float64, of each.
    :param norms: float64 of shape ``(passages,)``.
    """
    for term in range(len(places)):
        factor = factors[term]
        for posting in range(starts[places[term]], starts[places[term] + 1]):
            row, count = rows[posting], counts[posting]
            scores[row] += factor * count / (count + norms[row])


@compiled
def held(rows: np.ndarray, starts: np.ndarray, places: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Which passages hold which terms, bool of shape ``(passages asked for, terms)``.

    :param rows, starts: as in :class:`qa.postings.Postings`.
    :param places: int64, which terms; -1 for one that no passage holds.
    :param wanted: int64, which passages.
    """
    found = np.zeros((len(wanted), len(places)), np.bool_)
    for term in range(len(places)):
        if places[term] >= 0:
            mine = rows[starts[places[term]]:starts[places[term] + 1]]
            for i in range(len(wanted)):
                at = np.searchsorted(mine, wanted[i])
                found[i, term] = at < len(mine) and mine[at] == wanted[i]
    return found
