"""The members of a zip archive, unpacked in memory within bounds."""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from corpus.errors import DocumentError
from corpus.readers import problems

MAX_UNPACKED = 1024 * problems.MEBIBYTE  # of one file with everything nested in it
MAX_MEMBERS = 20_000
MAX_DEPTH = 3
MAX_RATIO = 300  # office XML and figures reach 50; deflate cannot pass 1032
RATIO_MATTERS = 16 * problems.MEBIBYTE  # small members may be as repetitive as they like
DAMAGE = (  # what opening a damaged office file raises in the libraries, besides their own exceptions
    zipfile.BadZipFile, zlib.error, EOFError, OSError, SyntaxError, KeyError, IndexError, ValueError, TypeError, AttributeError,
    NotImplementedError,
)
UTF8_NAME = 0x800
ENCRYPTED = 0x1
SYSTEM_FILE = re.compile(r"(^|/)(__MACOSX/|\.(?!\.?/)|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


@dataclass
class Budget:
    """What one file may still unpack to, nested archives included. :ivar left: bytes."""

    left: int = MAX_UNPACKED

    def spend(self, members: list[zipfile.ZipInfo]) -> None:
        """Take what the members say they unpack to; a member that says too little fails its checksum later.

        :raises DocumentError: ``zip_bomb``.
        """
        size = sum(member.file_size for member in members)
        dense = any(m.file_size > RATIO_MATTERS and m.file_size > MAX_RATIO * m.compress_size for m in members)
        if dense or size > self.left:
            raise problems.zip_bomb(size, self.left)
        self.left -= size


def check_container(data: bytes) -> None:
    """Check the zip container of an office file before a library opens it.

    :raises DocumentError: ``zip_bomb``, ``file_corrupt``.
    """
    Budget().spend(_open(data).infolist())


def members(data: bytes, budget: Budget, depth: int, max_bytes: int) -> Iterator[tuple[str, bytes | DocumentError]]:
    """The files in an archive, in its order, each with its bytes or with the reason why there are none.

    Folders and the hidden files of operating systems are passed over. Where a name stands twice, the later file counts,
    as it does for every unpacking program.

    :param depth: how many archives this one is nested in.
    :param max_bytes: the largest member that is unpacked.
    :return: names with ``/`` between folders, and their content.
    :raises DocumentError: ``zip_bomb``, ``file_corrupt``, ``nested_too_deep``, ``too_many_members`` for all of it.
    """
    if depth >= MAX_DEPTH:
        raise problems.nested_too_deep(MAX_DEPTH)
    archive = _open(data)
    files = {member_name(info): info for info in archive.infolist() if not info.is_dir()}
    files = {name: info for name, info in files.items() if not SYSTEM_FILE.search(name)}
    if len(files) > MAX_MEMBERS:
        raise problems.too_many_members(len(files), MAX_MEMBERS)
    budget.spend(list(files.values()))
    for name, info in files.items():
        yield name, _content(archive, name, info, max_bytes)


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name; without the UTF-8 flag it is UTF-8 or GB18030, which ``zipfile`` took for code page 437."""
    name = info.filename
    if not info.flag_bits & UTF8_NAME:
        name = _recoded(name.encode("cp437"))
    return name.replace("\\", "/").removeprefix("./")


def is_unsafe(name: str) -> bool:
    """Whether a member's name is absolute, has a drive, or climbs out of the archive."""
    return name.startswith("/") or re.match(r"[A-Za-z]:", name) is not None or ".." in PurePosixPath(name).parts


def _recoded(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("cp437")


def _open(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise problems.corrupt(str(error)) from error


def _content(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo, max_bytes: int) -> bytes | DocumentError:
    if is_unsafe(name) or stat.S_ISLNK(info.external_attr >> 16):
        return problems.unsafe_name(name)
    if info.flag_bits & ENCRYPTED:
        return problems.encrypted()
    if info.file_size > max_bytes:
        return problems.too_large(info.file_size, max_bytes)
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        return problems.corrupt(str(error))
