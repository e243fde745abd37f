"""For those who run the service: is it alive, is it ready, what has it done."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from web.desk import desk

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> dict:
    """An index is loaded; 503 with the remedy where none is."""
    return {"status": "ready"} | desk().service.status()


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counters and histograms for Prometheus."""
    return Response(desk().metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
