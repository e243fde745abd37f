"""Chinese administrative divisions: which are named in a text, and which lies in which.

The names are in ``data/places.tsv``, whose head explains how to add places.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

_SUFFIX = re.compile(r"(?<=..)(?:省|市|县|地区|盟|林区)$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")  # before a county of two characters it tells of a longer word: 示范县
_ENTRY = re.compile(r"(?P<name>[^*=\-]+)(?P<word>\*)?(?:=(?P<short>[^\-]+))?(?:-(?P<not_before>.+))?")

Path = tuple[str, ...]


@dataclass(slots=True)
class _Gazetteer:
    """:ivar paths: full name to the places so called, each as province, city, county (what there is of them);
    :ivar full: short form to full name; :ivar not_before: characters that a short form may not stand before;
    :ivar starts: the first two characters of names to the names, longest first.
    """

    paths: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    full: dict[str, str] = field(default_factory=dict)
    not_before: dict[str, str] = field(default_factory=dict)
    starts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, outer: Path, entry: str) -> Path:
        """Take in one name with its marks; returns its path."""
        parts = _ENTRY.fullmatch(entry)
        name = parts["name"]
        path = (*outer, name)
        if path not in self.paths[name]:
            self.paths[name].append(path)
        short = parts["short"] or _SUFFIX.sub("", name)
        if short != name and not parts["word"]:
            self.full.setdefault(short, name)
        if parts["not_before"]:
            self.not_before.setdefault(name if short == name else short, parts["not_before"])
        return path


@cache
def _gazetteer() -> _Gazetteer:
    gazetteer = _Gazetteer()
    lines = (files("corpus") / "data" / "places.tsv").read_text("utf-8").splitlines()
    for line in lines:
        if line.strip() and not line.startswith("#"):
            province, city, counties = (line.split("\t") + ["", ""])[:3]
            path = gazetteer.add((), province)
            path = gazetteer.add(path, city) if city else path
            for county in counties.split():
                gazetteer.add(path, county)
    for name in sorted({*gazetteer.paths, *gazetteer.full}, key=len, reverse=True):
        gazetteer.starts[name[:2]].append(name)
    return gazetteer


def canonical(name: str) -> str:
    """The full name of a place (``许昌`` gives ``许昌市``); a name that is not known is returned as it is."""
    return _gazetteer().full.get(name.strip(), name.strip())


@lru_cache(8192)  # the same sentences and titles are met again and again
def places_in(text: str) -> Path:
    """Full names of the places that a text names, each once, in the order in which they first appear."""
    return tuple(dict.fromkeys(name for name, _ in place_spans(text)))


def place_spans(text: str) -> Iterator[tuple[str, int]]:
    """Each mention of a place: its full name and the offset at which it stands. The longest name wins."""
    gazetteer = _gazetteer()
    starts, full, not_before = gazetteer.starts, gazetteer.full, gazetteer.not_before
    offset = ended = 0
    while offset < len(text) - 1:
        for name in starts.get(text[offset:offset + 2], ()):
            if not text.startswith(name, offset) or text[offset + len(name):][:1] in tuple(not_before.get(name, "")):
                continue
            if len(name) > 2 or name in full or offset == ended or not _CHINESE.match(text, offset - 1):
                yield full.get(name, name), offset
                offset += len(name) - 1
                ended = offset + 1
                break
        offset += 1


def contains(outer: str, inner: str) -> bool:
    """Whether one place is, or lies in, another: 许昌 contains 长葛, and itself. Unknown places contain only themselves."""
    outer, inner = canonical(outer), canonical(inner)
    return outer == inner or any(outer in path for path in _gazetteer().paths.get(inner, ()))


def path_of(name: str) -> Path:
    """A place with what it lies in, outermost first (``("河南省", "许昌市", "长葛市")``).

    Empty where the place is not known or where several have its name.
    """
    paths = _gazetteer().paths.get(canonical(name), ())
    return paths[0] if len(paths) == 1 else ()
