"""Arrays in files."""

from pathlib import Path

import numpy as np


def read_array(path: Path) -> np.ndarray:
    """The array of a ``.npy`` file, mapped into memory: read when it is looked at, and shared by all who do.

    :raises OSError, ValueError: the file is missing or damaged.
    """
    try:
        return np.asarray(np.load(path, mmap_mode="r"))  # without memmap's own class, whose slices take ten times as long
    except EOFError as error:
        raise ValueError(f"{path.name} is empty") from error
