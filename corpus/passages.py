"""Sentences of a text, and passages of sentences. All offsets are ``[start, end)`` in the text that was given."""

import re
from collections.abc import Iterator
from math import ceil

from corpus.document import Document, Passage

LONGEST_SENTENCE = 400  # longer ones are split at clauses
CLAUSES = 200  # clauses of a split sentence are joined again up to this length
LONGEST_PASSAGE = 500
TYPICAL_PASSAGE = 450  # what an even division of a section aims at
LONGEST_OVERLAP = 100  # a longer last sentence is not repeated in the next passage

# A sentence ends at its mark (but not at a half-width one before Latin letters or digits, as in an address), at the
# end of a line, and at the wide gap by which scraped pages part paragraphs. The characters at its beginning are asked for
# first: elsewhere, which is nearly everywhere, nothing else is tried.
_END = re.compile(r"""(?=[!?。！？\s])(?:(?:[!?]*[。！？][。！？!?]*|[!?]+(?![A-Za-z0-9=&/]))(?P<closing>[”’」』）)】》〉"']*)|\n|(?<=[^\s|])[^\S\n\t]*(?:\u3000|[^\S\n\t]{2})\s*+(?!\|))""")
_SEPARATORS = tuple(re.compile(pattern) for pattern in (r"[；;]", r"[，,：、](?!\d)", r"\s"))
_WORD = re.compile(r"\w")
_ROW = re.compile(r"\s*\|.*\||[^\t\n]+\t")


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The sentences of ``text[start:end]``, in order and apart from each other.

    Every character that is not white space lies in exactly one sentence, and none begins or ends with white space.
    Closing quotes and brackets belong to the sentence before them. A sentence of more than 400 characters is split at
    semicolons, else at commas, else at spaces.
    """
    end = len(text) if end is None else end
    spans = []
    begin = start
    for mark in _END.finditer(text, start, end):
        stop = _past_closing(text, begin, mark)
        spans += _split(text, begin, stop)
        begin = stop
    return spans + _split(text, begin, end)


def _past_closing(text: str, begin: int, mark: re.Match) -> int:
    """Where a sentence stops: a straight quote after its mark closes only what was opened in the sentence."""
    if mark["closing"] is None:
        return mark.end()
    stop = mark.start("closing")
    while stop < mark.end() and (text[stop] not in "\"'" or text.count(text[stop], begin, stop) % 2):
        stop += 1
    return stop


def _split(text: str, start: int, end: int, separators: tuple[re.Pattern, ...] = _SEPARATORS) -> list[tuple[int, int]]:
    """One trimmed span, or the clauses of a sentence that is too long; none for white space."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start == end:
        return []
    if end - start <= LONGEST_SENTENCE:
        return [(start, end)]
    if not separators:
        middle = start + LONGEST_SENTENCE
        return _split(text, start, middle, ()) + _split(text, middle, end, ())
    stops = [mark.end() for mark in separators[0].finditer(text, start, end)]
    pieces = []
    begin = start
    for stop, following in zip(stops, stops[1:] + [end]):
        if following - begin > CLAUSES:
            pieces.append((begin, stop))
            begin = stop
    return [span for piece in [*pieces, (begin, end)] for span in _split(text, *piece, separators[1:])]


def cut(document: Document) -> list[Passage]:
    """The passages of a document, in order: runs of whole sentences of about 250 to 500 characters.

    A passage never crosses the boundary of a section and holds no heading. A last sentence of less than 100
    characters is repeated at the start of the next passage of the same section. Rows of a table are not mixed
    with prose.
    """
    passages = []
    for start, end in _regions(document):
        path = document.section_path(start)
        for run in _kinds(document.text, sentences(document.text, start, end)):
            for begin, stop in _runs(run):
                if _WORD.search(document.text, begin, stop):
                    passages.append(Passage(document.id, begin, stop, document.text[begin:stop], path, document.page(begin)))
    return passages


def _regions(document: Document) -> list[tuple[int, int]]:
    """The stretches of text between headings."""
    starts = [0, *(section.body for section in document.sections)]
    ends = [*(section.start for section in document.sections), len(document.text)]
    return [(start, end) for start, end in zip(starts, ends) if start < end]


def _kinds(text: str, spans: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Sentences parted where prose turns to table rows and back; the line above a table stays with it."""
    run: list[tuple[int, int]] = []
    for span in spans:
        row = bool(_ROW.match(text, *span))
        if run and row != bool(_ROW.match(text, *run[-1])):
            caption = [run.pop()] if row and run[-1][1] - run[-1][0] <= 40 else []
            if run:
                yield run
            run = caption
        run.append(span)
    if run:
        yield run


def _runs(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Consecutive sentences divided evenly into runs, each beginning with the last sentence of the run before."""
    total = spans[-1][1] - spans[0][0]
    target = total / ceil(total / TYPICAL_PASSAGE) if total > LONGEST_PASSAGE else total
    begin = spans[0][0]  # where the run begins, the repeated sentence included
    fresh = 0  # first sentence that no run holds yet
    for last, (start, stop) in enumerate(spans[:-1]):
        if stop - spans[fresh][0] >= target or spans[last + 1][1] - begin > LONGEST_PASSAGE:
            yield begin, stop
            fresh = last + 1
            repeats = stop - start < LONGEST_OVERLAP and start > begin
            begin = start if repeats else spans[fresh][0]
    yield begin, spans[-1][1]
