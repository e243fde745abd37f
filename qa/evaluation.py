"""How well a service answers a file of questions with gold answers.

A question is a JSON object with ``id``, ``question``, ``answers`` (any of them will do; none means unanswerable) or
``all_of`` (every one is needed), ``docs`` (names of the files that hold the answer) or ``context_id`` (such a name
with or without its suffix) where it matters which, and sometimes ``history`` and ``type``. Texts are compared by :func:`normalize`.
"""

import gzip
import json
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from corpus.document import Document
from qa.answer import Answer
from qa.errors import QuestionError

TOP_K = 20
# A hit is short: at most this long, or at most twice as long as the longest gold answer.
SHORT = 160


class Answering(Protocol):
    """The part of :class:`qa.service.AnswerService` that is measured."""

    def ask(self, question: str, history: tuple[str, ...] = (), *, top_k: int = 10) -> Answer: ...

    def document(self, document_id: str) -> Document: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question. The scores are None for an unanswerable question.

    :ivar confidence: None where the question was refused.
    :ivar right: on an answerable question ``cited``, on an unanswerable one that the service abstained.
    :ivar hit: the answer holds a gold answer and is short.
    :ivar cited: a hit whose first citation with the gold answer names the right file.
    :ivar span_f1: characters of the first highlight against the gold answer.
    :ivar rouge_l: ROUGE-L F1 of the answer's characters against the gold answer.
    :ivar rank: place of the first passage of the right file that holds the answer, from 1; None where none does.
    :ivar citations: number of citations, of which ``verbatim`` are slices of their documents.
    :ivar error: why the question was refused.
    """

    id: str
    question: str
    type: str
    gold: tuple[str, ...]
    answered: bool
    answer: str | None
    confidence: float | None
    ms: float
    right: bool
    hit: bool | None = None
    cited: bool | None = None
    span_f1: float | None = None
    rouge_l: float | None = None
    rank: int | None = None
    citations: int = 0
    verbatim: int = 0
    error: str | None = None


def read_questions(path: Path, limit: int | None = None, split: str | None = None) -> list[dict]:
    """The questions of a JSON-lines file, which may be gzipped; the first ``limit`` where that is given.

    :param split: only those whose field ``split`` says so.
    :raises QuestionError: the file cannot be read, a line is not a question, or none is of the split.
    """
    questions: list[dict] = []
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if len(questions) == limit:
                    break
                question = json.loads(line)
                if not (isinstance(question.get("question"), str) and isinstance(question.get("answers"), list)):
                    raise ValueError(f"line {number} lacks question or answers")
                if split is None or question.get("split") == split:
                    questions.append(question)
    except (OSError, EOFError, ValueError, AttributeError) as error:
        raise QuestionError("bad_question_file", f"读不了问题文件 {path}（{error}）。"
                            f" The question file {path} cannot be read ({error}).", path=str(path)) from error
    if split is not None and not questions and limit != 0:
        raise QuestionError("no_such_split", f"问题文件 {path} 中没有 split 为“{split}”的问题。"
                            f" The question file {path} has no questions of the split “{split}”.", path=str(path))
    return questions


def evaluate(service: Answering, questions: Iterable[dict]) -> list[Outcome]:
    """Ask every question and compare what comes back with its gold answers."""
    return [_outcome(service, question) for question in questions]


def _outcome(service: Answering, question: dict) -> Outcome:
    begun = time.perf_counter()
    try:
        answer, error = service.ask(question["question"], tuple(question.get("history") or ()), top_k=TOP_K), None
    except QuestionError as refused:
        answer, error = None, refused.message
    seconds = time.perf_counter() - begun
    answered = answer is not None and answer.answered
    citations = answer.citations if answer else ()
    scores = _scores(answer, question) if question["answers"] else {"right": not answered}
    return Outcome(
        id=str(question.get("id", "")), question=question["question"], type=question.get("type", "other"),
        gold=tuple(question["answers"]), answered=answered, answer=answer.text if answer else None,
        confidence=answer.confidence if answer else None, ms=round(1000 * seconds, 1), citations=len(citations),
        verbatim=sum(service.document(c.document_id).text[c.start:c.end] == c.quote for c in citations),
        error=error, **scores)


def _scores(answer: Answer | None, question: dict) -> dict:
    """The scores of an answerable question, by the names of :class:`Outcome`'s fields."""
    gold = [normalize(each) for each in question["answers"]]
    needed = [normalize(each) for each in question.get("all_of") or ()]
    text = normalize(answer.text if answer else None)
    hit = holds(text, gold, needed) and len(text) <= max(SHORT, 2 * max(map(len, [*gold, "".join(needed)])))
    bearing = [c for c in answer.citations if any(g in normalize(c.quote) for g in gold + needed)] if answer else []
    cited = hit and bool(bearing) and of_right_file(bearing[0].source, question)
    passages = [p.citation for p in answer.passages] if answer else []
    ranks = (rank for rank, passage in enumerate(passages, 1)
             if of_right_file(passage.source, question) and holds(normalize(passage.quote), gold, needed))
    first = normalize(answer.text[slice(*answer.highlights[0])]) if answer and answer.highlights else ""
    return {"hit": hit, "cited": cited, "right": cited, "rank": next(ranks, None),
            "span_f1": max(character_f1(first, each) for each in gold),
            "rouge_l": max(rouge_l(text, each) for each in gold)}


def holds(text: str, gold: list[str], needed: list[str]) -> bool:
    """Does a text hold one of the gold answers, or all that are needed where some are? All are normalized."""
    return all(each in text for each in needed) if needed else any(each in text for each in gold)


def of_right_file(source: str, question: dict) -> bool:
    """Is this source one of the files that hold a question's answer? Any is where the question names none."""
    name = PurePath(source)
    if question.get("docs"):
        return name.name in question["docs"]
    return question.get("context_id", name.name) in (name.name, name.stem)


def normalize(text: str | None) -> str:
    """A text as it is compared: NFKC, lower case, without white space."""
    return "".join(unicodedata.normalize("NFKC", text or "").lower().split())


def character_f1(text: str, gold: str) -> float:
    """F1 of the two texts' characters as multisets; 0 where they share none."""
    common = (Counter(text) & Counter(gold)).total()
    return 2 * common / (len(text) + len(gold)) if common else 0.0


def rouge_l(text: str, gold: str) -> float:
    """F1 of the longest common subsequence of characters (Lin 2004, ROUGE-L with equal weights)."""
    lengths = [0] * (len(gold) + 1)
    for character in text:
        diagonal = 0
        for at, other in enumerate(gold, 1):
            above = lengths[at]
            lengths[at] = diagonal + 1 if character == other else max(above, lengths[at - 1])
            diagonal = above
    return 2 * lengths[-1] / (len(text) + len(gold)) if lengths[-1] else 0.0
