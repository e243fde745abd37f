"""The files that documents were read from, as the library keeps them."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import zstandard

from corpus.packing import compressed

PACKED = ".zst"  # ending of a packed file's name
# Formats that are packed by themselves, and PDF, of which pages are drawn from the file.
LEFT = (".pdf", ".docx", ".xlsx", ".zip", ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gz")

SYNCED = 16  # files that wait for the disk at the same time


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was when it was read.

    :ivar path: where it is kept, under its digest's name; packed unless that is of no use.
    :ivar name: that it had.
    """

    path: Path
    name: str

    @property
    def digest(self) -> str:
        """SHA-256 of its content, in hex."""
        return self.path.name.partition(".")[0]

    @property
    def content(self) -> Path | BytesIO:
        """The file, as something to read it from.

        :raises OSError: it cannot be read.
        """
        return BytesIO(zstandard.decompress(self.path.read_bytes())) if self.path.suffix == PACKED else self.path

    def read(self) -> bytes:
        """Its content.

        :raises OSError: it cannot be read.
        """
        content = self.content
        return content.read_bytes() if isinstance(content, Path) else content.getvalue()


def kept(digest: str, suffix: str, data: bytes) -> tuple[Path, bytes]:
    """Where in the library's folder a file is kept, and what is written there.

    :param digest: SHA-256 of its content, in hex.
    :param suffix: of its name, in lower case.
    """
    path = Path("originals", digest[:2], digest + suffix)
    return (path, data) if suffix in LEFT else (path.with_name(path.name + PACKED), compressed(data))


class Originals:
    """Files that are added to a library's folder: written as they come, and whole under their names from :meth:`settle` on."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._written: dict[Path, Path] = {}  # by the names that they are to have
        self._folders: set[Path] = set()  # that are there

    def add(self, place: Path, content: bytes) -> None:
        """Write what :func:`kept` gave, unless the folder has it.

        :raises OSError: it cannot be written.
        """
        path = self._home / place
        if path in self._written or path.exists():
            return
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        self._written[path] = path.with_name(path.name + ".part")
        self._written[path].write_bytes(content)

    def settle(self) -> None:
        """Have all that was added on the disk, before anything that speaks of it is committed.

        :raises OSError: as :meth:`add`.
        """
        with ThreadPoolExecutor(SYNCED) as pool:
            list(pool.map(_sync, self._written.values()))
        for path, part in self._written.items():
            part.replace(path)
        self._written.clear()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
