"""What comes out of reading one file."""

from dataclasses import dataclass

from corpus.document import RawText
from corpus.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of a file that could not be read although the rest could.

    :ivar name: the part: the file's own name, or ``a.zip/inner.txt`` for a member of an archive.
    :ivar error: why, and what its owner can do about it.
    """

    name: str
    error: DocumentError


@dataclass(frozen=True, slots=True)
class Reading:
    """The texts of one file and what had to be left out.

    :ivar texts: one text for an ordinary file, one a readable member for an archive; none of them is blank.
    :ivar problems: parts that were left out, with the reason: members of an archive, scanned pages, a torn end.
    """

    texts: tuple[RawText, ...] = ()
    problems: tuple[Problem, ...] = ()
