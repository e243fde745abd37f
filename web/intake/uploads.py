"""Where files lie that were uploaded or fetched: ``uploads/<random>/<name>`` below the home, for as long as they are needed."""

import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Collection
from pathlib import Path, PurePosixPath

LONGEST = 180  # bytes of a file's name; file systems take 255
_UNWANTED = re.compile(r"[\x00-\x1f\x7f/\\]+")


class Uploads:
    """The uploads of a home."""

    def __init__(self, home: Path) -> None:
        self.folder = home.resolve() / "uploads"

    def store(self, name: str, save: Callable[[Path], object]) -> Path:
        """Store a file, whole or not at all.

        :param name: as its owner calls it.
        :param save: writes it to a path.
        :returns: where it lies.
        :raises OSError: the disk is full or read-only.
        """
        folder = self.folder / secrets.token_hex(8)
        folder.mkdir(parents=True)
        path = folder / plain(name)
        try:
            save(path)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return path

    def sweep(self, needed: Collection[Path], before: float) -> None:
        """Delete what nothing needs any more.

        :param needed: files to leave.
        :param before: a time in seconds; what was stored since then is left, since its job may be about to come.
        """
        kept = {path.parent for path in needed}
        for folder in self.folder.glob("*"):
            if folder not in kept and folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)


def plain(name: str) -> str:
    """A file's name that can be stored, from one that may be anything: its last part, without control characters, not
    hidden, and not too long; its suffix is kept."""
    name = unicodedata.normalize("NFC", name.encode(errors="ignore").decode())
    path = PurePosixPath(_UNWANTED.sub("/", name).rstrip("/ .") or "_")
    name = path.name.lstrip(". ~$") or "_"
    suffix = PurePosixPath(name).suffix if len(PurePosixPath(name).suffix.encode()) < 20 else ""
    stem = name.removesuffix(suffix) if suffix else name
    return stem.encode()[:LONGEST - len(suffix.encode())].decode(errors="ignore") + suffix
