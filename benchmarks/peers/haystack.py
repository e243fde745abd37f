"""Haystack: BM25 and embeddings of its in-memory store, joined by reciprocal ranks."""

import json
from pathlib import Path

import numpy as np
from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from sentence_transformers import SentenceTransformer

from benchmarks.peers.by_hand import MODEL, words
from benchmarks.peers.process import CANDIDATES, TOP, Clock, texts


class Haystack:
    """Its tokenizer cuts at spaces, so it gets words with spaces between them; the text as it was is in ``meta``."""

    def index(self, corpus: Path, folder: Path, clock: Clock) -> None:
        passages = texts(corpus)
        clock.begin("words")
        cut = [" ".join(words(text)) for text in passages]
        clock.begin("encode")
        vectors = SentenceTransformer(str(MODEL), device="cpu").encode(passages, batch_size=512)
        clock.begin("save")
        (folder / "words.json").write_text(json.dumps(cut, ensure_ascii=False), encoding="utf-8")
        np.save(folder / "vectors.npy", vectors)

    def open(self, corpus: Path, folder: Path) -> None:
        # The store lives in memory alone; its own file, JSON of all vectors, takes longer to read.
        cut = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
        store.write_documents([
            Document(id=str(row), content=content, meta={"text": text}, embedding=vector.tolist())
            for row, (content, text, vector) in enumerate(zip(cut, texts(corpus), np.load(folder / "vectors.npy")))])
        self.model = SentenceTransformer(str(MODEL), device="cpu")
        self.pipeline = Pipeline()
        self.pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=CANDIDATES))
        self.pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=CANDIDATES))
        self.pipeline.add_component("joined", DocumentJoiner("reciprocal_rank_fusion", top_k=TOP))
        self.pipeline.connect("words", "joined")
        self.pipeline.connect("vectors", "joined")

    def search(self, question: str) -> list[tuple[int, str]]:
        [vector] = self.model.encode([question]).tolist()
        reply = self.pipeline.run({"words": {"query": " ".join(words(question))}, "vectors": {"query_embedding": vector}})
        return [(int(document.id), document.meta["text"]) for document in reply["joined"]["documents"]]
