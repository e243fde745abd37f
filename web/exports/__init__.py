"""Conversations as documents of their own."""
