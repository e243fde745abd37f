"""Training text and groups as tensors, and batches of them, all on the device that trains."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from qa.tokens import (
    CONTEXT,
    LONGEST_CONTEXT,
    LONGEST_QUESTION,
    LONGEST_TEXT,
    MASK,
    PAD,
    QUESTION,
    SEPARATOR,
    SPECIAL,
    START,
    STEP,
    TEXT,
    Vocabulary,
)
from qa.training.groups import Groups

LONGEST = 288  # tokens of an input, a multiple of STEP; the end of a longer one is cut off


@dataclass(frozen=True, slots=True)
class Rows:
    """Token rows of one length, and how many tokens each holds."""

    ids: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, texts: list[np.ndarray], longest: int, device: str) -> "Rows":
        lengths = np.array([min(len(text), longest) for text in texts])
        ids = np.full((len(texts), longest), PAD, np.int16)
        for row, text in zip(ids, texts):
            row[:min(len(text), longest)] = text[:longest]
        return cls(torch.from_numpy(ids).to(device), torch.from_numpy(lengths).to(device))


class Questions:
    """Groups, ready to be drawn.

    :param weights: how often each group is drawn, relative to the others.
    """

    def __init__(self, groups: Groups, vocabulary: Vocabulary, width: int, weights: np.ndarray, device: str) -> None:
        self._width = width
        self.questions = Rows.of([vocabulary.encode(g.question)[0] for g in groups.groups], LONGEST_QUESTION, device)
        self.contexts = Rows.of([vocabulary.encode(context)[0] for context, _ in groups.windows], LONGEST_CONTEXT, device)
        encoded = [vocabulary.encode(text) for _, text in groups.windows]
        self.texts = Rows.of([ids for ids, _ in encoded], LONGEST_TEXT, device)
        windows = np.full((len(groups.groups), 12), -1, np.int64)
        right = np.zeros((len(groups.groups), 12), bool)
        spans = np.full((len(groups.groups), 12, 2), -1, np.int64)
        for row, group in enumerate(groups.groups):
            windows[row, :len(group.windows)] = group.windows[:12]
            for place, start, end in group.right:
                right[row, place] = True
                offsets = encoded[group.windows[place]][1]
                first, last = np.searchsorted(offsets, start), np.searchsorted(offsets, end) - 1
                if start >= 0 and first <= last < LONGEST_TEXT:
                    spans[row, place] = first, last
        self.windows, self.right, self.spans = (torch.from_numpy(a).to(device) for a in (windows, right, spans))
        self.weights = torch.from_numpy(weights.astype(np.float32)).to(device)

    def draw(self, count: int, chosen: Tensor | None = None, context_dropout: float = 0.0) -> "Batch":
        """A batch of groups, drawn by their weights, or the given ones; each with at most ``width`` of its windows."""
        if chosen is None:
            chosen = torch.multinomial(self.weights, count, replacement=True)
        windows, right, spans = self.windows[chosen], self.right[chosen], self.spans[chosen]
        # The right ones first, then any: order says nothing to the network, which sees one window at a time.
        order = (torch.rand(windows.shape, device=windows.device) + 2.0 * right - 4.0 * (windows < 0)).argsort(1, descending=True)
        order = order[:, :self._width]
        windows, right = windows.gather(1, order), right.gather(1, order)
        spans = spans.gather(1, order[:, :, None].expand(-1, -1, 2))
        ids, segments, begins = self._inputs(chosen, windows, context_dropout)
        return Batch(ids, segments, windows >= 0, right & (windows >= 0), spans, begins.view(windows.shape))

    def _inputs(self, chosen: Tensor, windows: Tensor, context_dropout: float) -> tuple[Tensor, Tensor, Tensor]:
        rows = windows.clamp(min=0).flatten()
        asked = chosen[:, None].expand(-1, windows.shape[1]).flatten()
        device = rows.device
        question, context, text = self.questions.lengths[asked], self.contexts.lengths[rows], self.texts.lengths[rows]
        if context_dropout:
            context = context * (torch.rand(len(rows), device=device) >= context_dropout)
        source = torch.cat([self.questions.ids[asked], self.contexts.ids[rows], self.texts.ids[rows]], 1).long()
        begins = question + context + 3
        # Compiled for a GPU, a network is so for one length.
        length = LONGEST if device.type == "cuda" else int(min(LONGEST, (begins + text).max()))
        length += -length % STEP
        at = torch.arange(length, device=device)[None, :]
        question, context, begins, text = (each[:, None] for each in (question, context, begins, text))
        in_question, in_context = (at > 0) & (at <= question), (at > question + 1) & (at <= question + 1 + context)
        in_text = (at >= begins) & (at < begins + text)
        place = torch.where(in_question, at - 1, torch.where(in_context, at - question - 2 + LONGEST_QUESTION,
                                                             at - begins + LONGEST_QUESTION + LONGEST_CONTEXT))
        ids = source.gather(1, place.clamp(0, source.shape[1] - 1))
        ids = torch.where(in_question | in_context | in_text, ids, PAD)
        ids = torch.where(at == 0, START, torch.where((at == question + 1) | (at == begins - 1), SEPARATOR, ids))
        segments = torch.where(at <= question + 1, QUESTION, torch.where(at < begins, CONTEXT, TEXT))
        return ids, segments.expand_as(ids), begins[:, 0]


@dataclass(frozen=True, slots=True)
class Batch:
    """Groups of windows.

    :ivar ids, segments: int64 of shape ``(groups * windows, length)``.
    :ivar real: bool of shape ``(groups, windows)``: whether there is a window at all; ``right`` whether it answers.
    :ivar spans: first and last token of the answer within the text, -1 where unknown, ``(groups, windows, 2)``.
    :ivar begins: where the text begins in the input.
    """

    ids: Tensor
    segments: Tensor
    real: Tensor
    right: Tensor
    spans: Tensor
    begins: Tensor


def masked(stream: Tensor, count: int, length: int, share: float, characters: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Stretches of a stream of tokens of which some runs are hidden: ids, segments, flat rows of what was hidden, what stood there."""
    device = stream.device
    starts = torch.randint(0, len(stream) - length, (count, 1), device=device)
    true = stream[starts + torch.arange(length, device=device)].long()
    true[:, 0] = START
    # A run of 1 to 4 begins at each place with the chance that makes the share come out.
    begin = torch.rand(true.shape, device=device) < share / 2.2
    runs = torch.randint(1, 5, true.shape, device=device) * begin
    hidden = begin.clone()
    for back in range(1, 4):
        hidden[:, back:] |= runs[:, :-back] > back
    hidden &= true >= SPECIAL
    chance = torch.rand(true.shape, device=device)
    ids = torch.where(hidden & (chance < 0.85), MASK, true)
    ids = torch.where(hidden & (chance > 0.95), torch.randint(SPECIAL, characters, true.shape, device=device), ids)
    rows = hidden.flatten().nonzero()[:, 0]
    return ids, torch.full_like(ids, TEXT), rows, true.flatten()[rows]
