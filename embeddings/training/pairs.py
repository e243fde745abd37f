"""Pairs of a question and the passage that answers it: the ones people wrote, and many made by rule."""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from embeddings.training.text import passages, read_lines

TEXTS = {  # file: share of its documents that is used (laws are most of the text), and how often each is drawn
    "gov_work_reports": (1.0, 6),
    "cn_laws": (0.35, 1),
    "local_policies_digital": (1.0, 4),
    "tax_policy": (1.0, 4),
    "gov_services_gd": (1.0, 1),
    "state_council_policies": (1.0, 4),
    "procuratorate_docs": (1.0, 1),
}
QUESTIONS = {"cmrc2018": ("train", "trial"), "drcd_hans": ("dev",)}
_ENCYCLOPEDIA_DRAWN = 1
LEXICON = {"everyday_official": 6, "abbreviations": 6, "english": 1}  # how readily each is drawn from

_TITLED = 0.5
_VARIED = 0.4
_MADE_PER_PASSAGE = 4
_SHORTEST_QUESTION = 6
_NUMBERING = re.compile(r"^(?:第[一二三四五六七八九十百零千]+条|（[一二三四五六七八九十]+）|[一二三四五六七八九十]+、|\d+[.、])")
_CLAUSE = re.compile(r"[^，、。！？；：,;:\n]+")
_FIGURE = re.compile(r"\d[\d.,]*(?:%|个百分点|万亿元|亿元|万元|[^\W\d_]?)")
_LATIN = re.compile(r"[A-Za-z]")
_ASK = ("是什么", "有哪些", "是多少", "怎么样", "如何", "什么时候", "哪些", "为什么", "情况", "")


@dataclass
class Pairs:
    """Questions by the row of the passage that answers each, and passages by the document each comes from.

    ``drawn`` says for each document how often it is drawn, relative to others.
    """

    passages: list[str] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)
    written: list[tuple[str, int]] = field(default_factory=list)
    made: list[tuple[str, int]] = field(default_factory=list)


def collect(shared: Path, rng: random.Random) -> Pairs:
    """All pairs from the shared text that may be trained on."""
    pairs, wordings = Pairs(), Wordings.read(shared / "lexicon")
    rows: dict[str, range] = {}
    for line, drawn in training_documents(shared, rng):
        rows[line["id"]] = _add_document(pairs, line, wordings, rng)
        pairs.drawn.append(drawn)
    for line in written_questions(shared):
        found = [row for row in rows.get(line["context_id"], ()) if _holds(pairs.passages[row], line)]
        pairs.written += [(line["question"], row) for row in found[:1]]
    return pairs


def training_documents(shared: Path, rng: random.Random) -> Iterable[tuple[dict, int]]:
    """Documents that no measuring question is about, each with how often it is drawn."""
    measured = {line["context_id"] for line in read_lines(shared / "eval/official/dev.jsonl")}
    for name, (share, drawn) in TEXTS.items():
        for line in read_lines(shared / f"text/{name}.jsonl.gz"):
            if line["id"] not in measured and rng.random() < share:
                yield line, drawn
    for name, splits in QUESTIONS.items():
        folder = shared / "eval" / name
        questions = read_lines(folder / "questions.jsonl.gz")
        trained = {line["context_id"] for line in questions if line["split"] in splits}
        for line in read_lines(folder / "contexts.jsonl.gz"):
            if line["id"] in trained:
                yield line, _ENCYCLOPEDIA_DRAWN


def written_questions(shared: Path) -> Iterable[dict]:
    """The answerable, self-contained questions that may be trained on."""
    for line in read_lines(shared / "eval/official/train.jsonl"):
        if line["answers"] and not line.get("history"):
            yield line
    for name, splits in QUESTIONS.items():
        questions = read_lines(shared / "eval" / name / "questions.jsonl.gz")
        yield from (line for line in questions if line["split"] in splits)


def _holds(passage: str, line: dict) -> bool:
    return any("".join(text.split())[:24] in passage for text in (line.get("evidence"), *line["answers"]) if text)


def _add_document(pairs: Pairs, line: dict, wordings: "Wordings", rng: random.Random) -> range:
    first, document = len(pairs.passages), len(pairs.drawn)
    for run in passages(line["text"], rng.choice((150, 220, 290))):
        row = len(pairs.passages)
        sentences = ["".join(sentence.split()) for sentence in run]
        pairs.passages.append((line["title"] + "\n" if rng.random() < _TITLED else "") + "".join(sentences))
        pairs.documents.append(document)
        for _ in range(_MADE_PER_PASSAGE):
            question = _make_question(rng.choice(sentences), wordings, rng)
            if len(question) >= _SHORTEST_QUESTION:
                pairs.made.append((_place_in(line["title"], question, rng), row))
    return range(first, len(pairs.passages))


def _make_question(sentence: str, wordings: "Wordings", rng: random.Random) -> str:
    """A sentence as someone who does not know it would ask for it: a clause or two, the figure asked for."""
    clauses = _CLAUSE.findall(_NUMBERING.sub("", sentence)) or [sentence]
    start = rng.randrange(len(clauses))
    chosen = "".join(clauses[start : start + rng.choice((1, 1, 2, 3))])[:60]
    chosen = wordings.vary(chosen, rng) if rng.random() < _VARIED else chosen
    figure = _FIGURE.search(chosen)
    if figure and figure.start() >= 6:
        return chosen[: figure.start()] + "多少" + (chosen[figure.end() :] if rng.random() < 0.3 else "")
    if len(chosen) > 16 and rng.random() < 0.7:
        gap = rng.randrange(2, len(chosen) // 2)
        start = rng.randrange(len(chosen) - gap)
        chosen = chosen[:start] + chosen[start + gap :]
    return chosen + rng.choice(_ASK)


def _place_in(title: str, question: str, rng: random.Random) -> str:
    """Questions often name the document, or its place and year, first."""
    chance = rng.random()
    if chance < 0.15:
        return title[:40] + question
    return title[: rng.randrange(2, 9)] + question if chance < 0.3 else question


class Wordings:
    """Everyday words for official terms.

    :param everyday: the everyday wordings of each official term.
    """

    def __init__(self, everyday: dict[str, list[str]]) -> None:
        self._everyday = everyday
        terms = sorted(everyday, key=len, reverse=True)
        self._terms = re.compile("|".join(map(re.escape, terms)))

    @classmethod
    def read(cls, folder: Path) -> "Wordings":
        """The wordings of a folder of ``wording, official wordings separated by |, topic`` tables."""
        everyday: dict[str, list[str]] = {}
        for name, weight in LEXICON.items():
            for line in (folder / f"{name}.tsv").read_text("utf-8").splitlines():
                wording, official, *_ = line.split("\t")
                for term in official.split("|"):
                    if len(term) >= 2 and len(wording) >= 2:
                        everyday.setdefault(term, []).extend([wording] * weight)
        return cls(everyday)

    def chinese(self) -> "Wordings":
        """Those without the everyday wordings that hold Latin letters."""
        kept = {term: [wording for wording in wordings if not _LATIN.search(wording)] for term, wordings in self._everyday.items()}
        return Wordings({term: wordings for term, wordings in kept.items() if wordings})

    def vary(self, question: str, rng: random.Random) -> str:
        """The question with most of its official terms in everyday words."""

        def replace(match: re.Match) -> str:
            return rng.choice(self._everyday[match.group()]) if rng.random() < 0.6 else match.group()

        return self._terms.sub(replace, question)
