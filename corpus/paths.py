"""Which files there are to take in."""

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import DocumentError


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file: its absolute path, the ingested folder, and its path relative to that, with ``/``."""

    path: str
    root: str
    source: str


@dataclass(slots=True)
class FoundFiles:
    """What there is under some paths.

    :ivar files: by absolute path, in order.
    :ivar folders: absolute paths of the folders that were walked.
    :ivar unseen: absolute paths of folders that could not be listed; what they hold is not known.
    :ivar problems: the names of what could not be found or listed, and why.
    """

    files: dict[str, FoundFile] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    problems: list[tuple[str, DocumentError]] = field(default_factory=list)

    def misses(self, path: str) -> bool:
        """Whether a file is gone: it lies in a folder that was walked, and was not there."""
        return path not in self.files and not any(path.startswith(f"{folder}/") for folder in self.unseen)


def find(paths: Iterable[Path | str], passing_over: Path) -> FoundFiles:
    """The files that are named, and those in the folders that are named, at any depth, in order.

    Hidden files and ``~$`` files (what office programs leave beside an open document) are passed over. Symbolic links
    are followed, each folder once.

    :param passing_over: a folder to leave out where it lies inside another one.
    """
    found = FoundFiles()
    for path in (Path(path).resolve() for path in paths):
        if path.is_dir():
            _add_folder(found, path, passing_over.resolve())
        elif path.exists():
            _add_file(found, path, path.parent)
        else:
            found.problems.append((path.name, DocumentError(
                "path_missing",
                f"没有这个文件或文件夹：{path}。 There is no such file or folder: {path}.", path=str(path))))
    return found


def unreadable(error: OSError) -> DocumentError:
    """A file or folder that the system does not let be read."""
    return DocumentError(
        "file_unreadable",
        f"无法读取（{error.strerror}），请检查权限。 It cannot be read ({error.strerror}); check its permissions.",
        path=str(error.filename))


def _add_folder(found: FoundFiles, root: Path, passing_over: Path) -> None:
    def note(error: OSError) -> None:
        found.unseen.append(error.filename)
        found.problems.append((os.path.relpath(error.filename, root), unreadable(error)))

    found.folders.append(str(root))
    walked = set()
    for folder, inner, names in os.walk(root, onerror=note, followlinks=True):
        here = Path(folder).resolve()
        if here in walked or here == passing_over != root:
            inner.clear()
            continue
        walked.add(here)
        inner[:] = sorted(filter(_is_wanted, inner))
        for name in sorted(filter(_is_wanted, names)):
            _add_file(found, Path(folder, name), root)


def _add_file(found: FoundFiles, path: Path, root: Path) -> None:
    # One form for names that look the same, however the system that wrote them composes characters.
    source = unicodedata.normalize("NFC", path.relative_to(root).as_posix())
    try:
        source.encode()
    except UnicodeEncodeError:
        found.problems.append((os.fsencode(source).decode(errors="replace"), DocumentError(
            "name_invalid",
            "文件名的编码无法识别，请改名后重新提供。"
            " The file's name is in an unknown encoding; rename it and supply it again.")))
    else:
        found.files.setdefault(str(path), FoundFile(str(path), str(root), source))


def _is_wanted(name: str) -> bool:
    return not name.startswith((".", "~$"))
