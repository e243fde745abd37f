"""The machine's limit: the bytes that a question must touch, over the bandwidth of memory."""

import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks.peers.corpus import Corpus
from embeddings.encoder import load_encoder
from qa.index import store_of
from qa.question import understand
from qa.settings import Settings
from qa.terms import terms

GB = 1e9
ARRAY = 1 << 27  # numbers of eight bytes, many times what caches hold
READS = 5  # of which the fastest counts
SAMPLE = 1000  # passages that terms are counted in
VECTORS = {"codes.npy", "scales.npy", "sketches.faiss", "ids.npy"}  # files of a segment that hold no postings


def bandwidth() -> float:
    """GB a second that one thread reads from memory, by the largest number of an array."""
    array = np.ones(ARRAY, np.int64)
    seconds = []
    for _ in range(READS):
        begun = time.perf_counter()
        array.max()
        seconds.append(time.perf_counter() - begun)
    return array.nbytes / GB / min(seconds)


def touched(corpus: Corpus, home: Path, questions: Sequence[str]) -> dict[str, float]:
    """Bytes that a question must touch where all vectors are looked at, on average over some questions.

    :returns: ``ours``: of the postings of its terms, and of the vectors as they are looked at first; ``flat``: of vectors in
        float32 alone, for a flat index.
    """
    encoder = load_encoder()
    index = store_of(Settings(home=home)).load(encoder)
    sizes: dict[str, int] = {}
    for path in home.glob("index/segments/*/*"):
        sizes[path.name] = sizes.get(path.name, 0) + path.stat().st_size
    postings = sum(size for name, size in sizes.items() if name not in VECTORS)
    held = len(index) * fmean(len(set(terms(line["indexed"]))) for line in islice(corpus.lines(), 0, None, max(1, len(index) // SAMPLE)))
    asked = fmean(sum(map(index.vocabulary.held, understand(question).within(index.vocabulary).searched)) for question in questions)
    return {"ours": postings * asked / held + sizes.get("sketches.faiss", sizes["codes.npy"]), "flat": 4.0 * len(index) * encoder.dimension}
