"""Make the shipped model: ``python -m embeddings.training --shared ../shared --out embeddings/model``."""

import argparse
import random
from pathlib import Path

import torch
from opencc import OpenCC

from embeddings.training.export import save_model
from embeddings.training.pairs import collect
from embeddings.training.tokenizer import HAN, build_tokenizer
from embeddings.training.trainer import Plan, train

TOKENS = 20_000
SEED = 1


def simplified_forms() -> dict[str, str]:
    """Traditional characters and their simplified forms."""
    convert = OpenCC("t2s").convert
    forms = {character: convert(character) for character in map(chr, range(*HAN))}
    return {old: new for old, new in forms.items() if old != new}


def _report(step: int, loss: float, _: torch.Tensor) -> None:
    print(f"step {step}: loss {loss:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="the folder with the training text")
    parser.add_argument("--out", type=Path, default=Path("embeddings/model"), help="where the model is written")
    parser.add_argument("--steps", type=int, default=Plan.steps, help="how long to train")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pairs = collect(arguments.shared, random.Random(SEED))
    print(f"{len(pairs.passages)} passages, {len(pairs.written)} written and {len(pairs.made)} made questions")
    tokenizer = build_tokenizer(pairs.passages, simplified_forms(), TOKENS)
    vectors = train(pairs, tokenizer, Plan(steps=arguments.steps), SEED, _report)
    save_model(arguments.out, tokenizer, vectors)


if __name__ == "__main__":
    main()
