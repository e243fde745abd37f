"""How texts are kept small: Zstandard (RFC 8878), by python-zstandard."""

import zlib
from threading import local

import zstandard

LEVEL = 9
MAGIC = zstandard.FRAME_HEADER  # that what is packed begins with
# Chinese takes two bytes a character in this, three in UTF-8, and what is packed is a tenth smaller and sooner unpacked.
ENCODING = "utf-16-le"


class _Thread(local):
    """What a thread packs and unpacks with: making it takes longer than to unpack a block."""

    def __init__(self) -> None:
        self.packer = zstandard.ZstdCompressor(LEVEL)
        self.unpacker = zstandard.ZstdDecompressor()


_thread = _Thread()


def compressed(content: bytes) -> bytes:
    """Any content, in one frame."""
    return _thread.packer.compress(content)


def packed(text: str) -> bytes:
    """A text as it is kept."""
    return compressed(text.encode(ENCODING, "surrogatepass"))


def unpacked(kept: bytes | str) -> str:
    """What :func:`packed` kept, or what a library's older formats did: texts as they are, or in UTF-8 by zlib."""
    if isinstance(kept, str):
        return kept
    if not kept.startswith(MAGIC):
        return zlib.decompress(kept).decode()
    return _thread.unpacker.decompress(kept).decode(ENCODING, "surrogatepass")
