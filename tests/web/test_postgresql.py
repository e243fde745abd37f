"""The whole service over PostgreSQL: taking in, asking, changing, and a server that was away."""

import json
import time
from urllib.error import HTTPError

import pytest

from qa.service import AnswerService
from qa.settings import Settings
from tests.web.conftest import Workers
from web.records.database import connect
from web.records.keys import ASK, READ, WRITE, Keys

NEWS = {"title": "云溪港统计公报", "text": "2021年，云溪港完成货物吞吐量810万吨。"}


@pytest.fixture
def settings(tmp_path, postgresql) -> Settings:
    return Settings(home=tmp_path / "data", database_url=postgresql.database())


@pytest.fixture
def server(settings, tmp_path, tiny_reports):
    """One worker over the tiny corpus: of two, one would take up a new report later than the other."""
    AnswerService.index(settings, [tiny_reports])
    server = Workers(settings.home, tmp_path / "counted", QA_DATABASE_URL=settings.database_url, QA_WORKERS="1")
    yield server
    server.stop()


def until(holds):
    deadline = time.monotonic() + 60
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(1)
    return found


def test_a_report_is_taken_in_and_answers_by_way_of_postgresql(server, settings, postgresql):
    records = connect(settings.home, settings.database_url)
    headers = {"Authorization": f"Bearer {Keys(records).create('办公系统', [ASK, READ, WRITE])[1]}"}
    records.dispose()

    def ask(question):
        return json.loads(server.open("/api/v1/ask", {"question": question}, **headers))

    assert "1286.4" in ask("2021年云溪市生产总值是多少？")["answer"]
    [job] = json.loads(server.open("/api/v1/documents", NEWS, **headers))["jobs"]
    done = until(lambda: (found := json.loads(server.open(job["url"], **headers)))["state"] in ("done", "failed") and found)
    assert done["state"] == "done", done["message"]
    until(lambda: ask("云溪港完成货物吞吐量多少？")["answer"] == "2021年，云溪港完成货物吞吐量810万吨。")
    [document] = done["document_ids"]
    assert "810万吨" in server.open(f"/api/v1/documents/{document}/original", **headers)
    postgresql.stop()
    try:
        with pytest.raises(HTTPError) as caught:
            ask("2021年云溪市生产总值是多少？")
        assert (caught.value.code, json.loads(caught.value.read())["error"]["code"]) == (503, "database_unreachable")
    finally:
        postgresql.start()
    assert "1286.4" in ask("2021年云溪市生产总值是多少？")["answer"]
    assert sorted(path.suffix for path in settings.home.iterdir() if "sqlite" in path.suffix) == []
    status, log = server.stop()
    assert status == 0
    assert "words" not in log and "Traceback" in log  # of the time without a server
