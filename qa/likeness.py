"""Texts that say nearly the same, as groups."""

import numpy as np


def groups(vectors: np.ndarray, nearness: float) -> list[list[int]]:
    """Rows grouped by likeness, each row in one group.

    Clusters are joined by average linkage as long as the mean cosine between two of them is at least the nearness.

    :param vectors: float32 of shape ``(texts, dimension)``, of unit length; rows of zeros are like nothing.
    :param nearness: cosine in [0, 1].
    :returns: row numbers; groups by their first row, and rows within a group in order.
    """
    if len(vectors) < 2:
        return [[row] for row in range(len(vectors))]
    from scipy.cluster.hierarchy import fcluster, linkage  # takes a fifth of a second, and most starts need none

    rows, columns = np.triu_indices(len(vectors), 1)
    distances = np.clip(1 - (vectors @ vectors.T)[rows, columns], 0, 2)
    labels = fcluster(linkage(distances, "average"), 1 - nearness, "distance")
    found: dict[int, list[int]] = {}
    for row, label in enumerate(labels):
        found.setdefault(label, []).append(row)
    return list(found.values())
