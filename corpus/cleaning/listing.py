"""A scraped listing: items parted by dashed lines, each a title line, a body and a date line; then the site's footer."""

import re

from corpus.cleaning.draft import Draft, Paragraph
from corpus.cleaning.plain import lines, paragraphs
from corpus.mapping import MappedText, concat

LONGEST_TITLE = 80

_RULE = re.compile(r"[-—–─=*_~]{1,80}")
_DATE = re.compile(r"(?:发布(?:时间|日期)|时间|日期)?[：:]?\s*(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")
_SENTENCE_END = re.compile(r"[。！？；!?;，,：:]$")


def listed(text: MappedText) -> list[Draft]:
    """The items of a listing in their order; empty where the text is none."""
    blocks = _blocks([line.strip() for line in lines(text)])
    items = [draft for block in blocks if (draft := _item(block))]
    return items if len(items) >= 2 and len(items) == len(blocks) else []


def _blocks(all_lines: list[MappedText]) -> list[list[MappedText]]:
    """Runs of lines between the dashed lines, blank lines left out."""
    blocks: list[list[MappedText]] = [[]]
    for line in filter(len, all_lines):
        if _RULE.fullmatch(line.text):
            blocks.append([])
        else:
            blocks[-1].append(line)
    return [block for block in blocks if block]


def _item(block: list[MappedText]) -> Draft | None:
    """What stands after the date line is the site's furniture, and dropped, if none of it is a sentence."""
    dates = [(at, date) for at, line in enumerate(block) if (date := _DATE.fullmatch(line.text))]
    title = block[0].text
    if len(block) < 3 or not dates or len(title) > LONGEST_TITLE or _SENTENCE_END.search(title):
        return None
    at, date = dates[-1]
    if at < 2 or any("。" in line.text or len(line) > LONGEST_TITLE for line in block[at + 1:]):
        return None
    body = paragraphs(concat(block[1:at], "\n"))
    year, month, day = date.groups()
    return Draft(title, [Paragraph(part) for part in body], {
        "published": f"{year}-{int(month):02d}-{int(day):02d}", "published_by": "listing"})
