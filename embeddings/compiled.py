"""Loops that numpy has no word for, compiled by numba."""

from collections.abc import Callable
from typing import TypeVar

import numba

F = TypeVar("F", bound=Callable)


def compiled(function: F, **options: object) -> F:
    """A function as machine code, which holds no lock while it runs.

    It is compiled with its first call and kept in a file beside its source or, where that folder is read-only, in the user's own
    cache; where neither can be written, each process compiles it anew, in about a second.
    """
    options = {"nogil": True, "boundscheck": False} | options
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder to keep it in
        return numba.njit(**options)(function)
