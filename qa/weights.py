"""The weights that the reader decides by: their names, the file that ships, and the file that a user's calibration writes."""

import json
import logging
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from qa.features import NAMES

_log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent / "data" / "reader.json"
CALIBRATED = "reader.json"  # in the home

# What tells a question that the documents are about, and state what is asked, from others. The first three and the last are
# worked out in qa.reader.signals(), those between are features of the best sentence.
SIGNALS = ("top", "margin", "probability", "own", "own_rare", "missing_rare", "near", "context", "run", "kind",
           "kind_missing", "kind_unit", "unit_missing", "years_agree", "years_context", "years_differ", "years_other",
           "places_differ", "title_named", "named", "span_near", "asked_figure", "typed", "plan_missing",
           "plan_unasked", "vector", "soft_own", "soft_covered", "soft_missing", "saturation")
# Of a window: what the neural reader thinks of it, its best sentence's score, how sure the span found in it is, whether that
# lacks the figure or date that is asked for, has one in another unit, or only repeats one of the question.
CHOICE = ("relevance", "promise", "certainty", "formless", "misfit", "echo")
# Of a question: what its sentences say of both, what its windows say, whether the quote lacks the figure that is asked for, and
# whether all that it quotes from names only other years or other places, or stands in a part about other years.
VERDICT = ("related", "answered", "relevance", "lacking", "years_differ", "places_differ", "years_other")


@dataclass(frozen=True, slots=True)
class Weights:
    """All that is fitted, see :mod:`qa.fitting`.

    :ivar sentence: weight of each feature of :data:`qa.features.NAMES`, scaling folded in.
    :ivar window: weights of :data:`CHOICE`.
    :ivar related: weight of each of :data:`SIGNALS`, and the bias last, for "the documents are about this".
    :ivar answered: the same for "they state what is asked", of a question that they are about, by its sentences alone.
    :ivar verdict: weights of :data:`VERDICT`, and the bias last, for "this quote answers".
    """

    sentence: np.ndarray
    window: np.ndarray
    related: np.ndarray
    answered: np.ndarray
    verdict: np.ndarray

    @property
    def fingerprint(self) -> str:
        """Eight digits that other weights hardly share."""
        return f"{zlib.crc32(b''.join(getattr(self, part).tobytes() for part in PARTS)):08x}"


PARTS = {"sentence": NAMES, "window": CHOICE, "related": (*SIGNALS, "bias"), "answered": (*SIGNALS, "bias"),
         "verdict": (*VERDICT, "bias")}


@lru_cache(maxsize=2)
def load_weights(path: Path = SHIPPED) -> Weights:
    """The weights of a file, by default those that ship.

    :raises ValueError: the file was made for other features, or is none.
    """
    return _parsed(json.loads(path.read_text(encoding="utf-8")), path)


def save_weights(path: Path, weights: Weights, models: tuple[str, ...] = ()) -> None:
    """Write weights as :func:`load_weights` and :func:`weights_for` read them.

    :param models: names of the models that they were fitted to.
    """
    rounded = {part: dict(zip(names, np.round(getattr(weights, part), 4).tolist())) for part, names in PARTS.items()}
    path.write_text(json.dumps(({"models": models} if models else {}) | rounded, indent=1) + "\n", encoding="utf-8")


def weights_for(home: Path, models: tuple[str, ...]) -> Weights:
    """The weights that were calibrated in a home for these models, else those that ship; it is logged where these are for others.

    :param models: names of the embedding model and of the reader.
    """
    path = home / CALIBRATED
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if tuple(data["models"]) == models:
            return _parsed(data, path)
        _log.warning("校准文件 %s 属于别的模型，没有采用，请重新运行 python -m qa calibrate。 It is of other models (%s, not %s) and not used:"
                     " run python -m qa calibrate again.", path, data["models"], models)
    except FileNotFoundError:
        if models[-1] != "shipped":
            _log.warning("置信度还没有按模型 %s 校准，请运行 python -m qa calibrate 问题文件。 The confidence is not calibrated for this model:"
                         " run python -m qa calibrate QUESTIONS.", models[-1])
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("校准文件 %s 不能用（%s），请重新运行 python -m qa calibrate。 It cannot be used: run python -m qa calibrate again.",
                     path, error)
    return load_weights()


def _parsed(data: dict, path: Path) -> Weights:
    if not all(set(data.get(part, ())) == set(names) for part, names in PARTS.items()):
        raise ValueError(f"{path} holds weights of other features; make it again")
    return Weights(**{part: np.array([data[part][name] for name in names]) for part, names in PARTS.items()})
