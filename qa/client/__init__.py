"""The API from Python::

    with Client("https://reports.example.org", key="rq_…") as client:
        answer = client.ask("2020年许昌市生产总值是多少？")
        print(answer.text, [client.link(citation) for citation in answer.citations])

Imports nothing that answers: neither the index nor a model.
"""

from qa.answer import Answer, Citation, SearchResult
from qa.client.client import Client
from qa.client.connection import ApiError
from qa.client.results import Document, DocumentSummary, Job, JobFailed
from qa.filters import Filters

__all__ = ["Answer", "ApiError", "Citation", "Client", "Document", "DocumentSummary", "Filters", "Job", "JobFailed",
           "SearchResult"]
