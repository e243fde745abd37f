"""A question that asks for several things, as the questions for each of them."""

import re
from os.path import commonprefix

import rjieba

from corpus.places import place_spans
from qa.followup import frame_end, subject_of

MOST = 4  # things asked for; a question that lists more is answered by one passage or by none
_ASKS = re.compile(r"多少|几(?![乎何])|(?:什么|啥|谁)(?!都|也)|哪|多[久大长高远]|怎么|如何")
_EACH = re.compile(r"(?:各自|分别|各)(?:都?要)?(?=[\u4e00-\u9fff]{0,12}?(?:多少|几|什么|啥|哪|谁|多[久大长高远]|怎么|如何))")
_AND = re.compile(r"以及|[和与及跟、]")
_BREAK = re.compile(r"[,，；;？?。]")
_YEAR = r"(?:19|20)\d\d年?(?:年?[初底末中])?"
_YEARS = re.compile(rf"{_YEAR}(?:(?:以及|[和与及跟、]){_YEAR})+")
_PREDICATE = ("v", "d", "p", "c", "a")  # what a clause begins with that leaves its subject to the one before


def parts(question: str) -> tuple[str, ...]:
    """The questions that a standalone question consists of; only itself where it asks for one thing.

    ``许昌和长葛的GDP各是多少？`` asks for two, and so does ``计划建多少座，建成了多少座？``.
    """
    question = question.rstrip("？?。 ")
    each = _EACH.search(question)
    found = (_of_each(question[:each.start()], question[each.end():]) if each else []) or _clauses(question)
    return tuple(f"{part}？" for part in found) if 1 < len(found) <= MOST else (f"{question}？",)


def _of_each(before: str, after: str) -> list[str]:
    """The same asked of several years, places or things that stand before the word for each."""
    return [part + after for part in _each_year(before) or _each_place(before) or _each_thing(before)]


def _each_year(text: str) -> list[str]:
    found = _YEARS.search(text)
    return [text[:found.start()] + re.sub(r"(?<=\d)$", "年", year) + text[found.end():] for year in re.findall(_YEAR, found[0])] if found else []


def _each_place(text: str) -> list[str]:
    """For places that stand next to each other; what stands between place and ``and`` is each one's own."""
    spans = [(start, start + len(commonprefix((name, text[start:])))) for name, start in place_spans(text)]
    for (start, end), (after, stop) in zip(spans, spans[1:]):
        if _AND.fullmatch(text[end:after]):
            return [text[:start] + text[start:end] + text[stop:], text[:start] + text[after:stop] + text[stop:]]
    return []


def _each_thing(text: str) -> list[str]:
    """For things that end alike: 城镇居民和农村居民的收入, 超10亿元和超20亿元的企业."""
    marks = list(_AND.finditer(text))
    if not marks:
        return []
    before, rest = text[:marks[-1].start()], text[marks[-1].end():]
    begin = max([frame_end(before), *(mark.end() for mark in _BREAK.finditer(before))])
    things = [thing for thing in _AND.split(before[begin:]) if thing]
    thing, tail = _parted(rest, things[-1][-1]) if things else ("", "")
    if len(thing) < 2:
        return []
    # 收入超10亿元 and 超20亿元, 交往的正面清单 and 负面清单: what stands before the like beginning, or the 的, is said of both.
    shared = things[0].rfind(thing[0]) if things[0].rfind(thing[0]) > 0 else things[0].rfind("的") + 1 if "的" not in thing else 0
    head = before[:begin] + things[0][:shared]
    things[0] = things[0][shared:]
    own = next((start for _, start in place_spans(thing)), 1) == 0  # a place of its own takes that of the frame's place
    return [*(head + each + tail for each in things), (_without_places(head) if own else head) + thing + tail]


def _parted(rest: str, ending: str) -> tuple[str, str]:
    """The last thing and what is asked of all: parted behind the character that the things before end in, or before 的."""
    stop = _BREAK.search(rest).start() if _BREAK.search(rest) else len(rest)
    if ending in rest[:stop]:
        stop = rest.index(ending) + 1
    elif "的" in rest[:stop]:
        stop = rest.index("的")
    return rest[:stop], rest[stop:]


def _without_places(head: str) -> str:
    for name, start in reversed(list(place_spans(head))):
        head = head[:start] + head[start + len(commonprefix((name, head[start:]))):]
    return head


def _clauses(question: str) -> list[str]:
    """For clauses that each ask; those without a subject have that of the first."""
    clauses = re.split("[,，；;、]", question)
    asking = [i for i, clause in enumerate(clauses) if _ASKS.search(clause)]
    if len(asking) < 2 or asking[-1] - asking[0] != len(asking) - 1:
        return []
    start = sum(len(clause) + 1 for clause in clauses[:asking[0]])
    head, first = question[:start], clauses[asking[0]]
    return [head + first, *((head or _lead(first, clauses[i])) + clauses[i] for i in asking[1:])]


def _lead(first: str, clause: str) -> str:
    """What a clause takes over from the first: its subject, or where it has one itself, only place and time."""
    leans = rjieba.tag(clause)[0][1].startswith(_PREDICATE)
    return (subject_of(first) if leans else "") or first[:frame_end(first)]
