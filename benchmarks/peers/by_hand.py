"""What is written by hand most often: BM25 of one library, FAISS, and reciprocal ranks to join the two."""

import pickle
from pathlib import Path

import bm25s
import faiss
import numpy as np
import rjieba
from rank_bm25 import BM25Okapi
from sentence_transformers import SentenceTransformer

from benchmarks.peers.process import CANDIDATES, TOP, Clock, texts

MODEL = Path(__file__).resolve().parents[2] / "embeddings" / "model"
CONSTANT = 60  # of reciprocal rank fusion, Cormack, Clarke and Büttcher, 2009


def words(text: str) -> list[str]:
    """A text's words by jieba, in its default mode."""
    return [word for word in rjieba.cut(text.lower()) if not word.isspace()]


def fused(rankings: tuple[np.ndarray, ...]) -> list[int]:
    """The first rows of several rankings by the sum of their reciprocal ranks."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking.tolist(), 1):
            scores[row] = scores.get(row, 0.0) + 1 / (CONSTANT + rank)
    return sorted(scores, key=lambda row: -scores[row])[:TOP]


class ByHand:
    """Words by a library for BM25, which subclasses name, and vectors in a flat float32 index."""

    def index(self, corpus: Path, folder: Path, clock: Clock) -> None:
        passages = texts(corpus)
        clock.begin("words")
        known: dict[str, str] = {}  # a word that is there once takes a tenth of the memory
        cut = [[known.setdefault(word, word) for word in words(text)] for text in passages]
        clock.begin("BM25")
        self.save_words(cut, folder)
        clock.begin("encode")
        vectors = SentenceTransformer(str(MODEL), device="cpu").encode(passages, batch_size=512)
        clock.begin("save")
        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(vectors)
        faiss.write_index(flat, str(folder / "flat.faiss"))
        (folder / "texts.pickle").write_bytes(pickle.dumps(passages))

    def open(self, corpus: Path, folder: Path) -> None:
        self.model = SentenceTransformer(str(MODEL), device="cpu")
        self.flat = faiss.read_index(str(folder / "flat.faiss"))
        self.texts = pickle.loads((folder / "texts.pickle").read_bytes())
        self.load_words(folder)

    def search(self, question: str) -> list[tuple[int, str]]:
        lexical = self.rank(words(question))
        _, [near] = self.flat.search(self.model.encode([question]), min(CANDIDATES, len(self.texts)))
        return [(row, self.texts[row]) for row in fused((lexical, near))]

    def save_words(self, cut: list[list[str]], folder: Path) -> None:
        raise NotImplementedError

    def load_words(self, folder: Path) -> None:
        raise NotImplementedError

    def rank(self, asked: list[str]) -> np.ndarray:
        raise NotImplementedError


class BM25S(ByHand):
    """bm25s with its numba backend: scores computed when indexing, summed when asked."""

    def save_words(self, cut: list[list[str]], folder: Path) -> None:
        ranking = bm25s.BM25(backend="numba")
        ranking.index(cut, show_progress=False)
        ranking.save(folder / "bm25s")

    def load_words(self, folder: Path) -> None:
        self.ranking = bm25s.BM25.load(folder / "bm25s")

    def rank(self, asked: list[str]) -> np.ndarray:
        known = [[word for word in asked if word in self.ranking.vocab_dict]]
        if not known[0]:
            return np.empty(0, np.int64)
        [rows], _ = self.ranking.retrieve(known, k=min(CANDIDATES, len(self.texts)), show_progress=False, n_threads=1)
        return rows


class RankBM25(ByHand):
    """rank_bm25: a score for every passage."""

    def save_words(self, cut: list[list[str]], folder: Path) -> None:
        (folder / "rank_bm25.pickle").write_bytes(pickle.dumps(BM25Okapi(cut)))

    def load_words(self, folder: Path) -> None:
        self.ranking = pickle.loads((folder / "rank_bm25.pickle").read_bytes())

    def rank(self, asked: list[str]) -> np.ndarray:
        scores = self.ranking.get_scores(asked)
        best = np.argpartition(-scores, min(CANDIDATES, len(scores) - 1))[:CANDIDATES]
        return best[np.argsort(-scores[best])]
