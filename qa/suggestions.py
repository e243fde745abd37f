"""Questions that the reports themselves can answer, made by rule from sentences with figures."""

import re
from collections.abc import Iterable, Mapping, Sequence

from corpus.dates import years_of
from corpus.document import Metadata, Passage
from corpus.passages import sentences
from corpus.snapshot import Entry

RELATED = 3  # questions suggested beside an answer

_FIGURE = re.compile(
    r"(?:^|[，,。；：:、）)])(?P<subject>[\u4e00-\u9fffA-Za-z0-9“”（）]{2,16}?)"
    r"(?:累计)?(?:完成|达到|实现|增长到|为|达|突破|超过)(?P<figure>[0-9][0-9.,]*)(?P<unit>万?亿?(?:元|人|户|家|个|项|亩|平方米|公里|千瓦|吨))")
_VAGUE = re.compile(r"^(?:其|该|这|此|并|已|共|均|将|总|其中|分别|全年|今年|去年|我|全[市县省区]$|以|从|由|在|对|把|使|让)|[的了和与及]$|\d{4}年")


def questions_of(passage: Passage, metadata: Metadata) -> list[tuple[str, str]]:
    """``(question, the figure that answers it)`` for the plain statements of an indicator in a passage."""
    made = []
    for start, end in sentences(passage.text):
        text = passage.text[start:end]
        years = years_of(text, metadata.published, metadata.report_year, passage.section)
        for match in _FIGURE.finditer(text):
            subject = re.sub(r"^全[市县省区](?=..)", "", match["subject"])
            if len(years) == 1 and len(subject) > 2 and not _VAGUE.search(subject):
                place = metadata.region if metadata.region and metadata.region not in subject else ""
                made.append((f"{years[0]}年{place}{subject}是多少？", match["figure"] + match["unit"]))
    return made


def varied(questions: Iterable[tuple[str, str, str]], limit: int) -> list[str]:
    """At most ``limit`` questions, taken from the documents in turn.

    :param questions: ``(document id, question, figure)`` in any order.
    """
    shelves: dict[str, list[str]] = {}
    for document_id, question, _ in questions:
        shelf = shelves.setdefault(document_id, [])
        if question not in shelf:
            shelf.append(question)
    rounds = max(map(len, shelves.values()), default=0)
    turns = [shelf[i] for i in range(rounds) for shelf in shelves.values() if i < len(shelf)]
    return list(dict.fromkeys(turns))[:limit]


def related(asked: str, passages: Sequence[Passage], entries: Mapping[str, Entry]) -> tuple[str, ...]:
    """What else the retrieved passages could be asked: their statements of figures, else the headings above them.

    :param entries: catalogue entries of the passages' documents, by document id.
    """
    made = ((p.document_id, *made) for p in passages for made in questions_of(p, entries[p.document_id].metadata))
    questions = [question for question in varied(made, RELATED + 1) if question != asked]
    headings = [f"{entries[p.document_id].metadata.title}：{p.section[-1]}" for p in passages if p.section]
    return tuple((questions or list(dict.fromkeys(headings)))[:RELATED])
