"""The heading ladder of a text: 第一章, 第一条, 一、, （一）, 1., （1）, Markdown ``#`` and headings that the layout shows.

Scraped reports run their headings on inside one long line, so a marker counts wherever a sentence can begin, and is
believed only where its number follows from the ones before it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from corpus.document import Section
from corpus.numerals import parse_numeral

LONGEST_LINE = 45  # characters of a heading that has its line to itself
LONGEST_LEAD = 35  # characters of a heading that only its stop parts from the text behind it
SHORTEST_REST = 30  # a gap in a line parts a heading from its text if at least this much follows
SHORTEST_ITEM = 100  # numbered texts shorter than this are the items of a list, not sections
LARGEST_GAP = 3  # a marker that begins a line may follow its predecessor by this much

_NUMBER = r"(?:\d{1,4}|[一二三四五六七八九十百零〇两]{1,9})"
_CHINESE = r"[一二三四五六七八九十百零〇]{1,4}"
_KINDS = {  # from the outermost inwards
    "volume": rf"第(?P<volume>{_NUMBER})(?:编|部分)(?![第、和与至])",
    "chapter": rf"第(?P<chapter>{_NUMBER})章(?![第、和与至的规])",
    "part": rf"第(?P<part>{_NUMBER})节(?![第、和与至的规课])",
    "article": rf"第(?P<article>{_NUMBER})条(?![第、和与至的规所或款之中，,])",
    "chinese": rf"(?P<chinese>(?<![一二三四五六七八九十百零〇第]){_CHINESE})[^\S\n]?[、．.](?!\d(?!\d\d\d))",
    "bracketed": rf"[（(]\s?(?P<bracketed>{_CHINESE})\s?[）)](?![项款条目类、和至])",
    "plain": r"^[^\S\n]*(?P<plain>\d{1,2})[^\S\n]+(?=[\u4e00-\u9fff]{2,20}$)",
    "decimal": r"^[^\S\n]*(?P<decimal>\d{1,2}\.\d{1,2})\.?[^\S\n]*(?=[\u4e00-\u9fff]{2})(?![亿万千百个倍元人年月])",
    "subdecimal": r"^[^\S\n]*(?P<subdecimal>\d{1,2}\.\d{1,2}\.\d{1,2})\.?[^\S\n]*(?=[\u4e00-\u9fff])",
    "arabic": r"(?P<arabic>(?<![\d.．])\d{1,2})[^\S\n]?(?:[.．、](?!\d)|[.．](?=(?:19|20)\d\d年))",
    "enclosed": r"[（(]\s?(?P<enclosed>\d{1,2})\s?[）)]",
    "circled": r"(?P<circled>[①-⑳])",
}
_LADDER = ("#", "##", "###", "####", "#####", "######", "layout", *_KINDS)
_GIVEN = _LADDER[:7]  # known from the format or the layout; not numbered
_STATUTE = ("volume", "chapter", "part", "article")
# What any of them begins with is asked for first: elsewhere, which is nearly everywhere, none of them is tried.
_MARKER = re.compile(rf"(?=[\#第一二三四五六七八九十百零〇（(①-⑳\d\s])(?:^(?P<hashes>\#{{1,6}})[^\S\n]+(?=\S)|{'|'.join(_KINDS.values())})", re.MULTILINE)
_CLOSED = "。！？!?；;：:”）)"
_SPACE = re.compile(r"[^\S\n]*")
_LINE = re.compile(r"(?P<words>[^\n]*?)[ #\t\r]*(?:\n|\Z)")
_CAPTION = re.compile(r"(?:[^\S\n]*(?:【[^】\n]{1,40}】|〔[^〕\n]{1,40}〕|\[[^\]\n]{1,40}\]|[（(][^）)\n]{1,40}[）)](?=\s)))?")
# Where the words behind a marker stop: at a stop, at the end of the line, at the gap that stands for a line's end in
# scraped text (between Chinese, before a year, or wide; not in `Huanghe 品牌` or `1000 余名`), and where a report's
# heading is stuck to the year with which its text begins.
_STOP = re.compile(r"""(?P<stop>[。；;！？!?：:])|\n|(?<=\S)[^\S\n]*(?:\u3000|[^\S\n]{2})
    |(?<=[\u4e00-\u9fff”’）)》])[^\S\n](?=[\u4e00-\u9fff“‘（(《①-⑳]|(?:19|20)\d\d年|\d{1,2}[.、．])
    |(?:(?<=回顾|成就|部署|安排|任务|目标|要求|打算|建设))(?=(?:19|20)\d\d年|各位代表)""", re.VERBOSE)
_LABEL = re.compile(r"[^，,、\n]{2,15}\Z")
_RULE = re.compile(r"可以|可按|应当|不得|须经|免征|施行|起执行|^对[^，,]+[，,]")
_FIGURE = re.compile(r"^(?!关于).*(?:\d(?![A-Za-z\d])|[底末]前)")
_YEARS = re.compile(r"(?:19|20)\d\d(?:年?[-—–~至](?:19|20)?\d\d)?年(?!\d*月)")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A marker that may begin a section: its kind, its number, and how much it looks like a heading.

    :ivar stop: end of the heading; :ivar body: where the text under it begins.
    :ivar firm: it begins a line, or the format or the layout gives it.
    :ivar shape: ``line`` (its heading has a line to itself), ``lead`` (a phrase before the text) or ``bare``.
    """

    kind: str
    number: int
    start: int
    stop: int
    body: int
    firm: bool
    shape: str


_Placed = tuple[_Mark, int]  # with its level, counted from 1


def outline(text: str, headings: Sequence[tuple[int, int]] = ()) -> tuple[Section, ...]:
    """The sections of a text, in order and properly nested.

    A marker in front of a whole paragraph (``一、对生产企业…免征增值税。``) is a heading by itself, so that the paragraph
    stays quotable; short numbered items are a list and no sections.

    :param headings: spans ``[start, end)`` of headings that the layout reveals (size, weight, a line apart).
    """
    given = [mark for start, end in headings if (mark := _given_mark(text, start, end))]
    covered = {offset for start, end in headings for offset in range(start, end)}
    written = [mark for mark in _written_marks(text) if mark.start not in covered]
    placed = _nest(sorted(given + written, key=lambda mark: mark.start))
    for unbelievable in (_empty, _listed):
        placed = _nest(_without(text, placed, unbelievable))
    return tuple(_sections(text, placed))


def _given_mark(text: str, start: int, end: int) -> _Mark | None:
    """The mark of a heading known from the layout; a marker in it says its place on the ladder. None if blank."""
    heading = text[start:end]
    start += len(heading) - len(heading.lstrip())
    stop = start + len(heading.strip())
    marker = _MARKER.match(text, start, stop)
    kind, number = _read(marker) if marker else ("layout", 0)
    return _Mark(kind, number, start, stop, max(stop, end), True, "line") if start < stop else None


def _written_marks(text: str) -> Iterator[_Mark]:
    """Every marker that stands where a sentence can begin."""
    markers = list(_MARKER.finditer(text))
    has_decimals = any(marker["decimal"] for marker in markers)
    for marker in markers:
        start = _SPACE.match(text, marker.start()).end()
        before = start
        while before and text[before - 1] != "\n" and text[before - 1].isspace():
            before -= 1
        firm = before == 0 or text[before - 1] == "\n"
        if (firm or before < start or text[before - 1] in _CLOSED) and (has_decimals or not marker["plain"]):
            yield _written_mark(text, marker, start, firm)


def _read(marker: re.Match) -> tuple[str, int]:
    """The kind of a marker and its number, 0 for Markdown."""
    if marker["hashes"]:
        return marker["hashes"], 0
    return marker.lastgroup, parse_numeral(marker[marker.lastgroup].rpartition(".")[2])


def _written_mark(text: str, marker: re.Match, start: int, firm: bool) -> _Mark:
    """A marker with the heading behind it: a line, a short lead phrase, or nothing."""
    kind, number = _read(marker)
    bare = start + len(marker[0].strip())
    if kind in _GIVEN:
        line = _LINE.match(text, marker.end())
        return _Mark(kind, number, start, line.end("words"), line.end(), True, "line")
    if kind == "article":
        stop = _CAPTION.match(text, bare).end()
        return _Mark(kind, number, start, stop, _SPACE.match(text, stop).end(), firm, "line")
    words = _SPACE.match(text, marker.end()).end()
    limit = min(len(text), words + LONGEST_LINE + 1)
    end = _STOP.search(text, words, limit)
    stop, body = end.span() if end else (limit, limit)
    mark = end["stop"] if end else None
    if mark and mark in "：:" and _LABEL.match(text, words, stop) and text[body:body + 1] in ("", "\n"):
        mark = None
    if end and not mark and "\n" not in end[0] and _LINE.match(text, body).end("words") - body < SHORTEST_REST:
        return _Mark(kind, number, start, bare, words, firm, "bare")
    longest = LONGEST_LEAD if mark else LONGEST_LINE
    if mark in (None, *"。！？!?") and 0 < stop - words <= longest and not _states(text[words:stop], bool(mark)):
        return _Mark(kind, number, start, stop, body, firm, "lead" if mark else "line")
    return _Mark(kind, number, start, bare, words, firm, "bare")


def _states(words: str, stopped: bool) -> bool:
    """Whether a phrase says something worth quoting (a rule; with a full stop behind it, also a figure)."""
    return bool(_RULE.search(words) or stopped and _FIGURE.search(_YEARS.sub("", words)))


def _nest(marks: Sequence[_Mark]) -> list[_Placed]:
    """The marks whose numbers follow from those before them, each with its level."""
    placed: list[_Placed] = []
    stack: list[_Mark] = []
    last: dict[str, int] = {}
    for index, mark in enumerate(marks):
        if placed and mark.start < placed[-1][0].body:
            continue
        if mark.kind not in _GIVEN:
            step = mark.number - last.get(mark.kind, 0)
            if mark.number != 1 and not 0 < step <= (LARGEST_GAP if mark.firm else 1):
                continue
            last[mark.kind] = mark.number
        del stack[_depth(mark, stack, marks, index):]
        stack.append(mark)
        placed.append((mark, len(stack)))
    return placed


def _depth(mark: _Mark, stack: list[_Mark], marks: Sequence[_Mark], index: int) -> int:
    """How many open sections stay open when a mark begins its section."""
    kinds = [open_.kind for open_ in stack]
    if mark.kind in kinds:
        return kinds.index(mark.kind)
    rank = _LADDER.index(mark.kind)
    depth = len(stack)
    while depth and _LADDER.index(kinds[depth - 1]) > rank and not _goes_on(stack[depth - 1], marks, index):
        depth -= 1
    return depth


def _goes_on(open_: _Mark, marks: Sequence[_Mark], index: int) -> bool:
    """Whether the numbering of an open section goes on later: then what is between stands inside it."""
    if open_.kind in _STATUTE:
        return False
    following = next((mark for mark in marks[index:] if mark.kind == open_.kind), None)
    return following is not None and following.number == open_.number + 1


def _without(text: str, placed: list[_Placed], unbelievable: Callable[[str, list[_Placed]], set[int]]) -> list[_Mark]:
    """The marks but for those that a rule finds unbelievable."""
    dropped = unbelievable(text, placed)
    return [mark for index, (mark, _) in enumerate(placed) if index not in dropped]


def _ends(text: str, placed: list[_Placed]) -> list[int]:
    """Where each section ends: where the next one on its level or an outer one begins."""
    ends = [len(text)] * len(placed)
    open_: list[int] = []
    for index, (mark, level) in enumerate(placed):
        for closed in open_[level - 1:]:
            ends[closed] = mark.start
        open_[level - 1:] = [index]
    return ends


def _runs(placed: list[_Placed]) -> Iterator[list[int]]:
    """Positions of sibling marks that count up from their first, run by run."""
    runs: dict[int, list[int]] = {}
    for index, (mark, level) in enumerate(placed):
        for closed in [inner for inner in runs if inner > level]:
            yield runs.pop(closed)
        run = runs.get(level)
        if run and (placed[run[-1]][0].kind != mark.kind or placed[run[-1]][0].number >= mark.number > 0):
            yield runs.pop(level)
        runs.setdefault(level, []).append(index)
    yield from runs.values()


def _empty(text: str, placed: list[_Placed]) -> set[int]:
    """Headings without text under them are content themselves: rows of a table of contents, items of a list."""
    starts = [mark.start for mark, _ in placed[1:]] + [len(text)]
    empty = {index for index, (mark, level) in enumerate(placed)
             if mark.kind not in _GIVEN and not text[mark.body:starts[index]].strip()
             and (index + 1 == len(placed) or placed[index + 1][1] <= level)}
    for run in _runs(placed):
        if len(empty.intersection(run)) * 2 > len(run):
            empty.update(run)
    return empty


def _listed(text: str, placed: list[_Placed]) -> set[int]:
    """Short numbered texts, most of them without a heading of their own, are the items of a list."""
    ends = _ends(text, placed)
    listed = set()
    for run in _runs(placed):
        marks = [placed[index][0] for index in run]
        shapes = [mark.shape for mark in marks]
        if marks[0].kind in (*_GIVEN, *_STATUTE) or shapes.count("line") * 2 > len(marks):
            continue
        short = median(ends[index] - placed[index][0].start for index in run) < SHORTEST_ITEM
        bare = shapes.count("bare") * 2 > len(marks)
        before = text[max(0, marks[0].start - 20):marks[0].start].rstrip(" \t\u3000\xa0")
        if short or bare and marks[0].kind != "chinese" and before.endswith(("：", ":")):
            listed.update(run)
    return listed


def _sections(text: str, placed: list[_Placed]) -> Iterator[Section]:
    for (mark, level), end in zip(placed, _ends(text, placed)):
        heading = text[mark.start:mark.stop].lstrip("#").strip() if mark.kind in _GIVEN else text[mark.start:mark.stop].strip()
        yield Section(heading, level, mark.start, mark.body, end)
