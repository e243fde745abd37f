"""Training of the neural reader: first to restore hidden characters, then to answer."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from qa.training.batches import Batch, Questions, masked
from qa.training.network import Reader

NOTHING = -1e4  # logit of what cannot be
KEEP = 0.998  # of the running mean of weights that is kept at each step
SPANS = 0.5  # weight of the spans in the loss
TAUGHT = 0.5  # the share of what a teacher says in the loss

Forward = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]  # ids and segments to relevance and logits of begin and end


def schedule(share: float, warm_up: float = 0.04) -> float:
    """The learning rate's factor when a share of the time is over: up in a line, down in a line."""
    return min(1.0, share / warm_up) * max(0.02, 1 - share)


def optimizer(model: nn.Module, rate: float) -> torch.optim.Optimizer:
    """AdamW that lets norms and biases be."""
    flat = [p for p in model.parameters() if p.ndim < 2]
    wide = [p for p in model.parameters() if p.ndim >= 2]
    return torch.optim.AdamW([{"params": wide, "weight_decay": 0.02}, {"params": flat, "weight_decay": 0.0}],
                             lr=rate, betas=(0.9, 0.98), fused=True)


def clock(seconds: float) -> Iterator[float]:
    """The share of the time that is over, until it all is."""
    begun = time.perf_counter()
    while (share := (time.perf_counter() - begun) / seconds) < 1:
        yield share


def counter(steps: int) -> Iterator[float]:
    """The share of the steps that is over, for training that comes out the same each time."""
    return (step / steps for step in range(steps))


def restore(model: Reader, stream: Tensor, time_over: Iterable[float], count: int, length: int, rate: float,
            report: Callable[[str], None], forward: Callable | None = None) -> None:
    """Pretrain on a stream of tokens: hidden runs of characters are to be restored (Devlin et al., BERT, 2019).

    :param time_over: from :func:`clock` or :func:`counter`.
    :param count: stretches of the stream in a batch, each of ``length`` tokens.
    :param forward: a compiled :meth:`Reader.restore`.
    """
    steps, found = optimizer(model, rate), forward or model.restore
    device, recent = stream.device.type, torch.zeros((), device=stream.device)
    for step, share in enumerate(time_over, 1):
        for group in steps.param_groups:
            group["lr"] = rate * schedule(share)
        ids, segments, rows, true = masked(stream, count, length, 0.2, model.shape.characters)
        with torch.autocast(device, torch.bfloat16):
            logits = found(ids, segments, rows)
        loss = functional.cross_entropy(logits.float(), true)
        _step(model, steps, loss)
        recent = recent.lerp(loss.detach(), 0.02 if step > 1 else 1.0)
        if step % 200 == 0:
            report(f"restore {share:.3f} step {step} loss {recent.item():.3f}")


def answer(model: Reader, sets: Sequence[tuple[Questions, Callable[[float], float]]], time_over: Iterable[float], count: int,
           rate: float, report: Callable[[str], None], mean: Reader | None = None, teacher: Forward | None = None,
           forward: Forward | None = None) -> None:
    """Train on groups.

    :param sets: groups, each with its share of the batches when a share of the time is over.
    :param time_over: from :func:`clock` or :func:`counter`.
    :param count: groups in a batch.
    :param mean: takes the running mean of the weights.
    :param teacher: what a network gives that can answer, whose answers are learnt as well as the right ones.
    :param forward: a compiled :meth:`Reader.forward`.
    """
    steps, found = optimizer(model, rate), forward or model
    device = next(model.parameters()).device
    recent = torch.zeros((), device=device)
    for step, share in enumerate(time_over, 1):
        for group in steps.param_groups:
            group["lr"] = rate * schedule(share)
        odds = torch.tensor([share_of(share) for _, share_of in sets])
        questions = sets[int(torch.multinomial(odds, 1))][0]
        batch = questions.draw(count, context_dropout=0.1)
        with torch.autocast(device.type, torch.bfloat16):
            relevance, spans = found(batch.ids, batch.segments)
            taught = _told(teacher, batch)
        loss = group_loss(relevance.float(), spans.float(), batch)
        if taught is not None:
            loss = (1 - TAUGHT) * loss + TAUGHT * teacher_loss(relevance.float(), spans.float(), *taught, batch)
        _step(model, steps, loss)
        if mean is not None:
            keep = min(KEEP, step / (step + 10))
            torch._foreach_lerp_(list(mean.parameters()), list(model.parameters()), 1 - keep)
        recent = recent.lerp(loss.detach(), 0.02 if step > 1 else 1.0)
        if step % 200 == 0:
            report(f"answer {share:.3f} step {step} loss {recent.item():.3f}")


def _step(model: nn.Module, steps: torch.optim.Optimizer, loss: Tensor) -> None:
    steps.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    steps.step()


def _told(teacher: Forward | None, batch: Batch) -> tuple[Tensor, Tensor] | None:
    if teacher is None:
        return None
    with torch.no_grad():
        relevance, spans = teacher(batch.ids, batch.segments)
    return relevance.float(), spans.float()


def group_loss(relevance: Tensor, spans: Tensor, batch: Batch) -> Tensor:
    """That the right windows, or where there are none the refusal at logit 0, outweigh the others, and where the answer stands."""
    logits = _choices(relevance, batch)
    right = torch.cat([~batch.right.any(1, keepdim=True), batch.right], 1)
    choice = logits.logsumexp(1) - torch.where(right, logits, NOTHING).logsumexp(1)
    return choice.mean() + SPANS * span_loss(spans, batch)


def teacher_loss(relevance: Tensor, spans: Tensor, taught_relevance: Tensor, taught_spans: Tensor, batch: Batch) -> Tensor:
    """How far the choice, and begin and end in the right windows, are from a teacher's (Hinton et al., 2015): cross-entropies."""
    choice = functional.cross_entropy(_choices(relevance, batch), _choices(taught_relevance, batch).softmax(1))
    right = batch.right.flatten().float()
    differ = functional.cross_entropy(_places(spans, batch), _places(taught_spans, batch).softmax(1), reduction="none").sum(1)
    return choice + SPANS * (differ * right).sum() / right.sum().clamp(min=1)


def span_loss(spans: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy of begin and end of the answers, mean over the windows that hold one."""
    target = (batch.spans + batch.begins[:, :, None]).flatten(0, 1)
    known = (batch.spans[:, :, 0] >= 0).flatten() & batch.right.flatten() & (target[:, 1] < spans.shape[1])
    target = torch.where(known[:, None], target, -100)
    total = functional.cross_entropy(_places(spans, batch), target, ignore_index=-100, reduction="sum")
    return total / known.sum().clamp(min=1)


def _choices(relevance: Tensor, batch: Batch) -> Tensor:
    """Logits of the refusal and of each window of a group, of shape ``(groups, 1 + windows)``."""
    logits = torch.where(batch.real, relevance.view(batch.real.shape), NOTHING)
    return functional.pad(logits, (1, 0))


def _places(spans: Tensor, batch: Batch) -> Tensor:
    """Logits of the places within the text, of the shape of ``spans``: ``(inputs, length, 2)``."""
    at = torch.arange(spans.shape[1], device=spans.device)
    text = (at[None, :] >= batch.begins.flatten()[:, None]) & (batch.ids != 0)
    return torch.where(text[:, :, None], spans, NOTHING)
