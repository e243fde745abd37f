"""Parts of the service that can be switched off, to see what each is worth.

A part is a context manager that takes the settings and gives those to measure with. It changes a setting where one
switches the part off, else it puts something that does nothing in the place of a function, so that the program itself
has no switches for it. A new part is a function here and a line in :data:`PARTS`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from unittest.mock import patch

import numpy as np

from qa.followup import Standalone
from qa.matcher import Matcher, words
from qa.neural import Finding
from qa.question import Query
from qa.settings import Settings
from qa.windows import Window


@contextmanager
def _vectors(settings: Settings) -> Iterator[Settings]:
    """Passages are found by words alone."""
    yield replace(settings, vector_weight=0.0)


@contextmanager
def _refusal(settings: Settings) -> Iterator[Settings]:
    """Every question is answered with whatever comes nearest."""
    yield replace(settings, threshold=0.0)


@contextmanager
def _lexicon(settings: Settings) -> Iterator[Settings]:
    """Other wordings are not searched for."""
    with patch("qa.question.wordings", lambda text: ()):
        yield settings


@contextmanager
def _followups(settings: Settings) -> Iterator[Settings]:
    """Every question is taken to stand alone."""
    with patch("qa.question.standalone", lambda question, history: Standalone(question)):
        yield settings


@contextmanager
def _meaning(settings: Settings) -> Iterator[Settings]:
    """The reader compares the same words only, and not how near words and sentences are in meaning."""
    def similarity(self: Matcher, question: str, texts: Sequence[str]) -> np.ndarray:
        return np.zeros(len(texts), np.float32)

    def closeness(self: Matcher, question: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        held = [set(words(text)) for text in texts]
        return np.array([[word in each for word in question] for each in held], np.float32).reshape(len(texts), len(question))

    with patch.multiple(Matcher, similarity=similarity, closeness=closeness):
        yield settings


@contextmanager
def _neural(settings: Settings) -> Iterator[Settings]:
    """No window is read: the features choose one, and it is quoted whole."""
    with patch("qa.service.load_reader", lambda *_: _Whole()):
        yield settings


class _Whole:
    """A reader to which all windows are alike, and all of each is the answer."""

    name = "whole"

    def read(self, question: str, windows: Sequence[Window]) -> list[Finding]:
        return [Finding(0.0, 0, len(window.text), 0.0, (0, len(window.text))) for window in windows]


@contextmanager
def _spelling(settings: Settings) -> Iterator[Settings]:
    """Questions are taken as they are typed."""
    with patch("qa.question.corrections", lambda text, held: ()):
        yield settings


@contextmanager
def _parts(settings: Settings) -> Iterator[Settings]:
    """A question that asks for several things is asked as one."""
    with patch("qa.edition.parts", lambda question: (question,)):
        yield settings


@contextmanager
def _years(settings: Settings) -> Iterator[Settings]:
    """Years and places count no more in a search than other words."""
    with patch.object(Query, "searched", property(lambda query: query.weights)):
        yield settings


PARTS: dict[str, Callable[[Settings], AbstractContextManager[Settings]]] = {
    "vectors": _vectors, "lexicon": _lexicon, "followups": _followups, "spelling": _spelling, "parts": _parts, "years": _years,
    "meaning": _meaning, "neural": _neural, "refusal": _refusal}


@contextmanager
def without(parts: Iterable[str], settings: Settings) -> Iterator[Settings]:
    """Inside, these parts are off for services opened with the settings given; everything is as it was afterwards."""
    with ExitStack() as stack:
        for part in parts:
            settings = stack.enter_context(PARTS[part](settings))
        yield settings
