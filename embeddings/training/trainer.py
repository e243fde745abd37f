"""Contrastive training of a table of token vectors whose mean is the vector of a text."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse
from tokenizers import Tokenizer

from .pairs import Pairs

Report = Callable[[int, float, torch.Tensor], None]

_WARM_UP = 100
_REPORT_EVERY = 100


@dataclass(frozen=True)
class Plan:
    """What a training run does.

    :param batch: pairs in a step; each one's passage is a wrong answer to all the others.
    :param neighbours: pairs drawn from the same document, so that wrong answers are about the same subject.
    :param written: share of questions that people wrote.
    :param steps: batches seen.
    """

    dimension: int = 256
    batch: int = 512
    neighbours: int = 8
    written: float = 0.35
    scale: float = 20.0
    rate: float = 0.004
    steps: int = 5000


def counts(tokenizer: Tokenizer, texts: Sequence[str], step: int = 4096) -> sparse.csr_matrix:
    """How often each token stands in each text, the unknown token (row 0) left out."""
    blocks = []
    for first in range(0, len(texts), step):
        ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts[first : first + step]))]
        bounds = np.cumsum([0] + [len(row) for row in ids])
        columns = np.concatenate([np.asarray(row, np.int32) for row in ids])
        block = sparse.csr_matrix(
            ((columns > 0).astype(np.float32), columns, bounds), (len(ids), tokenizer.get_vocab_size())
        )
        block.sum_duplicates()
        block.eliminate_zeros()
        blocks.append(block)
    return sparse.vstack(blocks, format="csr")


def first_weights(passages: sparse.csr_matrix, dimension: int, rng: np.random.Generator) -> np.ndarray:
    """Random directions, as long as a token is rare: their dot products approximate those of tf-idf."""
    frequency = np.bincount(passages.indices, minlength=passages.shape[1])
    rarity = np.log1p(passages.shape[0] / (frequency + 1.0))
    weights = rng.standard_normal((passages.shape[1], dimension)) * rarity[:, None]
    weights[0] = 0
    return (weights / np.sqrt(dimension) / rarity.mean()).astype(np.float32)


def train(pairs: Pairs, tokenizer: Tokenizer, plan: Plan, seed: int, report: Report) -> np.ndarray:
    """Token vectors, float32 of shape (tokens, dimension), row 0 zero."""
    passages = counts(tokenizer, pairs.passages)
    pools = [counts(tokenizer, [question for question, _ in pool]) for pool in (pairs.written, pairs.made)]
    weights = torch.nn.Parameter(
        torch.from_numpy(first_weights(passages, plan.dimension, np.random.default_rng(seed)))
    )
    optimizer = torch.optim.Adam([weights], lr=plan.rate, betas=(0.9, 0.99), fused=True)
    batches = _batches(pairs, plan, random.Random(seed))
    for step, (written, made) in zip(range(1, plan.steps + 1), batches):
        optimizer.param_groups[0]["lr"] = plan.rate * min(step / _WARM_UP, 1 - (step - 1) / plan.steps)
        questions = sparse.vstack([pools[0][written], pools[1][made]], format="csr")
        rows = [pairs.written[i][1] for i in written] + [pairs.made[i][1] for i in made]
        loss = _loss(weights, questions, passages[rows], np.array(rows), plan.scale)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % _REPORT_EVERY == 0:
            report(step, loss.item(), weights)
    return weights.detach().numpy()


def _loss(weights, questions, passages, rows, scale) -> torch.Tensor:
    """Cross-entropy of the right passage among the batch's, both ways; the same passage twice is not wrong."""
    asked, told = _embed(weights, questions), _embed(weights, passages)
    scores = scale * asked @ told.T
    same = torch.from_numpy(rows[:, None] == rows[None, :])
    same.fill_diagonal_(False)
    scores = scores.masked_fill(same, float("-inf"))
    target = torch.arange(len(rows))
    return torch.nn.functional.cross_entropy(scores, target) + 0.3 * torch.nn.functional.cross_entropy(scores.T, target)


def _embed(weights: torch.Tensor, texts: sparse.csr_matrix) -> torch.Tensor:
    bags = torch.nn.functional.embedding_bag(
        torch.from_numpy(texts.indices.astype(np.int64)),
        weights,
        torch.from_numpy(texts.indptr[:-1].astype(np.int64)),
        mode="sum",
        per_sample_weights=torch.from_numpy(texts.data),
    )
    return torch.nn.functional.normalize(bags, dim=1)


def _batches(pairs: Pairs, plan: Plan, rng: random.Random) -> Iterator[tuple[list[int], list[int]]]:
    """Rows of written and of made questions, a few of the same document together."""
    written, made = ([_by_document(pairs, pool) for pool in (pairs.written, pairs.made)])
    groups = plan.batch // plan.neighbours
    from_written = round(groups * plan.written)
    while True:
        yield (
            _draw(written, from_written, plan.neighbours, rng),
            _draw(made, groups - from_written, plan.neighbours, rng),
        )


def _by_document(pairs: Pairs, pool: Sequence[tuple[str, int]]) -> list[list[int]]:
    found: dict[int, list[int]] = {}
    for index, (_, row) in enumerate(pool):
        found.setdefault(pairs.documents[row], []).append(index)
    return list(found.values())


def _draw(documents: list[list[int]], groups: int, size: int, rng: random.Random) -> list[int]:
    drawn = []
    for document in rng.choices(documents, [min(len(d), 40) for d in documents], k=groups):
        drawn += rng.sample(document, min(size, len(document)))
    return drawn
