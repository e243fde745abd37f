"""One query looked up in the documents: all that was seen on the way to what was found."""

from dataclasses import dataclass

from qa.evidence import Evidence
from qa.joining import Found
from qa.question import Query
from qa.reader import Reading
from qa.retriever import Retrieval


@dataclass(frozen=True, slots=True)
class Lookup:
    """:ivar query: without terms of other wordings that no passage holds.
    :ivar retrieval: the passages that were ranked.
    :ivar evidence: the sentences and windows of the best of them.
    :ivar reading: what the reader made of these.
    """

    query: Query
    retrieval: Retrieval
    evidence: Evidence
    reading: Reading
    found: Found
