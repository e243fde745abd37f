"""A service, as a program asks it: each request of the API as a method."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from urllib.parse import quote

from qa.answer import Answer, Citation
from qa.client.connection import Connection
from qa.client.results import Document, DocumentSummary
from qa.filters import NO_FILTERS, Filters

PAGE = 200  # documents fetched at a time, as many as the API gives


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
            found, total = self._service.read(_page, "GET", "/api/v1/documents", fields=[*chosen, ("offset", offset), ("limit", PAGE)])
            yield from found
            offset += PAGE

    def document(self, document_id: str) -> Document:
        """A document with its text."""
        return self._service.read(Document.from_dict, "GET", f"/api/v1/documents/{quote(document_id, safe='')}")

    def original(self, document_id: str) -> bytes:
        """The file that a document was read from, as it was taken in."""
        return self._service.call("GET", f"/api/v1/documents/{quote(document_id, safe='')}/original", accept="*/*").data

    def link(self, cited: Citation | DocumentSummary) -> str:
        """The address at which a browser shows a document, at the quote of a citation."""
        return self._service.address + cited.url


def _question(question: str, history: Sequence[str], filters: Filters, top_k: int) -> dict:
    return {"question": question, "history": list(history), "filters": asdict(filters), "top_k": top_k}


def _page(plain: Mapping) -> tuple[tuple[DocumentSummary, ...], int]:
    """The documents of one page, and how many there are in all."""
    return tuple(map(DocumentSummary.from_dict, plain["documents"])), int(plain["total"])
