"""How well a reader does on groups."""

from collections import Counter

import torch

from qa.training.batches import Questions
from qa.training.network import Reader
from qa.training.trainer import NOTHING

LONGEST_SPAN = 190


@torch.no_grad()
def measure(model: Reader, questions: Questions, batch: int = 32) -> dict[str, float]:
    """Share of groups whose best window is right, F1 of the characters of the best span in a right window, and the share of
    pairs of an answerable and an unanswerable group whose scores stand in the right order."""
    model.eval()
    chosen, f1, best, has = [], [], [], []
    for rows in torch.arange(len(questions.weights)).split(batch):
        drawn = questions.draw(0, rows.to(questions.weights.device))
        device = drawn.ids.device.type
        with torch.autocast(device, torch.bfloat16):
            relevance, spans = model(drawn.ids, drawn.segments)
        relevance = torch.where(drawn.real, relevance.float().view(drawn.real.shape), NOTHING)
        answered = drawn.right.any(1)
        top = relevance.argmax(1)
        chosen += drawn.right.gather(1, top[:, None])[:, 0][answered].tolist()
        best += relevance.logsumexp(1).tolist()
        has += answered.tolist()
        known = (drawn.spans[:, :, 0] >= 0) & drawn.right
        for place in known.flatten().nonzero()[:, 0].tolist():
            begin = int(drawn.begins.flatten()[place])
            first, last = best_span(spans[place].float(), begin, int((drawn.ids[place] != 0).sum()))
            true = drawn.spans.flatten(0, 1)[place] + begin
            ids = drawn.ids[place].tolist()
            f1.append(_f1(ids[first:last + 1], ids[int(true[0]):int(true[1]) + 1]))
    yes = torch.tensor([score for score, yes in zip(best, has) if yes])
    no = torch.tensor([score for score, yes in zip(best, has) if not yes])
    order = (yes[:, None] > no[None, :]).float().mean().item() if len(no) else float("nan")
    model.train()
    return {"window": sum(chosen) / max(1, len(chosen)), "f1": sum(f1) / max(1, len(f1)), "order": order}


def best_span(logits: torch.Tensor, begin: int, end: int) -> tuple[int, int]:
    """First and last token of the best span that lies in ``[begin, end)``."""
    starts, ends = logits[begin:end, 0], logits[begin:end, 1]
    scores = (starts[:, None] + ends[None, :]).triu().tril(LONGEST_SPAN)
    scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu().tril(LONGEST_SPAN).logical_not(), NOTHING)
    first, last = divmod(int(scores.argmax()), len(starts))
    return begin + first, begin + last


def _f1(found: list[int], true: list[int]) -> float:
    common = (Counter(found) & Counter(true)).total()
    return 2 * common / (len(found) + len(true)) if common else 0.0
