"""How two rankings of the same passages become one."""

import numpy as np


def min_max(scores: np.ndarray) -> np.ndarray:
    """Scores scaled to [0, 1]; all 0 where they do not differ."""
    low, high = (float(scores.min()), float(scores.max())) if len(scores) else (0.0, 0.0)
    return (scores - low) / (high - low) if high > low else np.zeros(len(scores))


def convex(lexical: np.ndarray, dense: np.ndarray, weight: float) -> np.ndarray:
    """Convex combination of normalised scores, Bruch et al., An Analysis of Fusion Functions, 2023, section 3.

    :param lexical: BM25 scores of the candidates; 0 is their theoretical minimum and stays 0.
    :param dense: cosine similarities of the same candidates.
    :param weight: share of the dense score, in [0, 1].
    """
    top = float(lexical.max()) if len(lexical) else 0.0
    scaled = lexical / top if top > 0 else np.zeros(len(lexical))
    return (1 - weight) * scaled + weight * min_max(dense)
