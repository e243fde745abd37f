"""What a step of the training makes, kept so that an interrupted run goes on where it was."""

from collections.abc import Callable
from pathlib import Path


def kept(path: Path, write: Callable[[Path], None]) -> Path:
    """The path of a file or folder, which is written unless it is there.

    :param write: writes to the path that it is given; what it wrote gets its name when it is whole.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        begun = path.with_name(f"begun-{path.name}")  # a suffix means something to numpy
        write(begun)
        begun.rename(path)
    return path
