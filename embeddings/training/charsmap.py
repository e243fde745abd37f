"""A sentencepiece character map: one character to any string, as ``tokenizers.normalizers.Precompiled`` reads it."""

import struct
from collections.abc import Mapping, Sequence

_HAS_VALUE = 1 << 8
_IS_VALUE = 1 << 31
_VALUE_LABEL = 0


def compile_charsmap(replacements: Mapping[str, str]) -> bytes:
    """The map as bytes: a double-array trie (as darts-clone lays it out) over UTF-8, then the replacements.

    :param replacements: single characters and what stands for each.
    """
    keys, strings = {}, bytearray()
    for character in sorted(replacements):
        keys[character.encode()] = len(strings)
        strings += replacements[character].encode() + b"\0"
    units = _DoubleArray(keys).units
    return struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + bytes(strings)


class _DoubleArray:
    """Units of a trie: the child of a node by a byte stands at ``base ^ byte``, a key's value at ``base``."""

    def __init__(self, keys: Mapping[bytes, int]) -> None:
        self._taken = [True]
        self._bases: set[int] = set()
        self._first_free = 1
        self.units = [0]
        nodes = [(0, sorted(keys), 0)]
        while nodes:
            position, here, depth = nodes.pop()
            children: dict[int, list[bytes]] = {}
            for key in here:
                children.setdefault(key[depth] if depth < len(key) else _VALUE_LABEL, []).append(key)
            base = self._free_base(list(children))
            self.units[position] |= (base ^ position) << 10 | (_HAS_VALUE if _VALUE_LABEL in children else 0)
            for label, below in children.items():
                self._taken[base ^ label] = True
                if label == _VALUE_LABEL:
                    self.units[base] = _IS_VALUE | keys[below[0]]
                else:
                    self.units[base ^ label] = label
                    nodes.append((base ^ label, below, depth + 1))

    def _free_base(self, labels: Sequence[int]) -> int:
        while self._first_free < len(self._taken) and self._taken[self._first_free]:
            self._first_free += 1
        slot = self._first_free
        while True:
            base = slot ^ labels[0]
            self._grow(base | 255)
            if base not in self._bases and not any(self._taken[base ^ label] for label in labels):
                self._bases.add(base)
                return base
            slot += 1

    def _grow(self, last: int) -> None:
        missing = last + 1 - len(self.units)
        if missing > 0:
            self.units += [0] * missing
            self._taken += [False] * missing
