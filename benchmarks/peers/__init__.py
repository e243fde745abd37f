"""Our retrieval beside that of others over the same passages, with the same encoder: ``python -m benchmarks.peers``."""
