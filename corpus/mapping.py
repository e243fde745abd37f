"""Clean text that knows where each of its characters stood in the raw text."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

Pairs = tuple[tuple[int, int], ...]


def raw_of(offsets: Pairs, offset: int) -> int:
    """The raw offset of one of a text's offsets.

    :param offsets: ``(offset in text, raw offset)``, ascending in the first; between two pairs both run in step.
    """
    own, raw = offsets[max(0, bisect_right(offsets, offset, key=itemgetter(0)) - 1)]
    return raw + offset - own


@dataclass(frozen=True, slots=True)
class MappedText:
    """A text with its way back to the raw text. Immutable; every operation gives a new one.

    Its characters are raw characters. The exception is what :meth:`inserted` makes: those stand for no raw
    character, and map to the place at which they were put in.

    :ivar text: the characters.
    :ivar offsets: as :func:`raw_of` takes them.
    """

    text: str
    offsets: Pairs = ((0, 0),)

    @classmethod
    def inserted(cls, text: str, raw: int) -> "MappedText":
        """Characters that the raw text lacks, put in at a raw offset."""
        return cls(text, ((0, raw),))

    def raw_offset(self, offset: int) -> int:
        """The raw offset of one of this text's offsets."""
        return raw_of(self.offsets, offset)

    def __len__(self) -> int:
        return len(self.text)

    def slice(self, start: int, end: int) -> "MappedText":
        """The characters in ``[start, end)``."""
        if len(self.offsets) == 1:  # most texts, and in half the time
            [(own, raw)] = self.offsets
            return MappedText(self.text[start:end], ((0, raw + start - own),))
        first = bisect_right(self.offsets, start, key=itemgetter(0))
        last = bisect_right(self.offsets, max(start, end - 1), key=itemgetter(0))
        inner = tuple((own - start, raw) for own, raw in self.offsets[first:last])
        return MappedText(self.text[start:end], ((0, self.raw_offset(start)), *inner))

    def strip(self) -> "MappedText":
        """Without white space at either end."""
        stripped = self.text.strip()
        if len(stripped) == len(self.text):
            return self
        start = len(self.text) - len(self.text.lstrip())
        return self.slice(start, start + len(stripped))

    def without(self, spans: Iterable[tuple[int, int]]) -> "MappedText":
        """Without the characters in the given ``[start, end)`` spans, which are ascending and do not overlap."""
        kept, at = [], 0
        for start, end in spans:
            kept.append(self.slice(at, start))
            at = end
        return concat([*kept, self.slice(at, len(self.text))])


def concat(parts: Iterable[MappedText], separator: str = "") -> MappedText:
    """The parts in the given order, which need not be that of the raw text.

    :param separator: put between the parts; it maps to where the part before it ended.
    """
    pieces: list[str] = []
    pairs: list[tuple[int, int]] = []
    length = 0
    for part in parts:
        if pieces and separator:
            pieces.append(separator)
            length += len(separator)
        if part.text:
            for own, raw in part.offsets:
                if not pairs or raw - pairs[-1][1] != length + own - pairs[-1][0]:
                    pairs.append((length + own, raw))
        pieces.append(part.text)
        length += len(part.text)
    if not pairs or pairs[0][0] != 0:
        pairs.insert(0, (0, pairs[0][1] if pairs else 0))
    return MappedText("".join(pieces), tuple(pairs))
