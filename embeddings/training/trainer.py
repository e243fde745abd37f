"""Contrastive training of a table of token vectors whose mean is the vector of a text."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse
from tokenizers import Tokenizer

from embeddings.training.pairs import Pairs

Report = Callable[[int, float, torch.Tensor], None]

_WARM_UP = 100
_REPORT_EVERY = 100
_LARGE_DOCUMENT = 40


@dataclass(frozen=True)
class Plan:
    """What a training run does.

    :param batch: pairs in a step; each one's passage is a wrong answer to all the others.
    :param neighbours: pairs drawn from the same document, so that wrong answers are about the same subject.
    :param written: share of questions that people wrote.
    :param scale: what similarities are multiplied by before they are compared.
    :param rate: learning rate of the directions of token vectors.
    :param length_rate: learning rate of their lengths, which say how much a token counts.
    :param steps: batches seen.
    """

    dimension: int = 512
    batch: int = 768
    neighbours: int = 16
    written: float = 0.35
    scale: float = 20.0
    rate: float = 0.001
    length_rate: float = 0.015
    steps: int = 500


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
    pools = [_Pool.of(tokenizer, pool, pairs) for pool in (pairs.written, pairs.made)]
    shares = (plan.written, 1 - plan.written)
    vectors = torch.nn.Parameter(torch.from_numpy(first_weights(passages, plan.dimension, np.random.default_rng(seed))))
    lengths = torch.nn.Parameter(torch.zeros(len(vectors), 1))
    optimizer = torch.optim.Adam(
        [{"params": [vectors], "lr": plan.rate}, {"params": [lengths], "lr": plan.length_rate}],
        betas=(0.9, 0.99),
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / _WARM_UP, 1 - step / plan.steps)
    )
    rng = random.Random(seed)
    for step in range(1, plan.steps + 1):
        drawn = [pool.draw(round(plan.batch * share), plan.neighbours, rng) for pool, share in zip(pools, shares)]
        questions = sparse.vstack([batch[0] for batch in drawn], format="csr")
        right = np.concatenate([batch[1] for batch in drawn])
        loss = _loss(vectors * lengths.exp(), questions, passages[right], right, plan.scale)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % _REPORT_EVERY == 0:
            report(step, loss.item(), (vectors * lengths.exp()).detach())
    return (vectors * lengths.exp()).detach().numpy()


@dataclass
class _Pool:
    """Questions, the row of the passage that answers each, and how pairs are drawn.

    ``documents`` holds the questions of each document, ``odds`` how likely each document is to be drawn.
    """

    questions: sparse.csr_matrix
    right: np.ndarray
    documents: list[list[int]]
    odds: list[int]

    @classmethod
    def of(cls, tokenizer: Tokenizer, pool: Sequence[tuple[str, int]], pairs: Pairs) -> "_Pool":
        groups: dict[int, list[int]] = {}
        for index, (_, row) in enumerate(pool):
            groups.setdefault(pairs.documents[row], []).append(index)
        odds = [pairs.drawn[document] * min(len(group), _LARGE_DOCUMENT) for document, group in groups.items()]
        right = np.array([row for _, row in pool])
        questions = counts(tokenizer, [question for question, _ in pool])
        return cls(questions, right, list(groups.values()), odds)

    def draw(self, size: int, neighbours: int, rng: random.Random) -> tuple[sparse.csr_matrix, np.ndarray]:
        """Questions and right rows of some pairs, a few of the same document together."""
        drawn: list[int] = []
        for group in rng.choices(self.documents, self.odds, k=size // neighbours):
            drawn += rng.sample(group, min(neighbours, len(group)))
        return self.questions[drawn], self.right[drawn]


def _loss(weights, questions, passages, right, scale) -> torch.Tensor:
    """Cross-entropy of the right passage among those of all questions; the same passage again is not wrong."""
    scores = scale * _embed(weights, questions) @ _embed(weights, passages).T
    same = torch.from_numpy(right[:, None] == right[None, :])
    same.fill_diagonal_(False)
    return torch.nn.functional.cross_entropy(scores.masked_fill(same, float("-inf")), torch.arange(len(right)))


def _embed(weights: torch.Tensor, texts: sparse.csr_matrix) -> torch.Tensor:
    bags = torch.nn.functional.embedding_bag(
        torch.from_numpy(texts.indices.astype(np.int64)),
        weights,
        torch.from_numpy(texts.indptr[:-1].astype(np.int64)),
        mode="sum",
        per_sample_weights=torch.from_numpy(texts.data),
    )
    return torch.nn.functional.normalize(bags, dim=1)
