"""An article while it is being put together."""

from dataclasses import dataclass, field

from corpus.mapping import MappedText


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of clean text.

    :ivar heading: the layout shows that it heads what follows.
    """

    text: MappedText
    heading: bool = False


@dataclass(slots=True)
class Draft:
    """A title and the paragraphs under it, in reading order."""

    title: str | None = None
    paragraphs: list[Paragraph] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
