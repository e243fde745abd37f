"""The index on Milvus: in a file by milvus-lite, on a server, or on a cluster; the same code speaks to all three."""
