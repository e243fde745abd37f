"""What a question gets back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields


@dataclass(frozen=True, slots=True)
class Citation:
    """A slice of a document: ``document.text[start:end] == quote``, offsets ``[start, end)`` in characters.

    :ivar published: ISO date or None.
    :ivar source: path of the file relative to the ingested folder.
    :ivar url: path of the report viewer, opened at this place.
    """

    document_id: str
    title: str
    issuer: str | None
    region: str | None
    published: str | None
    report_year: int | None
    source: str
    page: int | None
    section: tuple[str, ...]
    start: int
    end: int
    quote: str
    url: str

    def to_dict(self) -> dict:
        """Plain data in the shape of the HTTP contract."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping) -> "Citation":
        """The citation that :meth:`to_dict` wrote, perhaps by way of JSON; what stands beside its fields is passed over."""
        return cls(**{each.name: plain[each.name] for each in fields(cls)} | {"section": tuple(plain["section"])})


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A retrieved passage and why it was retrieved.

    :ivar score: fused score, in [0, 1], or above 1 where the reader looked into the passage; orders passages and means
        nothing else.
    :ivar bm25: BM25 score, 0.0 where no term matched.
    :ivar vector: cosine similarity to the question.
    :ivar matched: terms of the question that occur in the passage or its context.
    """

    citation: Citation
    score: float
    bm25: float
    vector: float
    matched: tuple[str, ...]

    def to_dict(self) -> dict:
        """The citation's fields and the scores beside them."""
        return self.citation.to_dict() | {
            "score": self.score, "bm25": self.bm25, "vector": self.vector, "matched": list(self.matched)}

    @classmethod
    def from_dict(cls, plain: Mapping) -> "RankedPassage":
        """The passage that :meth:`to_dict` wrote, perhaps by way of JSON."""
        return cls(Citation.from_dict(plain), plain["score"], plain["bm25"], plain["vector"], tuple(plain["matched"]))


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The passages that were found for a question, which nothing has read.

    :ivar understood: the standalone question that was searched.
    :ivar passages: best first, by their fused score.
    """

    question: str
    understood: str
    passages: tuple[RankedPassage, ...]
    timings_ms: dict[str, float]
    index_version: str

    def to_dict(self) -> dict:
        """Plain data, as an answer has it."""
        return {"question": self.question, "understood": self.understood, "passages": [p.to_dict() for p in self.passages],
                "timings_ms": self.timings_ms, "index_version": self.index_version}

    @classmethod
    def from_dict(cls, plain: Mapping) -> "SearchResult":
        """What :meth:`to_dict` wrote, perhaps by way of JSON."""
        return cls(plain["question"], plain["understood"], tuple(map(RankedPassage.from_dict, plain["passages"])),
                   dict(plain["timings_ms"]), plain["index_version"])


@dataclass(frozen=True, slots=True)
class OtherYear:
    """What a report says of another year than the one that is asked for.

    :ivar year: that the citation speaks of.
    """

    year: int
    citation: Citation

    def to_dict(self) -> dict:
        """The citation's fields and the year beside them."""
        return self.citation.to_dict() | {"year": self.year}

    @classmethod
    def from_dict(cls, plain: Mapping) -> "OtherYear":
        """What :meth:`to_dict` wrote, perhaps by way of JSON."""
        return cls(plain["year"], Citation.from_dict(plain))


@dataclass(frozen=True, slots=True)
class Answer:
    """A verbatim answer with its citations, or an abstention (no citations, ``text`` None).

    :ivar understood: the standalone question that was searched.
    :ivar text: the quotes of the citations joined by newlines.
    :ivar highlights: spans of ``text``, the shortest reply in it, best first.
    :ivar confidence: calibrated, in [0, 1]; decides whether to abstain, never the order of passages.
    :ivar other_years: of an abstention, what answers the same question of other years, newest first.
    :raises ValueError: the text is not the citations' quotes, or there is a text without a citation.
    """

    id: str
    question: str
    understood: str
    text: str | None
    confidence: float
    citations: tuple[Citation, ...] = ()
    highlights: tuple[tuple[int, int], ...] = ()
    passages: tuple[RankedPassage, ...] = ()
    suggestions: tuple[str, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    index_version: str = ""
    other_years: tuple[OtherYear, ...] = ()

    def __post_init__(self) -> None:
        if self.text != ("\n".join(c.quote for c in self.citations) if self.citations else None):
            raise ValueError("an answer is the quotes of its citations, joined by newlines")
        if any(not 0 <= start < end <= len(self.text or "") for start, end in self.highlights):
            raise ValueError("a highlight lies outside the answer")

    @property
    def answered(self) -> bool:
        """False when the service abstains."""
        return bool(self.citations)

    @property
    def cited(self) -> tuple[Citation, ...]:
        """All that is quoted: the citations of the answer, or those of other years."""
        return self.citations + tuple(each.citation for each in self.other_years)

    def to_dict(self) -> dict:
        """Plain data in the shape of the HTTP contract."""
        return {
            "id": self.id, "question": self.question, "understood": self.understood,
            "answered": self.answered, "answer": self.text, "highlights": [list(span) for span in self.highlights],
            "confidence": self.confidence, "citations": [c.to_dict() for c in self.citations],
            "passages": [p.to_dict() for p in self.passages], "suggestions": list(self.suggestions),
            "timings_ms": self.timings_ms, "index_version": self.index_version,
            "other_years": [each.to_dict() for each in self.other_years]}

    @classmethod
    def from_dict(cls, plain: Mapping) -> "Answer":
        """The answer that :meth:`to_dict` wrote, perhaps by way of JSON, perhaps before answers had other years.

        :raises ValueError: as when one is made.
        """
        return cls(
            id=plain["id"], question=plain["question"], understood=plain["understood"], text=plain["answer"],
            confidence=plain["confidence"], citations=tuple(map(Citation.from_dict, plain["citations"])),
            highlights=tuple((start, end) for start, end in plain["highlights"]),
            passages=tuple(map(RankedPassage.from_dict, plain["passages"])), suggestions=tuple(plain["suggestions"]),
            timings_ms=dict(plain["timings_ms"]), index_version=plain["index_version"],
            other_years=tuple(map(OtherYear.from_dict, plain.get("other_years", ()))))
