"""The neural reader at work: for each window how likely it answers the question, and where in it the answer stands."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from scipy.special import log_softmax

from qa.errors import ServiceError
from qa.tokens import Vocabulary, pack
from qa.windows import Window

SHIPPED = Path(__file__).parent / "model"
LONGEST_SPAN = 190  # characters of a span, white space left out
LEFT_OUT = 0.02
THREADS = 2  # windows read at the same time


@dataclass(frozen=True, slots=True)
class Finding:
    """What a reader makes of one window.

    :ivar relevance: the higher, the likelier the window answers; a logit that the shipped reader weighs against 0, "none does".
    :ivar start, end: offsets ``[start, end)`` of the best span in the window's text.
    :ivar certainty: how sure the span is, given that the window answers: the logarithm of its probability.
    :ivar widest: offsets of the stretch that leaves out of the answer, before and behind it, no more than :data:`LEFT_OUT`
        of the probability each.
    """

    relevance: float
    start: int
    end: int
    certainty: float
    widest: tuple[int, int]


class WindowReader(Protocol):
    """Anything that looks for the answer in windows."""

    name: str

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        """A finding for each window."""


class NeuralReader:
    """The reader that ships, run by ONNX Runtime without torch. Safe in any number of threads.

    :param folder: what :mod:`qa.training.export` wrote.
    :raises ServiceError: ``reader_missing``: there is no model in the folder, or it cannot be read.
    """

    def __init__(self, folder: Path = SHIPPED) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # no pool of its own, which would not survive the server's fork
        try:
            self._vocabulary = Vocabulary.read(folder / "vocabulary.txt")
            self._session = onnxruntime.InferenceSession(str(folder / "reader.onnx"), options)
        except Exception as error:  # onnxruntime has no exception of its own that covers a missing and a broken file
            raise ServiceError("reader_missing", f"读不了阅读模型 {folder}：请重新安装程序。 The reader's model in {folder}"
                               " cannot be read: install the program again.", folder=str(folder)) from error
        self.name = "shipped"
        self._pools: dict[int, ThreadPoolExecutor] = {}

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        """A finding for each window."""
        asked = self._vocabulary.encode(question)[0]
        # One at a time, two side by side: none is filled up to the length of the longest.
        return list(self._pool().map(lambda window: self._read(asked, window), windows))

    def _pool(self) -> ThreadPoolExecutor:
        """The threads of this process: those made before a fork do not live on behind it."""
        return self._pools.setdefault(os.getpid(), ThreadPoolExecutor(THREADS, "reader"))

    def _read(self, question: np.ndarray, window: Window) -> Finding:
        context, (text, offsets) = self._vocabulary.encode(window.context)[0], self._vocabulary.encode(window.text)
        ids, segments, begin = pack(question, context, text)
        (relevance,), (logits,) = self._session.run(None, {"ids": ids[None], "segments": segments[None]})
        return finding(float(relevance), logits[begin:], offsets)


def finding(relevance: float, logits: np.ndarray, offsets: np.ndarray) -> Finding:
    """The best span by the sum of the logarithms of its begin's and end's probabilities.

    :param logits: of begin and end for each token of the text, of shape ``(tokens, 2)``.
    :param offsets: of the tokens in the text.
    """
    if not len(logits):
        return Finding(relevance, 0, 0, 0.0, (0, 0))
    offsets = offsets[:len(logits)]
    chances = log_softmax(logits, axis=0)
    scores = chances[:, None, 0] + chances[None, :, 1]
    places = np.arange(len(logits))
    length = places[None, :] - places[:, None]
    scores[(length < 0) | (length >= LONGEST_SPAN)] = -np.inf
    first, last = divmod(int(scores.argmax()), len(logits))
    mass = np.exp(chances).cumsum(axis=0)
    low = min(first, int(np.searchsorted(mass[:, 0], LEFT_OUT)))
    high = max(last, int(np.searchsorted(mass[:, 1], 1 - LEFT_OUT)))
    high = min(high, len(offsets) - 1)
    return Finding(relevance, int(offsets[first]), int(offsets[last]) + 1, float(scores[first, last]),
                   (int(offsets[low]), int(offsets[high]) + 1))
