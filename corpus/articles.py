"""One file -> the articles in it, repaired."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import dropwhile

from corpus.cleaning.draft import Draft, Paragraph
from corpus.cleaning.listing import listed
from corpus.cleaning.newspaper import printed_page
from corpus.cleaning.plain import marked_up, paragraphs
from corpus.cleaning.wrapped import unwrapped
from corpus.document import RawText
from corpus.mapping import MappedText, Pairs, concat

LONGEST_TITLE = 80  # characters

_H1 = re.compile(r"#\s+(.+?)(?:\s+#+)?")
_NO_TITLE = re.compile(r"""[。；，、：;,:]$   # a sentence, or the first part of one
    |^(?:第[一二三四五六七八九十百零\d]+[章节条]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d+[.、．]\D)
    |^[-*•●|>]|\t|\|""", re.VERBOSE)
_LABEL = re.compile(r"[^\s：:，。]{1,12}[：:]")


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a file. The title is no part of the text.

    :ivar title: the headline; None where the file shows none.
    :ivar text: clean text, a paragraph a line.
    :ivar offsets: ``(clean offset, raw offset)`` pairs as :class:`corpus.document.Document` has them.
    :ivar pages: ``(page number, clean offset at which text of that page begins)``; empty without pages.
    :ivar notes: what splitting found out: ``published`` (ISO date), ``published_by`` (``listing`` where that is the
        date of a listing), ``byline``.
    :ivar headings: clean ``[start, end)`` spans of whole lines that the layout shows to be headings.
    """

    title: str | None
    text: str
    offsets: Pairs = ((0, 0),)
    pages: tuple[tuple[int, int], ...] = ()
    notes: dict[str, str] = field(default_factory=dict)
    headings: tuple[tuple[int, int], ...] = ()


def split(raw: RawText) -> list[Article]:
    """The articles of one file, in the order of the file; empty where there is no text.

    Text and PDF are repaired: scraped listings and newspaper pages are cut into their articles. Formats that know
    their own structure are taken as they are.
    """
    text = MappedText(raw.text)
    if raw.format in ("text", "pdf", "image"):
        drafts = listed(text) or _printed(text, raw.pages) or [_titled(unwrapped(text) or paragraphs(text), raw.metadata)]
    else:
        drafts = [_titled(marked_up(text), raw.metadata)]
    return [_article(draft, raw.pages) for draft in drafts if any(part.text.text for part in draft.paragraphs)]


def _printed(text: MappedText, pages: Sequence[tuple[int, int]]) -> list[Draft]:
    """The articles of a newspaper, page by page; empty where most pages are none of a newspaper."""
    starts = [begin for _, begin in pages] or [0]
    texts = [text.slice(begin, end) for begin, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    printed = [printed_page(page) for page in texts]
    if 2 * sum(map(bool, printed)) <= len(texts):
        return []
    return [draft for drafts, page in zip(printed, texts, strict=True)
            for draft in drafts or [_titled(unwrapped(page) or paragraphs(page), {})]]


def _titled(lines: list[MappedText], stated: dict[str, str]) -> Draft:
    """The first line becomes the title where it is one."""
    title = _title([line.text for line in lines if line.text][:2], stated.get("title"))
    if title is None:
        return Draft(None, [Paragraph(line) for line in lines])
    _, *rest = dropwhile(_is_blank, lines)
    body = list(dropwhile(_is_blank, rest))
    if re.match(rf"{re.escape(title)}\s", body[0].text):
        body[:1] = [body[0].slice(0, len(title)), body[0].slice(len(title), len(body[0])).strip()]
    return Draft(title, [Paragraph(line) for line in body])


def _is_blank(line: MappedText) -> bool:
    return not line.text


def _title(first: Sequence[str], stated: str | None) -> str | None:
    if len(first) < 2:
        return None
    if heading := _H1.fullmatch(first[0]):
        return heading[1]
    if first[0] == stated:
        return stated
    if len(first[0]) > LONGEST_TITLE or _NO_TITLE.search(first[0]) or first[0].startswith("#"):
        return None
    labels = [label[0] for line in first if (label := _LABEL.match(line))]
    return None if len(set(labels)) == 2 else first[0]  # a record of labelled fields has no title


def _article(draft: Draft, raw_pages: Sequence[tuple[int, int]]) -> Article:
    text = concat([part.text for part in draft.paragraphs], "\n")
    headings, at = [], 0
    for part in draft.paragraphs:
        if part.heading:
            headings.append((at, at + len(part.text)))
        at += len(part.text) + 1
    return Article(draft.title, text.text, text.offsets, _pages(text, raw_pages), draft.notes, tuple(headings))


def _pages(text: MappedText, raw_pages: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Where each page's text begins in the clean text; a page that is torn apart begins more than once."""
    found: list[tuple[int, int]] = []
    ends = [own for own, _ in text.offsets[1:]] + [len(text)]
    for (own, raw), end in zip(text.offsets, ends, strict=True):
        starts = [(number, own + max(begin, raw) - raw) for number, begin in raw_pages if begin < raw + end - own]
        inside = [start for start in starts if start[1] > own]
        for number, offset in starts[len(starts) - len(inside) - 1:] if len(starts) > len(inside) else starts:
            if not found or found[-1][0] != number:
                found.append((number, offset))
    return tuple(found)
