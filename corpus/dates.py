"""Dates as documents write them, and the years that words such as 今年 or “十三五”末 mean in a document.

A report delivered in March 2021 on the work of 2020 says 去年 for 2020 and 今年 for 2021, but compares 2020 with 上年,
which is 2019. So what a word means depends on when the document was published, which year it reports on, and whether
the part at hand looks back (``review``) or ahead.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from corpus.numerals import parse_numeral

LONGEST_SPAN = 50  # years; what spans more, such as 百年, speaks of no particular year
REMEMBERED = 8192  # sentences and headings whose reading is kept: questions meet the same ones again and again

_NUMERAL = r"(?:\d{1,3}|[一二三四五六七八九十两]{1,3})"
_ZERO = "零〇○ＯO"
_YEAR = rf"(?:19\d\d|20\d\d|(?:一九|二[{_ZERO}])[一二三四五六七八九{_ZERO}]{{2}})"
_DATE = re.compile(
    rf"(?<!\d)(?P<year>{_YEAR})\s?年(?:\s?(?P<month>{_NUMERAL})\s?月(?:\s?(?P<day>{_NUMERAL})\s?[日号])?)?"
    r"|(?<![\d.])(?P<y>(?:19|20)\d\d)(?P<mark>[-./])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})(?![\d年]|\.\d)")
# These begin by asking for a character that they can begin with: elsewhere, which is nearly everywhere, nothing else is tried.
_RANGE = re.compile(rf"(?=[12一二])(?<!\d)({_YEAR})\s?(?:年度?)?\s?(?:[-—–－~～至到])+\s?({_YEAR})(?!\d)")
_SINGLE = re.compile(rf"(?=[12一二])(?<!\d)({_YEAR})(?=\s?年|\s?[、，,和与及/]\s?{_YEAR}\s?年|[-./]\d{{1,2}}[-./]\d{{1,2}}|[A-Za-z]|\Z)")
_FIVE_YEAR_PLAN = re.compile(
    r"(?=[“\"‘'「十])(?:[“\"‘'「](?P<quoted>十?[一二三四五六七八九]|十)五[”\"’'」]|(?<![一二三四五六七八九十百])(?P<bare>十[一二三四五六七八九])五(?![十百千万年天日月]))"
    r"(?:规划|时期|期间|计划)?的?(?P<part>末|收官|最后一年|初|开局|首年|第一年|以来)?")


@dataclass(frozen=True, slots=True)
class _Context:
    """:ivar now: the year in which the document speaks; :ivar reported: the year it reports on."""

    now: int
    reported: int
    review: bool

    @property
    def current(self) -> int:
        """The year that the part at hand is about."""
        return self.reported if self.review else self.now


def _last(context: _Context, count: int) -> Sequence[int]:
    return range(context.reported - count + 1, context.reported + 1)


_Reading = Callable[[_Context, int], Sequence[int]]
_WORDS: tuple[tuple[re.Pattern, _Reading], ...] = (
    (re.compile(r"今年|(?<![基成资样根])本年|(?<![\d一二三四五六七八九十两几])年内"), lambda context, _: [context.now]),
    (re.compile(r"(?<!过)去年"), lambda context, _: [context.now - 1]),
    (re.compile(r"上一?年度?(?!级)"), lambda context, _: [context.current - 1]),
    (re.compile(r"(?<!年)前年"), lambda context, _: [context.now - 2]),
    (re.compile(r"明年|来年|下一年"), lambda context, _: [context.now + 1]),
    (re.compile(rf"(?:未来|今后)的?\s?({_NUMERAL})\s?年"), lambda context, n: range(context.now, context.now + n)),
    (re.compile(rf"(?:过去|最?近|前|这|以往)的?\s?({_NUMERAL})\s?年(?![级前期])"), _last),
    (re.compile(rf"(?<![近去前这往\d一二三四五六七八九十两])({_NUMERAL})\s?年(?:以?来|间)"), _last),
    (re.compile(r"近年|近几年|近些年|这几年|过去几年|几年来"), lambda context, _: _last(context, 5)),
)
_PARTS = re.compile(r"(?=[当全年半季月\d])(?:当年|全年|年[初底末]|半年|季度|\d{1,2}\s?[-—~至]\s?\d{1,2}\s?月|月份)")

_PLANNED = re.compile(r"工作安排|工作部署|目标|任务|打算|计划|规划|重点工作|重点任务|主要举措|工作要求|总体要求|下一步|今后|未来|远景|展望"
                      r"|工作思路|保障措施|奋力|努力")
_REVIEWED = re.compile(r"回顾|总结|成就|成效|进展|完成情况|执行情况|主要工作|做法|历程|成果")
_TARGETS = re.compile(r"(?=[力目计预确争到拟将下今未我要，,。；;])(?:力争|目标|计划(?:建设|完成|实现|新增|投资|开工|在|到|于)|预期|确保|争取|到20\d\d年|拟|将(?=[在于新建实推开完启进会达])"
                      r"|(?:^|[，,。；;])(?:我们)?要(?=[\u4e00-\u9fff])|下一步|今后|未来)")
_RESULTS = re.compile(r"完成[了投]?\S{0,12}\d|增长了|达到了|实现了|取得了?|已[经建完累实达有]?|累计|同比|比上年|较上年|截至|截止|荣获|获批"
                      r"|成功|顺利|建成了?|圆满|去年")
_PAST = re.compile(r"去年|上年完成|截至|截止|同比|已[经建完累]|完成了")


def dates_in(text: str) -> Iterator[tuple[str, int]]:
    """Each date that a text writes, with its offset: ``2021-03-23``, ``2021-03`` or ``2021``, as much as is written.

    Reads ``二○二一年三月二十三日``, ``二〇二一年``, ``2020年5月13日``, ``2025-07-08``, ``2020.02.03`` and ``2020/2/3``; days
    that no calendar has are passed over.
    """
    for match in _DATE.finditer(text):
        parts = [parse_numeral(part) for part in match.group("year", "month", "day", "y", "m", "d") if part]
        try:
            date(*parts, *[1] * (3 - len(parts)))
        except ValueError:
            continue
        yield "-".join((f"{parts[0]:04}", *(f"{part:02}" for part in parts[1:]))), match.start()


@lru_cache(REMEMBERED)
def resolve(expression: str, published: str | None, report_year: int | None, review: bool) -> tuple[int, ...]:
    """The years that the time words of an expression mean in a document, ascending; empty where there are none.

    Knows explicit years and spans (``2019-2021年``), five-year plans (``“十三五”末``) and words relative to the document
    (``今年``, ``上年``, ``近5年``, ``过去五年``, ``前三季度``); these need a publication date or a report year.

    :param expression: a phrase, a question or a sentence; the years of all its time words are joined.
    :param published: ISO date of the document, or as much of it as is known.
    :param review: whether the expression stands in a part that looks back on the report year.
    """
    years = {*explicit_years(expression), *_plan_years(expression, report_year)}
    context = _context(published, report_year, review)
    if context is not None:
        for pattern, reading in _WORDS if "年" in expression else ():  # which each of them holds
            for match in pattern.finditer(expression):
                count = parse_numeral(match[1]) if pattern.groups else 0
                years.update(reading(context, count) if count <= LONGEST_SPAN else ())
        if not years and _PARTS.search(expression):
            years.add(context.current)
    return tuple(sorted(years))


@lru_cache(REMEMBERED)
def explicit_years(text: str) -> tuple[int, ...]:
    """The years that a text writes in digits, those inside a span included, ascending."""
    years = {parse_numeral(match[1]) for match in _SINGLE.finditer(text)}
    for match in _RANGE.finditer(text):
        first, last = parse_numeral(match[1]), parse_numeral(match[2])
        if last - first <= LONGEST_SPAN:
            years.update(range(first, last + 1))
    return tuple(sorted(years))


def years_of(text: str, published: str | None, report_year: int | None, section: Sequence[str] = ()) -> tuple[int, ...]:
    """The years a passage speaks of: those it writes, else those of the nearest heading, else of its own relative
    words, else the year its part of the document is about.

    :param section: headings above the passage, outermost first.
    """
    review = not is_plan(text, section)
    context = _context(published, report_year, review)
    if years := explicit_years(text):
        return years
    for heading in reversed(section):
        written = explicit_years(heading) if review else ()  # 2020年工作回顾及“十三五”主要成就 looks back on 2020 first
        if years := written or resolve(heading, published, report_year, review):
            return years
    return resolve(text, published, report_year, review) or (() if context is None else (context.current,))


def is_plan(text: str, section: Sequence[str] = ()) -> bool:
    """Whether a passage speaks of plans and targets rather than of results.

    The nearest heading that says which decides, unless the passage itself plainly says otherwise.

    :param section: headings above the passage, outermost first.
    """
    targets, results, past = _tenor(text)
    for heading in reversed(section):
        planned, reviewed = _part(heading)
        if planned != reviewed:
            return targets > 0 or not past if planned else targets > 1 and results == 0
    return targets > results


@lru_cache(REMEMBERED)
def _tenor(text: str) -> tuple[int, int, bool]:
    """How often a passage speaks of targets and of results, and whether it plainly looks back."""
    return len(_TARGETS.findall(text)), len(_RESULTS.findall(text)), bool(_PAST.search(text))


@lru_cache(REMEMBERED)
def _part(heading: str) -> tuple[bool, bool]:
    """Whether a heading is that of a part on plans, and whether of one on results."""
    return bool(_PLANNED.search(heading)), bool(_REVIEWED.search(heading))


def _context(published: str | None, report_year: int | None, review: bool) -> _Context | None:
    """A date long after the report year is that of a listing, and the document speaks in its report year."""
    year = int(published[:4]) if published else None
    if year is None and report_year is None:
        return None
    reported = year if report_year is None else report_year
    late = year is None or year > reported + 1
    return _Context(reported if late else year, reported, review)


def _plan_years(text: str, report_year: int | None) -> Iterator[int]:
    """The years of the five-year plans a text names; the first was 1953 to 1957, the third began in 1966."""
    for match in _FIVE_YEAR_PLAN.finditer(text):
        number = parse_numeral(match["quoted"] or match["bare"])
        first = 1948 + 5 * number if number < 3 else 1951 + 5 * number
        part = match["part"]
        if part in ("末", "收官", "最后一年"):
            yield first + 4
        elif part in ("初", "开局", "首年", "第一年"):
            yield first
        elif part == "以来" and report_year is not None and report_year >= first:
            yield from range(first, report_year + 1)
        else:
            yield from range(first, first + 5)
