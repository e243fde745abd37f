"""Markdown as CommonMark has it. What people and reports say is escaped, so that it reads as it was said."""

import re
from collections.abc import Iterable

from web.exports.references import Reference
from web.viewer import Pieces

TYPE = "text/markdown"
_MARKS = re.compile(r"([\\`*_\[\]<>|~&])")
_START = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[#+=-]))(.)")  # of a heading, a list, an underline
_BLANK = re.compile(r"[ \t\r\n]+")


class Markdown:
    """A :class:`web.exports.transcript.Writer`."""

    def __init__(self) -> None:
        self._blocks: list[str] = []

    def title(self, text: str) -> None:
        self._blocks.append(f"# {escape(text)}")

    def heading(self, text: str) -> None:
        self._blocks.append(f"## {escape(text)}")

    def note(self, text: str) -> None:
        self._blocks.append(f"*{escape(text)}*")

    def text(self, text: str) -> None:
        self._blocks.append(escape(text))

    def quote(self, pieces: Pieces, number: int) -> None:
        self._blocks.append(quoted("".join(text for text, _ in pieces)) + rf" \[{number}\]")

    def reference(self, reference: Reference) -> None:
        self._blocks.append(rf"\[{reference.number}\] {escape(reference.text)}. <{reference.address}>")

    def finish(self) -> bytes:
        return ("\n\n".join(self._blocks) + "\n").encode()


def quoted(text: str) -> str:
    """A quote, each line of it a paragraph."""
    return "\n>\n".join(f"> {escape(line)}" for line in _lines(text))


def escape(text: str) -> str:
    """One line that reads as the text does, white space apart."""
    return _START.sub(r"\1\\\2", _MARKS.sub(r"\\\1", _BLANK.sub(" ", text).strip(" ")))


def _lines(text: str) -> Iterable[str]:
    return filter(str.strip, text.splitlines())
