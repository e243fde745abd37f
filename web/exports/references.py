"""References to reports in the form of GB/T 7714-2015, numbered in the order in which they are first cited.

What is cited is opened here, so each entry is of an electronic resource, with the day it was cited and an address. Reports
published on the web are ``[EB/OL]``, with their own address; pages of newspapers are ``[N/OL]``, and all others ``[Z/OL]``,
because the standard has no letter for official documents, with the address of the viewer.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from corpus.document import Metadata
from qa.answer import Citation

RESERVED = ":/?#[]@!$&'()*+,;=%"  # characters that an address has as they are
_ONLINE = re.compile(r"https?://")
_NEWSPAPER = re.compile(r"(?P<paper>.*(?:报[社纸]|[日晚早时商]报).*?)(?:[（(]记者\s*(?P<reporter>.+)[）)])?")


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry.

    :ivar number: from 1.
    :ivar text: all of it that stands before the address, such as
        ``云溪市人民政府. 云溪市政府工作报告[Z/OL]. 2022-02-16: 3[2026-05-01]``.
    :ivar address: where the report is, at the place that was cited first where it is here.
    """

    number: int
    text: str
    address: str


def references(cited: Iterable[tuple[date, Citation]], metadata: Callable[[str], Metadata | None], site: str) -> dict[str, Reference]:
    """The entries by the ids of the documents, in order; one for each document, with all its pages that are cited.

    :param cited: when something was cited, and what, in the order of the text.
    :param metadata: of a document by its id; None where it is no longer there.
    :param site: this site's own address, without a slash at the end.
    """
    groups: dict[str, list[tuple[date, Citation]]] = {}
    for day, citation in cited:
        groups.setdefault(citation.document_id, []).append((day, citation))
    return {document_id: _reference(number, *group[0], pages([c.page for _, c in group if c.page is not None]), metadata(document_id), site)
            for number, (document_id, group) in enumerate(groups.items(), 1)}


def pages(numbers: Sequence[int]) -> str:
    """Page numbers as ranges: ``2-4, 7``; empty for none."""
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _reference(number: int, day: date, citation: Citation, where: str, about: Metadata | None, site: str) -> Reference:
    """:param where: the pages."""
    issuer, published = citation.issuer, citation.published or ""
    title = f"{citation.title}: {about.number}" if about and about.number else citation.title
    published_at = about.url if about and _ONLINE.match(about.url or "") else None
    author = f"{issuer}. " if issuer else ""
    if published_at:
        text = f"{author}{title}[EB/OL]. {where}{f'({published})' if published else ''}[{day}]"
    elif newspaper := _NEWSPAPER.fullmatch(issuer or ""):
        author = f"{newspaper['reporter']}. " if newspaper["reporter"] else ""
        text = f"{author}{title}[N/OL]. {', '.join(filter(None, (newspaper['paper'], published)))}{f'({where})' if where else ''}[{day}]"
    else:
        text = f"{author}{title}[Z/OL]. {': '.join(filter(None, (published, where)))}[{day}]"
    return Reference(number, text, quote(published_at or site + citation.url, safe=RESERVED))
