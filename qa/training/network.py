"""The neural reader: a small transformer over question and window, with heads for relevance and for the answer's span."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from qa.tokens import LONGEST_QUESTION, LONGEST_RUN, PAD, QUESTION, SPECIAL, STEP

HEAD = 64  # width of an attention head
BEFORE, OWN = 7919, 104_729  # factors of the hash of two neighbours


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network.

    :ivar pairs: rows of the table of neighbouring characters, which are told apart by a hash.
    :ivar step: characters that the layers take together, as one place.
    :ivar longest: places of an input, at most.
    """

    characters: int
    pairs: int = 40_009
    pair_width: int = 128
    width: int = 320
    heads: int = 5
    layers: int = 6
    step: int = STEP
    longest: int = 384

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> "Shape":
        """The shape of the network that has such weights, given by their names in it."""
        characters, width = weights["characters.weight"].shape
        pairs, pair_width = weights["pairs.weight"].shape
        layers = sum(name.endswith("project.weight") for name in weights)
        return cls(characters, pairs, pair_width, width, width // HEAD, layers, weights["joined.weight"].shape[1] // width)


class Reader(nn.Module):
    """Characters in, for each window how likely it answers, and for each character whether the answer begins or ends there.

    Besides itself, a character carries its pairs with both neighbours, and how long a run of the other side (of the
    window for the question, of the question for the window) it is part of: what must otherwise be learnt by attention. The
    layers take several characters as one place, since a place costs the same whatever it holds (Dai et al., Funnel-Transformer,
    2020); begin and end are still told of each character.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.characters = nn.Embedding(shape.characters, shape.width, padding_idx=PAD)
        self.pairs = nn.Embedding(shape.pairs, shape.pair_width)
        self.paired = nn.Linear(2 * shape.pair_width, shape.width, bias=False)
        self.matches = nn.Embedding(LONGEST_RUN + 1, shape.width)
        self.segments = nn.Embedding(3, shape.width)
        self.joined = nn.Linear(shape.step * shape.width, shape.width, bias=False)
        self.layers = nn.ModuleList(Layer(shape.width, shape.heads) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.spans = nn.Linear(shape.width, 2 * shape.step)
        self.relevance = nn.Sequential(nn.Linear(shape.width, shape.width), nn.Tanh(), nn.Linear(shape.width, 1))
        self.masked = nn.Linear(shape.width, shape.step * shape.width)
        cos, sin = rotations(shape.longest, shape.width // shape.heads)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.apply(_initialise)

    def encode(self, ids: Tensor, segments: Tensor, runs: Tensor) -> Tensor:
        """Vectors of places, of shape ``(inputs, length / step, width)``.

        :param ids: int64 of shape ``(inputs, length)``, filled up with PAD to a multiple of ``step``.
        :param segments: of the same shape, as is ``runs``, from :func:`match_runs`.
        """
        # Pair i is of characters i - 1 and i; the one behind a character is the pair before its successor.
        before = functional.pad(ids[:, :-1], (1, 0))
        pair = self.pairs((before * BEFORE + ids * OWN) % self.shape.pairs)
        after = functional.pad(pair[:, 1:], (0, 0, 0, 1))
        x = (self.characters(ids) + self.paired(torch.cat([pair, after], -1))
             + self.matches(runs) + self.segments(segments))
        step = self.shape.step
        x = self.joined(x.unflatten(1, (-1, step)).flatten(2))
        hidden = (ids == PAD).unflatten(1, (-1, step)).all(2)[:, None, None, :].to(x.dtype) * -1e4
        cos, sin = self.cos[:x.shape[1]].to(x.dtype), self.sin[:x.shape[1]].to(x.dtype)
        for layer in self.layers:
            x = layer(x, hidden, cos, sin)
        return self.norm(x)

    def forward(self, ids: Tensor, segments: Tensor, encode: Callable | None = None) -> tuple[Tensor, Tensor]:
        """Relevance of shape ``(inputs,)`` and logits of begin and end of shape ``(inputs, length, 2)``.

        :param encode: a compiled :meth:`encode`.
        """
        x = (encode or self.encode)(ids, segments, match_runs(ids, segments))
        return self.relevance(x[:, 0])[:, 0], self.spans(x).unflatten(2, (-1, 2)).flatten(1, 2)

    def restore(self, ids: Tensor, segments: Tensor, rows: Tensor, encode: Callable | None = None) -> Tensor:
        """Logits over all characters for masked places, given as rows of the flattened input; there is no question.

        :param encode: a compiled :meth:`encode`.
        """
        step = self.shape.step
        x = (encode or self.encode)(ids, segments, torch.zeros_like(ids)).flatten(0, 1)[rows // step]
        told = self.masked(x).unflatten(1, (step, -1))[torch.arange(len(rows), device=rows.device), rows % step]
        return functional.gelu(told) @ self.characters.weight.T


def match_runs(ids: Tensor, segments: Tensor) -> Tensor:
    """How long the longest run of characters is that a character is part of and that question and window share.

    :returns: int64 of the shape of ``ids``, 0 to :data:`LONGEST_RUN`.
    """
    front, real = LONGEST_QUESTION + 2, ids >= SPECIAL
    asked = (segments == QUESTION) & real
    same = ((ids[:, :front, None] == ids[:, None, :]) & asked[:, :front, None]
            & ((segments != QUESTION) & real)[:, None, :])
    run, longest, length = same, torch.zeros_like(ids), ids.shape[1]
    for size in range(1, LONGEST_RUN + 1):
        if size > 1:  # a run of n is a run of n - 1 followed by a character that is the same
            run = run[:, :-1, :-1] & same[:, size - 1:, size - 1:]
        rows, columns = run.any(2), run.any(1)
        starts = functional.pad(columns, (0, length - columns.shape[1])) | functional.pad(rows, (0, length - rows.shape[1]))
        covered = starts
        for back in range(1, size):
            covered = covered | functional.pad(starts[:, :-back], (back, 0))
        longest = longest + covered.to(ids.dtype)
    return longest


class Layer(nn.Module):
    """A transformer layer with its norms in front."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm, self.feed_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.project, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, hidden: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        inputs, length, width = x.shape
        projected = self.project(self.attention_norm(x)).view(inputs, length, 3, self.heads, width // self.heads)
        query, key, value = projected.permute(2, 0, 3, 1, 4).unbind(0)
        query, key = rotate(query, cos, sin), rotate(key, cos, sin)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=hidden)
        x = x + self.dropout(self.mix(mixed.transpose(1, 2).reshape(inputs, length, width)))
        return x + self.dropout(self.narrow(functional.gelu(self.widen(self.feed_norm(x)))))


def rotations(length: int, width: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of rotary position embedding (Su et al., RoFormer, 2021), each of shape ``(length, width)``."""
    rates = 10_000 ** -(torch.arange(0, width, 2) / width)
    angles = torch.outer(torch.arange(length).float(), rates)
    return torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Vectors turned by the angles of their places."""
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
