"""Slices of documents to citations that open the report at that place."""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from corpus.document import Document, Metadata, Passage
from corpus.snapshot import Entry
from qa.answer import Citation, RankedPassage
from qa.quoting import Quote
from qa.retriever import Hit


def compose(quotes: Sequence[Quote], document: Callable[[str], Document],
            ) -> tuple[str, tuple[Citation, ...], tuple[tuple[int, int], ...]]:
    """An answer's text, its citations and its highlights, as :class:`qa.answer.Answer` takes them.

    :param document: a document by its id.
    """
    citations, highlights, offset = [], [], 0
    for quote in quotes:
        citation = cite(document(quote.document_id), quote.start, quote.end)
        citations.append(citation)
        if quote.highlight is not None:
            start, end = quote.highlight
            highlights.append((offset + start - quote.start, offset + end - quote.start))
        offset += len(citation.quote) + 1
    return "\n".join(citation.quote for citation in citations), tuple(citations), tuple(highlights)


def cite(document: Document, start: int, end: int) -> Citation:
    """A citation of ``document.text[start:end]``."""
    return _citation(document.id, document.source, document.metadata, start, end, document.text[start:end],
                     document.section_path(start), document.page(start))


def ranked(hit: Hit, passage: Passage, entry: Entry) -> RankedPassage:
    """A retrieved passage with why it was retrieved; single characters that matched are not worth showing."""
    citation = _citation(passage.document_id, entry.source, entry.metadata, passage.start, passage.end, passage.text,
                         passage.section, passage.page)
    return RankedPassage(citation, hit.score, hit.bm25, hit.vector,
                         tuple(term for term in hit.matched if len(term) > 1))


def _citation(document_id: str, source: str, metadata: Metadata, start: int, end: int, quote: str,
              section: tuple[str, ...], page: int | None) -> Citation:
    return Citation(
        document_id=document_id, title=metadata.title, issuer=metadata.issuer, region=metadata.region,
        published=metadata.published, report_year=metadata.report_year, source=source, page=page, section=section,
        start=start, end=end, quote=quote,
        url=f"/reports/{document_id}?{urlencode({'start': start, 'end': end})}")
