"""What is counted, in the format of Prometheus."""

import os
from collections.abc import Iterator
from datetime import datetime

from flask import Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from qa.answer import Answer
from qa.errors import IndexUnavailable
from qa.service import AnswerService

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class IndexState(Collector):
    """A collector that asks the service for the size and the age of its index when it is scraped."""

    def __init__(self, service: AnswerService) -> None:
        self._service = service

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Documents, passages and when they were indexed; nothing where no index is loaded."""
        try:
            status = self._service.status()
        except IndexUnavailable:
            return
        for name in ("documents", "passages"):
            yield GaugeMetricFamily(f"reportqa_index_{name}", f"{name.capitalize()} in the index.", status[name])
        yield GaugeMetricFamily("reportqa_index_built_timestamp_seconds", "When the index was built; its age is time() less this.",
                                datetime.fromisoformat(status["built"]).timestamp())


class Metrics:
    """The counters of one application. With several workers, ``PROMETHEUS_MULTIPROC_DIR`` joins them."""

    def __init__(self, service: AnswerService) -> None:
        self._registry = CollectorRegistry()
        self._present = CollectorRegistry()
        self._present.register(IndexState(service))
        self.questions = Counter(
            "reportqa_questions", "Questions answered or abstained from.", ["surface"], registry=self._registry)
        self.abstentions = Counter(
            "reportqa_abstentions", "Questions without an answer.", ["surface"], registry=self._registry)
        self.errors = Counter("reportqa_errors", "Requests refused or failed.", ["code"], registry=self._registry)
        self.bot_calls = Counter("reportqa_bot_calls", "Calls of messaging platforms, by what became of them.",
                                 ["platform", "outcome"], registry=self._registry)
        self.seconds = Histogram("reportqa_stage_seconds", "Time spent on a question, by stage.", ["stage"],
                                 buckets=_SECONDS, registry=self._registry)
        self.requests = Histogram("reportqa_http_request_seconds", "Time until a request was responded to.", ["method", "route", "status"],
                                  buckets=_SECONDS, registry=self._registry)

    def watch(self, collector: Collector) -> None:
        """Ask a collector, too, whenever there is a scrape: what it tells is the same in every worker."""
        self._present.register(collector)

    def count(self, answer: Answer, surface: str) -> None:
        """Count one answer, or abstention, and the time of its stages."""
        self.questions.labels(surface).inc()
        if not answer.answered:
            self.abstentions.labels(surface).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self.seconds.labels(stage).observe(milliseconds / 1000)

    def time_request(self, request: Request, response: Response, seconds: float) -> None:
        """Count one request by its route, not its path, of which there is no end; those that lead nowhere together."""
        method, route = (request.method, request.url_rule.rule) if request.url_rule else ("any", "none")
        self.requests.labels(method, route, response.status_code).observe(seconds)

    def exposition(self) -> bytes:
        """Everything counted so far, by all workers."""
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return generate_latest(registry) + generate_latest(self._present)
