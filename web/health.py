"""For those who run the service: is it alive, is it ready, what has it done."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from web import failures
from web.desk import desk
from web.operation import operation
from web.replies import AliveReply, ReadyReply

TAG = "运行 Operation"

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@operation(tag=TAG, summary="是否在运行 Is it alive", gives=AliveReply)
def healthz() -> dict:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@operation(tag=TAG, summary="是否就绪 Is it ready", gives=ReadyReply, failures=failures.INDEX)
def readyz() -> dict:
    """An index is loaded; 503 with the remedy where none is."""
    return {"status": "ready"} | desk().service.status()


@blueprint.get("/metrics")
@operation(tag=TAG, summary="指标 Metrics", media={"text/plain": "Prometheus 的格式。 In Prometheus' format."})
def metrics() -> Response:
    """Counters and histograms for Prometheus."""
    return Response(desk().metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
