"""The neural reader at work: for each window how likely it answers the question, and where in it the answer stands."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from scipy.special import log_softmax

from qa.errors import ServiceError
from qa.tokens import Vocabulary, match_runs, pack
from qa.windows import Window

SHIPPED = Path(__file__).parent / "model"
LONGEST_SPAN = 190  # characters of a span, white space left out
LEFT_OUT = 0.04  # of the probability of an answer, at either end of what is quoted
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

    The network is loaded with the first question, so that a server which forks its workers has each load its own: ONNX
    Runtime does not survive a fork.

    :param folder: what :mod:`qa.training.export` wrote.
    :raises ServiceError: ``reader_missing``: a file of the model is not in the folder.
    """

    def __init__(self, folder: Path = SHIPPED) -> None:
        self._model, vocabulary = folder / "reader.onnx", folder / "vocabulary.txt"
        for path in (self._model, vocabulary):
            if not path.is_file():
                raise ServiceError("reader_missing", f"找不到阅读模型的文件 {path}：请重新安装程序。 The file {path} of the"
                                   " reader's model is missing: install the program again.", path=str(path))
        self._vocabulary = Vocabulary.read(vocabulary)
        self._loading = Lock()
        self._session = None
        self.name = "shipped"

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        """A finding for each window."""
        self._load()
        asked = self._vocabulary.encode(question)[0]
        # One at a time, two side by side: none is filled up to the length of the longest.
        return list(self._pool.map(lambda window: self._read(asked, window), windows))

    def _load(self) -> None:
        with self._loading:
            if self._session is None:
                os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # or it would report its use to Microsoft
                import onnxruntime

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = 1  # windows are what is read side by side
                self._session = onnxruntime.InferenceSession(str(self._model), options)
                self._pool = ThreadPoolExecutor(THREADS, "reader")

    def _read(self, question: np.ndarray, window: Window) -> Finding:
        context, (text, offsets) = self._vocabulary.encode(window.context)[0], self._vocabulary.encode(window.text)
        ids, segments, begin = pack(question, context, text)
        (relevance,), (logits,) = self._session.run(None, {
            "ids": ids[None], "segments": segments[None], "runs": match_runs(ids, segments)[None], "begin": np.array([begin])})
        return finding(float(relevance), logits, np.stack([offsets, offsets + 1], axis=1))


def finding(relevance: float, logits: np.ndarray, offsets: np.ndarray) -> Finding:
    """The best span by the sum of the logarithms of its begin's and end's probabilities.

    :param logits: of begin and end for each token of the text, of shape ``(tokens, 2)``.
    :param offsets: ``[start, end)`` of the tokens in the text, of shape ``(tokens, 2)``.
    """
    if not len(logits):
        return Finding(relevance, 0, 0, 0.0, (0, 0))
    logits = logits[:len(offsets)]
    chances = log_softmax(logits, axis=0)
    scores = chances[:, None, 0] + chances[None, :, 1]
    places = np.arange(len(logits))
    length = places[None, :] - places[:, None]
    scores[(length < 0) | (length >= LONGEST_SPAN)] = -np.inf
    first, last = divmod(int(scores.argmax()), len(logits))
    mass = np.exp(chances).cumsum(axis=0)
    low = min(first, int(np.searchsorted(mass[:, 0], LEFT_OUT)))
    high = min(max(last, int(np.searchsorted(mass[:, 1], 1 - LEFT_OUT))), len(logits) - 1)
    return Finding(relevance, int(offsets[first, 0]), int(offsets[last, 1]), float(scores[first, last]),
                   (int(offsets[low, 0]), int(offsets[high, 1])))
