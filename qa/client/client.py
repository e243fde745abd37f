"""A service, as a program asks it: each request of the API as a method."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Unpack
from urllib.parse import quote

from qa.answer import Answer, Citation, SearchResult
from qa.client.connection import UNREACHABLE, ApiError, Connection
from qa.client.results import Document, DocumentSummary, Job, JobFailed, Known
from qa.filters import NO_FILTERS, Filters

DOCUMENTS = "/api/v1/documents"
BATCH = 50  # questions asked at a time, as many as the API takes
PAGE = 200  # documents fetched at a time, as many as the API gives
AGAIN = 2  # seconds after which a job is asked for again, where the service does not let it be followed


class Client:
    """A client of one service; may be shared by threads. Every method raises :class:`ApiError` where its call fails.

    Calls are made again, with growing pauses, where the service is busy, asks to wait, or does not answer; those that change
    something only where they certainly did not arrive.

    :param address: of the service, such as ``https://reports.example.org``.
    :param key: a key of the API; empty where none is needed.
    :param timeout: seconds within which the service must say something.
    :param retries: how often a failed call is made again.
    """

    def __init__(self, address: str = "http://127.0.0.1:8000", key: str = "", *, timeout: float = 30.0, retries: int = 3) -> None:
        self._service = Connection(address, key, timeout, retries)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def ask(self, question: str, *, history: Sequence[str] = (), filters: Filters = NO_FILTERS, top_k: int = 10) -> Answer:
        """The answer to a question, or an abstention.

        :param history: the questions asked before it, oldest first; a follow-up is understood from them.
        :param top_k: most passages returned beside the answer.
        """
        return self._service.read(Answer.from_dict, "POST", "/api/v1/ask", _question(question, history, filters, top_k))

    def stream(self, question: str, *, history: Sequence[str] = (), filters: Filters = NO_FILTERS, top_k: int = 10,
               ) -> Iterator[SearchResult | Answer]:
        """What :meth:`search` finds as soon as it is found, then what :meth:`ask` answers."""
        told = self._service.events(_told, "POST", "/api/v1/ask", _question(question, history, filters, top_k))
        return (each for each in told if each is not None)

    def ask_batch(self, questions: Iterable[str], *, filters: Filters = NO_FILTERS, top_k: int = 10) -> Iterator[Answer | ApiError]:
        """What comes of each question, in their order: its answer, or the error that it would raise alone.

        :param questions: any number, sent :data:`BATCH` at a time; none is understood from another.
        """
        waiting = iter(questions)
        while some := list(islice(waiting, BATCH)):
            body = {"questions": [_question(question, (), filters, top_k) for question in some]}
            yield from self._service.read(lambda plain: tuple(map(_result, plain["results"])), "POST", "/api/v1/ask/batch", body)

    def search(self, question: str, *, history: Sequence[str] = (), filters: Filters = NO_FILTERS, top_k: int = 10) -> SearchResult:
        """The passages that are found for a question, in the order of the retrieval, without an answer."""
        return self._service.read(SearchResult.from_dict, "POST", "/api/v1/search", _question(question, history, filters, top_k))

    def feedback(self, answer_id: str, helpful: bool, comment: str = "") -> None:
        """Say what someone thinks of an answer, in the place of what was said of it before."""
        self._service.call("POST", f"/api/v1/answers/{quote(answer_id, safe='')}/feedback",
                           {"verdict": 1 if helpful else -1, "comment": comment})

    def suggestions(self, limit: int = 6) -> tuple[str, ...]:
        """Questions that what is indexed can answer."""
        return self._service.read(lambda plain: tuple(plain["suggestions"]), "GET", "/api/v1/suggestions", fields={"limit": limit})

    def documents(self, filters: Filters = NO_FILTERS) -> Iterator[DocumentSummary]:
        """All documents, newest first, fetched as they are needed."""
        chosen = [(name, value) for name, values in asdict(filters).items() for value in values]
        offset, total = 0, 1
        while offset < total:
            found, total = self._service.read(_page, "GET", DOCUMENTS, fields=[*chosen, ("offset", offset), ("limit", PAGE)])
            yield from found
            offset += PAGE

    def document(self, document_id: str) -> Document:
        """A document with its text."""
        return self._service.read(Document.from_dict, "GET", DOCUMENTS + _one(document_id))

    def original(self, document_id: str) -> bytes:
        """The file that a document was read from, as it was taken in."""
        return self._service.call("GET", f"{DOCUMENTS}{_one(document_id)}/original", accept="*/*").data

    def add_files(self, *paths: str | Path, **known: Unpack[Known]) -> tuple[Job, ...]:
        """Have files taken in, each by a job of its own.

        :param known: what is known of all of them.
        """
        return self._change("POST", "", fields=_form(paths, known))

    def add_text(self, title: str, text: str, *, markdown: bool = False, **known: Unpack[Known]) -> Job:
        """Have a text taken in.

        :param markdown: whether lines with # are headings.
        """
        return self._change("POST", "", _text(title, text, markdown, known))[0]

    def replace_by_file(self, document_id: str, path: str | Path, **known: Unpack[Known]) -> Job:
        """Have a file taken in as the new version of the whole file that a document was read from."""
        return self._change("PUT", _one(document_id), fields=_form([path], known))[0]

    def replace_by_text(self, document_id: str, title: str, text: str, *, markdown: bool = False, **known: Unpack[Known]) -> Job:
        """The same with a text."""
        return self._change("PUT", _one(document_id), _text(title, text, markdown, known))[0]

    def correct(self, document_id: str, *, title: str = "", **known: Unpack[Known]) -> Job:
        """Have corrected what is known of a document; what is not named stays."""
        return self._change("PATCH", _one(document_id), known | ({"title": title} if title else {}))[0]

    def remove(self, document_id: str) -> Job:
        """Have a document withdrawn: it answers nothing from then on, and is kept."""
        return self._change("DELETE", _one(document_id))[0]

    def restore(self, document_id: str) -> Job:
        """Have it answer again."""
        return self._change("POST", f"{_one(document_id)}/restore")[0]

    def follow(self, job: Job) -> Iterator[Job]:
        """A job each time that it has come on, until it has ended; goes on where the connection breaks off in between."""
        latest = None
        while not (latest and latest.ended):
            if latest:
                time.sleep(AGAIN)
            came = False
            try:
                for latest in self._service.events(lambda _, plain: Job.from_dict(plain), "GET", f"/api/v1/jobs/{job.id}"):
                    came = True
                    yield latest
            except ApiError as error:
                if error.code != UNREACHABLE or not came:
                    raise

    def wait(self, job: Job) -> Job:
        """A job when it is done. Questions are then answered from what came of it.

        :raises JobFailed: it failed.
        """
        *_, ended = self.follow(job)
        if ended.state != "done":
            raise JobFailed(ended)
        return ended

    def link(self, cited: Citation | DocumentSummary) -> str:
        """The address at which a browser shows a document, at the quote of a citation."""
        return self._service.address + cited.url

    def _change(self, method: str, path: str, body: object = None, **options: object) -> tuple[Job, ...]:
        """Order a change; the jobs that make it."""
        return self._service.read(lambda plain: tuple(map(Job.from_dict, plain["jobs"])), method, f"{DOCUMENTS}{path}", body, repeat=False, **options)


def _one(document_id: str) -> str:
    return f"/{quote(document_id, safe='')}"


def _text(title: str, text: str, markdown: bool, known: Known) -> dict:
    return {"title": title, "text": text, "format": "markdown" if markdown else "text"} | known


def _form(paths: Sequence[str | Path], known: Known) -> list[tuple[str, object]]:
    """The fields of a form with files. :raises ValueError: something is said to be none, which a form cannot say."""
    if None in known.values():
        raise ValueError("of a file it cannot be said that it has none: correct what came of it")
    return [*(("files", (Path(path).name, Path(path).read_bytes())) for path in paths), *((name, str(value)) for name, value in known.items())]


def _question(question: str, history: Sequence[str], filters: Filters, top_k: int) -> dict:
    return {"question": question, "history": list(history), "filters": asdict(filters), "top_k": top_k}


def _told(name: str, plain: Mapping) -> SearchResult | Answer | None:
    """What an event says of a question; None for those that say nothing of it."""
    shape = {"passages": SearchResult.from_dict, "answer": Answer.from_dict}.get(name)
    return shape and shape(plain)


def _result(plain: Mapping) -> Answer | ApiError:
    """What came of one question of a batch."""
    if "error" not in plain:
        return Answer.from_dict(plain)
    return ApiError.from_dict(plain["error"])


def _page(plain: Mapping) -> tuple[tuple[DocumentSummary, ...], int]:
    """The documents of one page, and how many there are in all."""
    return tuple(map(DocumentSummary.from_dict, plain["documents"])), int(plain["total"])
