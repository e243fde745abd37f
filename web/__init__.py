"""Answers to people and programs: the chat page and the JSON API."""
