"""txtai: its hybrid index with content, all as it is by default."""

from pathlib import Path

from txtai import Embeddings

from benchmarks.peers.by_hand import MODEL
from benchmarks.peers.process import TOP, Clock, texts


class Txtai:
    """Its own BM25 and tokenizer, FAISS, and texts in SQLite."""

    def index(self, corpus: Path, folder: Path, clock: Clock) -> None:
        passages = texts(corpus)
        embeddings = Embeddings(path=str(MODEL), method="sentence-transformers", hybrid=True, content=True, gpu=False)
        clock.begin("words, BM25, encode")
        embeddings.index(passages)
        clock.begin("save")
        embeddings.save(str(folder / "index"))

    def open(self, corpus: Path, folder: Path) -> None:
        self.embeddings = Embeddings()
        self.embeddings.load(str(folder / "index"))

    def search(self, question: str) -> list[tuple[int, str]]:
        return [(int(each["id"]), each["text"]) for each in self.embeddings.search(question, TOP)]
