"""Models of the user's own in the place of the reader that ships, or of a part of it.

A model is checked when it is named and loaded with the first question, so that a server which forks its workers has each
load its own: torch does not survive a fork. transformers and torch are imported only where a model is named.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

import numpy as np
from scipy.special import logsumexp

from embeddings.encoder import local_first
from qa.errors import ServiceError
from qa.neural import Finding, NeuralReader, WindowReader, finding
from qa.tokens import LONGEST_CONTEXT
from qa.windows import Window

LONGEST = 512  # tokens of question and window
LONGEST_QUESTION = 200  # characters, so that a window fits in beside it
UNREAD = -20.0  # relevance of a window of which a model's tokenizer leaves nothing


def load_reader(reader_model: str = "", reranker_model: str = "") -> WindowReader:
    """The reader of windows that two settings make.

    :param reader_model: name or folder of a model that finds spans; the shipped one where empty.
    :param reranker_model: name or folder of a model that says which windows answer; where empty, the finder of spans does.
    :raises ServiceError: ``reader_model_missing``: a model is neither here nor to be had; ``reader_model_unsuitable``: it is of
        another kind.
    """
    spans = SpanReader(reader_model) if reader_model else NeuralReader()
    return RerankingReader(spans, reranker_model) if reranker_model else spans


class SpanReader:
    """A transformers model for extractive question answering. Safe in any number of threads, one of which reads at a time.

    A window is as relevant as its best span scores above "no answer", which the model says of its first token (Devlin et
    al. 2019, section 4.3).

    :param name: name or folder of the model.
    :raises ServiceError: as :func:`load_reader`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._model = _OwnModel("QA_READER_MODEL", name, _load_span_model)
        self._model.check(("ForQuestionAnswering",), "它不是抽取式问答模型", "it is no model for extractive question answering")

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        """A finding for each window."""
        if not windows:
            return []
        contexts = [f"{window.context[:LONGEST_CONTEXT]}\n" for window in windows]
        texts = [context + window.text for context, window in zip(contexts, windows)]
        with self._model as (tokenizer, model):
            read = tokenizer([question[:LONGEST_QUESTION]] * len(texts), texts, truncation=True, padding=True,
                             max_length=_longest(tokenizer, model.config), return_offsets_mapping=True, return_tensors="pt")
            offsets = read.pop("offset_mapping").tolist()
            logits = _logits(model, read)
            ids = read["input_ids"].numpy()
            nulls = (ids == tokenizer.cls_token_id).argmax(axis=1)  # the first token where there is none of that name
        return [_span(window.text, len(context), logits[row], offsets[row], read.sequence_ids(row), nulls[row])
                for row, (context, window) in enumerate(zip(contexts, windows))]


def _load_span_model(name: str) -> tuple[Any, Any]:
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    return (local_first(AutoTokenizer.from_pretrained, name, trust_remote_code=False),
            local_first(AutoModelForQuestionAnswering.from_pretrained, name, trust_remote_code=False).eval())


def _longest(tokenizer: Any, config: Any) -> int:
    """Tokens that a model takes: many tokenizers do not know, and name an astronomic number."""
    return min(tokenizer.model_max_length, getattr(config, "max_position_embeddings", LONGEST), LONGEST)


def _logits(model: Any, read: Any) -> np.ndarray:
    """Logits of begin and end, of shape ``(windows, tokens, 2)``."""
    import torch

    with torch.inference_mode():
        said = model(**read)
    return torch.stack([said.start_logits, said.end_logits], dim=-1).double().numpy()


def _span(text: str, shift: int, logits: np.ndarray, offsets: Sequence[tuple[int, int]], sequences: Sequence[int | None],
          null: int) -> Finding:
    """The best span in a window's text, which begins ``shift`` characters behind the begin of the second sequence.

    :param logits: of begin and end, for each token.
    :param sequences: of each token the sequence that it is of.
    :param null: the token that stands for "no answer".
    """
    places = {row: _place(text, start - shift, end - shift)
              for row, ((start, end), sequence) in enumerate(zip(offsets, sequences)) if sequence == 1}
    kept = {row: (start, end) for row, (start, end) in places.items() if start < end}
    if not kept:
        return Finding(UNREAD, 0, 0, 0.0, (0, 0))
    rows = list(kept)
    found = finding(0.0, logits[rows], np.array(list(kept.values())))
    best = found.certainty + logsumexp(logits[rows], axis=0).sum()
    return replace(found, relevance=float(best - logits[null].sum()))


