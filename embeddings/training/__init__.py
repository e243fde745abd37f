"""How the shipped model is made: ``python -m embeddings.training`` and ``python -m embeddings.training.evaluate``."""
