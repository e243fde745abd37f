"""Readers made of a user's own models: one that finds spans, one that ranks, or both."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TypeVar

import numpy as np
from scipy.special import logsumexp

from qa.errors import ServiceError
from qa.neural import Finding, NeuralReader, WindowReader, finding
from qa.windows import Window

T = TypeVar("T")

LONGEST = 512  # tokens of an input, where a model's own limit is no lower
BATCH = 8


def load_reader(reader_model: str = "", reranker_model: str = "") -> WindowReader:
    """The reader for the models that the settings name; the one that ships where they name none.

    :param reader_model: folder or name of a transformers model for extractive question answering.
    :param reranker_model: folder or name of a sentence-transformers CrossEncoder.
    :raises ServiceError: ``reader_model_missing`` where a model is neither here nor to be had.
    """
    reader = SpanReader(reader_model) if reader_model else NeuralReader()
    return RerankingReader(reader, reranker_model) if reranker_model else reader


class SpanReader:
    """A transformers model that marks an answer's begin and end. Safe in any number of threads.

    How likely a window answers is the best span's score over that of "no answer", which such models place on their first
    token (Devlin et al., BERT, 2019, on SQuAD 2.0). The network is loaded with the first question, see
    :class:`qa.neural.NeuralReader`.

    :raises ServiceError: ``reader_model_missing``.
    """

    def __init__(self, model: str) -> None:
        self.name = model
        self._lock = Lock()
        _check(model)

    @cached_property
    def _loaded(self) -> tuple:
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        tokenizer = _here_or_there(self.name, lambda **where: AutoTokenizer.from_pretrained(self.name, **where))
        model = _here_or_there(self.name, lambda **where: AutoModelForQuestionAnswering.from_pretrained(self.name, **where))
        if not tokenizer.is_fast:
            raise ServiceError("reader_model_slow_tokenizer", f"阅读模型“{self.name}”没有快速分词器（tokenizer.json），无法定位原文。"
                               f" The reader model “{self.name}” lacks a fast tokenizer, so its answers cannot be located.")
        return tokenizer, model.eval(), min(tokenizer.model_max_length, LONGEST)

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        """A finding for each window."""
        import torch

        with self._lock:
            tokenizer, model, longest = self._loaded
        found = []
        for first in range(0, len(windows), BATCH):
            batch = windows[first:first + BATCH]
            inputs = tokenizer([question] * len(batch), [f"{window.context}\n{window.text}" for window in batch],
                               truncation="only_second", max_length=longest, padding=True, return_offsets_mapping=True,
                               return_tensors="pt")
            offsets = inputs.pop("offset_mapping").numpy()
            with torch.inference_mode():
                output = model(**inputs)
            logits = torch.stack([output.start_logits, output.end_logits], -1).float().numpy()
            found += [_of_window(window, logits[row], offsets[row], np.array([part == 1 for part in inputs.sequence_ids(row)]))
                      for row, window in enumerate(batch)]
        return found


def _of_window(window: Window, logits: np.ndarray, offsets: np.ndarray, second: np.ndarray) -> Finding:
    """The finding in one window.

    :param logits: of begin and end for each token, the first of which stands for "no answer".
    :param second: which tokens are of the second text: context and window.
    """
    begin = len(window.context) + 1
    inside = second & (offsets[:, 0] >= begin) & (offsets[:, 1] > offsets[:, 0])
    found = finding(0.0, logits[inside], offsets[inside] - begin)
    if not inside.any():
        return found
    score = found.certainty + logsumexp(logits[inside], axis=0).sum()  # the sum of begin's and end's logits
    return replace(found, relevance=float(score - logits[0].sum()))


class RerankingReader:
    """A reader whose windows are ranked by a CrossEncoder. Safe in any number of threads.

    :param reader: finds the spans.
    :raises ServiceError: ``reader_model_missing``.
    """

    def __init__(self, reader: WindowReader, model: str) -> None:
        self.name = f"{reader.name}+{model}"
        self._reader, self._model = reader, model
        self._lock = Lock()
        _check(model)

    @cached_property
    def _loaded(self):
        from sentence_transformers import CrossEncoder
        from torch.nn import Identity

        model = _here_or_there(self._model, lambda **where: CrossEncoder(
            self._model, device="cpu", activation_fn=Identity(), **where))
        model.tokenizer.model_max_length = min(model.tokenizer.model_max_length, LONGEST)
        return model

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        """A finding for each window."""
        found = self._reader.read(question, windows)
        if not windows:
            return found
        with self._lock:
            model = self._loaded
        scores = model.predict([(question, f"{window.context}\n{window.text}") for window in windows],
                               batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True)
        return [replace(each, relevance=float(score)) for each, score in zip(found, np.asarray(scores).reshape(len(windows), -1)[:, -1])]


def _check(model: str) -> None:
    """:raises ServiceError: ``reader_model_missing``; found out at the start and not with the first question."""
    from transformers import AutoConfig

    _here_or_there(model, lambda **where: AutoConfig.from_pretrained(model, **where))


def _here_or_there(model: str, load: Callable[..., T]) -> T:
    """What is loaded from this machine, or where it is not here, from the hub."""
    try:
        return load(local_files_only=True)
    except (OSError, ValueError):
        try:
            return load()
        except (OSError, ValueError) as error:
            raise ServiceError("reader_model_missing", f"找不到阅读或重排模型“{model}”，也无法下载：请检查名称与网络，或把模型放到本地文件夹并用其路径。"
                               f" The reader or reranker model “{model}” is neither on this machine nor could it be downloaded:"
                               " check its name and the network, or name a local folder that holds it.", model=model) from error
