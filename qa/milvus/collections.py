"""The collections that an index lies in: their names and their fields."""

from collections.abc import Mapping

from qa.milvus.connection import Connection

PASSAGES, TERMS, VERSIONS = "report_qa_passages", "report_qa_terms", "report_qa_versions"
VECTORLESS = {"nothing": [0.0, 0.0]}  # Milvus has no collections without vectors
TEXT = 65_535  # bytes, the most that Milvus takes


def begin(connection: Connection, suffix: str, dimension: int) -> None:
    """Make the collections of passages and of terms.

    :param suffix: what their names end in.
    :param dimension: of the passages' vectors.
    """
    # A server builds the kind of index that it is set up to build, HNSW unless it says otherwise; in a file all vectors are compared.
    dense = "AUTOINDEX" if connection.on_server else "FLAT"
    _create(connection, f"{PASSAGES}_{suffix}", {"document": str, "region": str, "issuer": str, "year": int, "length": int, "added": int,
            "removed": int}, {"vector": dimension, "terms": 0}, dense, nullable=("region", "issuer", "year"))
    _create(connection, f"{TERMS}_{suffix}", {"held": int, "before": int, "since": int}, {"nothing": 2})


def begin_versions(connection: Connection) -> None:
    """Make the collection of versions where there is none."""
    if not connection.call("has_collection", VERSIONS):
        _create(connection, VERSIONS, {"version": str, "manifest": str}, {"nothing": 2})


def drop_others(connection: Connection, suffixes: set[str | None]) -> None:
    """Drop the collections of passages and of terms whose names end otherwise."""
    kept = {f"{kind}_{suffix}" for kind in (PASSAGES, TERMS) for suffix in suffixes}
    for name in connection.call("list_collections"):
        if name.startswith((f"{PASSAGES}_", f"{TERMS}_")) and name not in kept:
            connection.call("drop_collection", name)


def _create(connection: Connection, name: str, fields: Mapping[str, type], vectors: Mapping[str, int], dense: str = "FLAT",
            nullable: tuple[str, ...] = ()) -> None:
    """Make a collection whose rows have a number ``id``, ready to be searched by inner product.

    :param vectors: dimension by field, 0 for sparse ones.
    """
    from pymilvus import DataType, MilvusClient

    schema, indexes = MilvusClient.create_schema(auto_id=False), MilvusClient.prepare_index_params()
    schema.add_field("id", DataType.INT64, is_primary=True)
    for field, kind in fields.items():
        limit = {"max_length": TEXT} if kind is str else {}
        schema.add_field(field, DataType.VARCHAR if kind is str else DataType.INT64, nullable=field in nullable, **limit)
    for field, dimension in vectors.items():
        size = {"dim": dimension} if dimension else {}
        schema.add_field(field, DataType.FLOAT_VECTOR if dimension else DataType.SPARSE_FLOAT_VECTOR, **size)
        indexes.add_index(field, index_type=dense if dimension else "SPARSE_INVERTED_INDEX", metric_type="IP")
    connection.call("create_collection", name, schema=schema)
    connection.call("create_index", name, indexes, sync=False)  # there is nothing yet to wait for
    connection.call("load_collection", name)
