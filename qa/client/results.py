"""What the API says of documents and of changes of them, as plain values; answers are :class:`qa.answer.Answer`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypedDict

from corpus.document import Section


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text.

    :ivar published: ISO date, as exact as is known, or None.
    :ivar number: the document number (文号).
    :ivar origin: the publication that it names as its own source.
    :ivar origin_url: where it was published.
    :ivar source: path of its file.
    :ivar url, original: paths of the viewer and of the file as it was taken in.
    """

    id: str
    title: str
    issuer: str | None
    region: str | None
    published: str | None
    report_year: int | None
    number: str | None
    origin: str | None
    origin_url: str | None
    source: str
    characters: int
    url: str
    original: str

    @classmethod
    def from_dict(cls, plain: Mapping) -> "DocumentSummary":
        """From the API's JSON; what it may say besides is passed over."""
        return cls(**{each.name: plain[each.name] for each in fields(cls)})


@dataclass(frozen=True, slots=True)
class Document(DocumentSummary):
    """A document with its text.

    :ivar pages: ``(page number, offset at which it begins)``; empty where the format has no pages.
    :ivar passages: how many it was cut into.
    """

    text: str
    outline: tuple[Section, ...]
    pages: tuple[tuple[int, int], ...]
    passages: int

    @classmethod
    def from_dict(cls, plain: Mapping) -> "Document":
        """From the API's JSON; what it may say besides is passed over."""
        own = {"outline": tuple(Section(**{each.name: section[each.name] for each in fields(Section)}) for section in plain["outline"]),
               "pages": tuple((page["page"], page["start"]) for page in plain["pages"])}
        return cls(**{each.name: plain[each.name] for each in fields(cls)} | own)


class Known(TypedDict, total=False):
    """What is known of a document; what is left out is read off it. None says that it has none."""

    issuer: str | None
    region: str | None
    published: str | None
    report_year: int | None
    number: str | None
    origin_url: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """A change of the library, which the service makes in its turn.

    :ivar kind: ``file``, ``address``, ``correct``, ``remove``, ``restore`` or ``purge``.
    :ivar subject: what people know it by, such as the name of a file.
    :ivar state: ``waiting``, ``running``, ``done`` or ``failed``.
    :ivar stages: how far it has come: the count at each stage.
    :ivar message: why it failed, or what there is to know of it.
    :ivar document_id: of the document that it changes.
    :ivar document_ids: of the documents that came of it; where it failed, of those that are the same.
    """

    id: int
    kind: str
    subject: str
    state: str
    stages: dict[str, int]
    message: str | None
    document_id: str | None
    document_ids: tuple[str, ...]

    @property
    def ended(self) -> bool:
        """Whether it is done or failed."""
        return self.state in ("done", "failed")

    @classmethod
    def from_dict(cls, plain: Mapping) -> "Job":
        """From the API's JSON; what it may say besides is passed over."""
        return cls(**{each.name: plain[each.name] for each in fields(cls)} | {"document_ids": tuple(plain["document_ids"])})


class JobFailed(Exception):
    """A change of the library failed.

    :ivar job: which; its message says why.
    """

    def __init__(self, job: Job) -> None:
        super().__init__(job.message)
        self.job = job
