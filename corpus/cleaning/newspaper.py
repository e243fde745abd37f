"""Newspaper pages: from what is on a page to the articles on it."""

import re
from collections.abc import Iterable, Sequence
from statistics import median

from corpus.cleaning.columns import Line, blocks, in_order, printed_lines
from corpus.cleaning.draft import Draft, Paragraph
from corpus.cleaning.headlines import is_byline, is_caption, undouble
from corpus.cleaning.layout import WIDTH_CHANGE, Caption, Element, Frame, Headline, elements, widest
from corpus.cleaning.matching import matched
from corpus.cleaning.seams import is_terminal, is_weakly_terminal
from corpus.mapping import MappedText

TORN_OFF = 12  # characters; a shorter line with a blank line behind it may be a heading

_CLAUSE = re.compile(r"[^。！？：；—…]{4,30}(?=[。！？：；—…])|[^，。！？：；—…]{2,30}")


def printed_page(text: MappedText) -> list[Draft]:
    """The articles of a newspaper page, picture captions last; empty where the text is no newspaper page."""
    lines = printed_lines(text)
    if not _is_newspaper(lines):
        return []
    found = elements(in_order(blocks(lines)))
    captions = [Paragraph(element.text) for element in found if isinstance(element, Caption)]
    page = [element for element in found if not isinstance(element, Caption)]
    first = next((at for at, element in enumerate(page) if isinstance(element, Headline) and element.display), 0)
    scattered = any(isinstance(element, Frame) for element in page[:first])
    drafts = _scattered(page) if scattered else _sequential(page)
    if captions:
        title = next((draft.title for draft in drafts if draft.title), "")
        drafts.append(Draft(f"{title}（图片说明）", captions))
    return drafts


def _is_newspaper(lines: Sequence[Line]) -> bool:
    """Has it two kinds of what only newspaper pages have, one of them damage to running text or headlines?"""
    torn = sum(bool(after.gap) and len(before.text) > TORN_OFF and not is_terminal(before.text.text)
               and not is_weakly_terminal(before.text.text) for before, after in zip(lines, lines[1:], strict=False))
    damage = [sum(line.spaced for line in lines) >= 3, torn >= 3 and 20 * torn > len(lines)]
    furniture = [any(is_byline(line.text.text) for line in lines), any(is_caption(line.text.text) for line in lines)]
    kinds = sum(damage + furniture)
    # Headlines that are printed twice take the longest to look for.
    return any(damage) and kinds >= 2 or kinds >= 1 and any(undouble(line.text) for line in lines)


def _sequential(page: Iterable[Element]) -> list[Draft]:
    """The articles of a page on which every headline stands before its text."""
    drafts: list[Draft] = []
    story = current = None
    for element in page:
        if isinstance(element, Frame):
            if current is None:
                drafts.append(current := Draft())
            current.paragraphs += _body(element)
        elif element.note:
            drafts.append(current := Draft(f"{story.title}（{element.title.text}）" if story else element.title.text))
        elif element.display or story is None:
            drafts.append(story := _headed(element))
            current = story
        else:
            current = story
            current.paragraphs.append(Paragraph(element.title, heading=True))
    return drafts


def _scattered(page: Sequence[Element]) -> list[Draft]:
    """The articles of a page on which headlines were extracted apart from their text, often behind it."""
    headlines = [element for element in page if isinstance(element, Headline) and element.display]
    return _one_story(page, headlines[0]) if len(headlines) == 1 else _several_stories(page, headlines)


def _one_story(page: Sequence[Element], headline: Headline) -> list[Draft]:
    """All running text belongs to the one headline; the other headings are those of its sections.

    What stands right behind the headline is its beginning, and what was extracted before it follows. Where another
    heading stands there, the order is that of the page. Frames set wider than the rest are the story's introduction.
    """
    frames = [element for element in page if isinstance(element, Frame)]
    headings = [element for element in page if isinstance(element, Headline) and element is not headline]
    sections = matched(headings, frames, page)
    at = page.index(headline)
    if at + 1 < len(page) and isinstance(page[at + 1], Frame):
        usual = median(_width(frame) for frame in frames)
        before = [element for element in page[:at] if isinstance(element, Frame)]
        wide = [frame for frame in before if frame.label or _width(frame) > WIDTH_CHANGE * usual]
        late = [frame for frame in before if frame not in wide]
        frames = [*wide, *(frame for frame in frames if frame not in before), *late]
    draft = _headed(headline)
    draft.paragraphs += [Paragraph(heading.title) for heading in headings if heading not in sections.values()]
    for frame in frames:
        draft.paragraphs += _section(frame, sections.get(frame))
    return [draft]


def _several_stories(page: Sequence[Element], headlines: Sequence[Headline]) -> list[Draft]:
    """Each headline has the text that fits it best; text that fits none is an article without a headline."""
    frames = [element for element in page if isinstance(element, Frame)]
    headings = [element for element in page if isinstance(element, Headline) and element not in headlines]
    stories = matched(headlines, frames, page)
    sections = matched(headings, [frame for frame in frames if frame not in stories], page)
    drafts: list[Draft] = []
    for frame in frames:
        if frame in stories:
            drafts.append(_headed(stories[frame]))
        elif frame not in sections or not drafts:
            drafts.append(Draft(_first_clause(frame)))
        drafts[-1].paragraphs += _section(frame, sections.get(frame))
    return drafts


def _headed(headline: Headline) -> Draft:
    byline = headline.byline
    return Draft(headline.title.text, [Paragraph(byline)] if byline else [], {"byline": byline.text} if byline else {})


def _section(frame: Frame, heading: Headline | None) -> list[Paragraph]:
    return [*([Paragraph(heading.title, heading=True)] if heading else []), *_body(frame)]


def _body(frame: Frame) -> list[Paragraph]:
    label = [Paragraph(frame.label, heading=True)] if frame.label else []
    return label + [Paragraph(run.text) for run in frame.runs]


def _width(frame: Frame) -> float:
    return widest(line for run in frame.runs for line in run.lines)


def _first_clause(frame: Frame) -> str | None:
    clause = _CLAUSE.search(frame.text)
    return clause[0] if clause else None