def _place(text: str, start: int, end: int) -> tuple[int, int]:
    """Where a token stands in a text, without what reaches out of it before and without the white space it begins with."""
    start = max(start, 0)
    piece = text[start:max(end, 0)]
    return start + len(piece) - len(piece.lstrip()), end


class RerankingReader:
    """Spans of one reader, relevance of a sentence-transformers CrossEncoder. Safe in any number of threads, one of which
    ranks at a time.

    :param spans: finds where in a window the answer stands.
    :param name: name or folder of the CrossEncoder, which has one label; its score before any activation is the relevance.
    :raises ServiceError: as :func:`load_reader`.
    """

    def __init__(self, spans: WindowReader, name: str) -> None:
        self.name = f"{spans.name}+{name}"
        self._spans = spans
        self._model = _OwnModel("QA_RERANKER_MODEL", name, _load_cross_encoder)
        config = self._model.check(("ForSequenceClassification", "ForCausalLM"), "它不是 CrossEncoder", "it is no CrossEncoder")
        if "ForSequenceClassification" in config.architectures[0] and config.num_labels != 1:
            raise self._model.problem("unsuitable", f"它给出 {config.num_labels} 类而不是一个分数",
                                      f"it has {config.num_labels} labels, not one score")

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        """A finding for each window."""
        if not windows:
            return []
        with self._model as model:
            scores = model.predict([(question, f"{window.context}\n{window.text}") for window in windows],
                                   show_progress_bar=False)
        return [replace(found, relevance=float(score))
                for found, score in zip(self._spans.read(question, windows), scores)]


def _load_cross_encoder(name: str) -> Any:
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    return local_first(CrossEncoder, name, device="cpu", activation_fn=Identity(), trust_remote_code=False)


class _OwnModel:
    """A model that is loaded when it is first used, as a context that one thread is in at a time: the tokenizers of
    transformers are not safe in several.

    :param variable: the setting that names it.
    :param load: makes it of its name.
    """

    def __init__(self, variable: str, name: str, load: Callable[[str], Any]) -> None:
        self._variable, self._name, self._load = variable, name, load
        self._using = Lock()
        self._loaded = None

    def check(self, kinds: tuple[str, ...], chinese: str, english: str) -> Any:
        """Its configuration.

        :param kinds: one of which an architecture of the model must be.
        :param chinese, english: what it is not, if of none.
        :raises ServiceError: ``reader_model_missing`` or ``reader_model_unsuitable``.
        """
        from transformers import AutoConfig

        try:
            config = local_first(AutoConfig.from_pretrained, self._name, trust_remote_code=False)
        except (OSError, ValueError) as error:
            raise self.problem("missing", "本机没有，也无法下载；请检查名称与网络，或把模型放到本地文件夹并用其路径",
                               "it is neither on this machine nor could it be downloaded; check its name and the network, or name a"
                               " local folder that holds it") from error
        if not any(kind in architecture for architecture in config.architectures or () for kind in kinds):
            raise self.problem("unsuitable", chinese, english)
        return config

    def problem(self, code: str, chinese: str, english: str) -> ServiceError:
        """That it cannot be used, and why."""
        return ServiceError(f"reader_model_{code}", f"{self._variable} 所指的模型“{self._name}”不能用：{chinese}。"
                            f" The model “{self._name}” that {self._variable} names cannot be used: {english}.",
                            variable=self._variable, model=self._name)

    def __enter__(self) -> Any:
        self._using.acquire()
        try:
            if self._loaded is None:
                self._loaded = self._load(self._name)
        except Exception as error:  # whatever transformers' many parts raise
            self._using.release()
            raise self.problem("corrupt", "它的文件不全或无法读取", "its files are incomplete or cannot be read") from error
        return self._loaded

    def __exit__(self, *_: object) -> None:
        self._using.release()
