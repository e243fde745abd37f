"""milvus-lite: its own BM25 with its analyzer for Chinese, a flat vector index, and reciprocal ranks, in one file."""

from pathlib import Path

from pymilvus import AnnSearchRequest, DataType, Function, FunctionType, MilvusClient, RRFRanker
from sentence_transformers import SentenceTransformer

from benchmarks.peers.by_hand import MODEL
from benchmarks.peers.process import CANDIDATES, TOP, Clock, texts

BATCH = 1000  # passages that are inserted at a time


class Milvus:
    """The whole database in the process that asks, as milvus-lite has it."""

    def index(self, corpus: Path, folder: Path, clock: Clock) -> None:
        passages = texts(corpus)
        clock.begin("encode")
        vectors = SentenceTransformer(str(MODEL), device="cpu").encode(passages, batch_size=512)
        clock.begin("words, BM25, save")
        client = MilvusClient(str(folder / "milvus.db"))
        schema = MilvusClient.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("text", DataType.VARCHAR, max_length=65535, enable_analyzer=True, analyzer_params={"tokenizer": "jieba"})
        schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=vectors.shape[1])
        schema.add_function(Function("BM25", FunctionType.BM25, input_field_names=["text"], output_field_names=["words"]))
        indexes = client.prepare_index_params()
        indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        indexes.add_index("vector", index_type="FLAT", metric_type="IP")
        client.create_collection("passages", schema=schema, index_params=indexes)
        for start in range(0, len(passages), BATCH):
            client.insert("passages", [{"id": row, "text": passages[row], "vector": vectors[row]}
                                       for row in range(start, min(start + BATCH, len(passages)))])
        client.close()

    def open(self, corpus: Path, folder: Path) -> None:
        self.model = SentenceTransformer(str(MODEL), device="cpu")
        self.client = MilvusClient(str(folder / "milvus.db"))
        self.client.load_collection("passages")

    def search(self, question: str) -> list[tuple[int, str]]:
        requests = [AnnSearchRequest([question], "words", {"metric_type": "BM25"}, CANDIDATES),
                    AnnSearchRequest(self.model.encode([question]), "vector", {"metric_type": "IP"}, CANDIDATES)]
        [hits] = self.client.hybrid_search("passages", requests, RRFRanker(), TOP, output_fields=["text"])
        return [(hit["id"], hit["entity"]["text"]) for hit in hits]
