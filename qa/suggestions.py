"""Questions to begin with, and questions that lead on from an answer; all of them made from the reports."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice

from corpus.document import Metadata, Passage
from corpus.snapshot import Entry
from qa.statements import NUMBERING, Made, statements

RELATED = 3  # questions suggested beside an answer
NEAR = 6  # passages that they are made from
SHORT_TITLE = 30  # characters; a longer title is no help in a question
SPEAKING = 6  # characters from which a heading says something without its title


def varied(made: Iterable[Made], limit: int) -> list[Made]:
    """At most ``limit`` questions, each once, about different things, from documents in turn, in forms in turn."""
    left = list({each.question: each for each in made}.values())
    subjects, documents, forms = Counter(), Counter(), Counter()
    chosen: list[Made] = []
    while left and len(chosen) < limit:
        best = min(left, key=lambda each: (subjects[each.about], documents[each.document_id], forms[each.form]))
        left.remove(best)
        chosen.append(best)
        subjects[best.about] += 1
        documents[best.document_id] += 1
        forms[best.form] += 1
    return chosen


def related(asked: str, answer: str | None, passages: Sequence[Passage], entries: Mapping[str, Entry]) -> tuple[str, ...]:
    """What else the retrieved passages could be asked: what they state plainly, then what their headings name; those
    of the first passage's document before the others.

    :param answer: the answer shown; what it already says is not suggested.
    :param entries: catalogue entries of the passages' documents, by document id.
    """
    near = sorted(passages[:NEAR], key=lambda passage: passage.document_id != passages[0].document_id)
    said = answer or ""
    stated = (each.question for passage in near for each in statements(passage, entries[passage.document_id].metadata)
              if each.reply not in said)
    named = (_of_heading(passage, entries[passage.document_id].metadata) for passage in near if passage.section)
    fresh = (question for question in chain(stated, named) if question and question != asked)
    return tuple(islice(dict.fromkeys(fresh), RELATED))


def _of_heading(passage: Passage, metadata: Metadata) -> str:
    """What a passage's heading names, as something to ask; empty where it is a bare number or a whole sentence."""
    heading = NUMBERING.sub("", passage.section[-1]).strip()
    if not 4 <= len(heading) <= 30 or re.search(r"[。！!]", heading):
        return ""
    if heading.endswith(("？", "?")):
        return heading
    if len(metadata.title) <= SHORT_TITLE:
        return f"{metadata.title}：{heading}"
    return heading if len(heading) >= SPEAKING else ""
