"""A question in, a verbatim answer with its citation out."""
