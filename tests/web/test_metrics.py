"""What is counted, as Prometheus reads it."""

import re
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from web.app import create_app

OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
QUESTION = {"question": "2021年云溪市生产总值是多少？"}


@pytest.fixture
def client(service):
    """A client of an application that has counted nothing yet."""
    return create_app(service, service.settings).test_client()


def scraped(client):
    """Every sample, by its name and labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {(sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples}


def test_questions_abstentions_and_the_time_of_each_stage_are_counted(client, doubtful):
    timings = client.post("/api/v1/ask", json=QUESTION).json["timings_ms"]
    client.get("/", query_string={"q": QUESTION["question"]})
    found = scraped(client)
    assert found["reportqa_questions_total", ("surface", "api")] == found["reportqa_questions_total", ("surface", "page")] == 1
    assert {name[1][1] for name in found if name[0] == "reportqa_stage_seconds_count"} == timings.keys()
    assert found["reportqa_stage_seconds_count", ("stage", "total")] == 2
    assert ("reportqa_abstentions_total", ("surface", "api")) not in found
    before = scraped(doubtful).get(("reportqa_abstentions_total", ("surface", "api")), 0)
    doubtful.post("/api/v1/ask", json=QUESTION)
    assert scraped(doubtful)["reportqa_abstentions_total", ("surface", "api")] == before + 1


def test_requests_are_counted_by_route_and_errors_by_code(client):
    client.post("/api/v1/ask", json=QUESTION)
    for path in ("/api/v1/documents/0", "/api/v1/documents/1", "/no/such", "/page"):
        client.get(path)
    client.open("/nothing", method="SNEEZE")
    found = scraped(client)

    def requests(method, route, status):
        return found["reportqa_http_request_seconds_count", ("method", method), ("route", route), ("status", status)]

    assert requests("POST", "/api/v1/ask", "200") == 1
    assert requests("GET", "/api/v1/documents/<document_id>", "404") == 2
    assert requests("any", "none", "404") == 3
    assert found["reportqa_errors_total", ("code", "document_not_found")] == 2
    assert found["reportqa_errors_total", ("code", "not_found")] == 3


def test_the_index_is_told_with_its_size_and_age(client, service):
    found = scraped(client)
    assert found["reportqa_index_documents",] == service.status()["documents"]
    assert found["reportqa_index_passages",] == service.status()["passages"]
    assert 0 <= time.time() - found["reportqa_index_built_timestamp_seconds",] < 24 * 3600


def test_every_metric_is_documented(client):
    told = re.findall(r"^# HELP (\w+) ", client.get("/metrics").text, re.MULTILINE)
    documented = re.findall(r"^\| `(reportqa_\w+)` \|", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted([*told, "reportqa_limiter_up"])
