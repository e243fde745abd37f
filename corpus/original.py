"""The files that documents were read from, as the library keeps them."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import zstandard

from corpus.packing import LEVEL

PACKED = ".zst"  # ending of a packed file's name
# Formats that are packed by themselves, and PDF, of which pages are drawn from the file.
LEFT = (".pdf", ".docx", ".xlsx", ".zip", ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gz")


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
    return (path, data) if suffix in LEFT else (path.with_name(path.name + PACKED), zstandard.compress(data, LEVEL))
