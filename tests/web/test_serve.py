"""The server process: an address that is clear, an index that stays fresh, a port that may be taken."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from urllib.parse import quote

import pytest

from qa.service import AnswerService
from qa.settings import Settings
from tests.web.records.test_runs import BEGINNER, ROOT
from web import serve
from web.records.database import connect
from web.records.runs import BROKEN, Runs

NEW = "---\ntitle: 云溪市统计快报\npublished: 2023-02-01\n---\n2022年，云溪市新增市场主体4.4万户。\n"


@pytest.fixture
def own(tmp_path, tiny_reports, encoder) -> AnswerService:
    """A service on a home of its own, whose index may be changed."""
    settings = Settings(home=tmp_path / "data")
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    return AnswerService.open(settings, encoder)


def test_a_taken_port_is_said_clearly():
    with serve.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(serve.AddressUnavailable, match=f"127.0.0.1:{port} 已被占用.*is taken: stop the program"):
            serve.listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_an_address_of_elsewhere_is_said_clearly(host):
    with pytest.raises(serve.AddressUnavailable, match="请检查 --host.*check --host"):
        serve.listen(host, 0)


def test_a_new_index_is_taken_up_while_serving(own, tiny_reports, encoder, monkeypatch):
    monkeypatch.setattr(serve, "REFRESH_SECONDS", 0.02)
    stop = Event()
    keeper = Thread(target=serve.keep_fresh, args=(own, stop))
    keeper.start()
    before = own.index_version
    (tiny_reports / "news.md").write_text(NEW, encoding="utf-8")
    AnswerService.index(own.settings, [tiny_reports], encoder=encoder)
    deadline = time.monotonic() + 10
    while own.index_version == before and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    keeper.join()
    assert own.status()["documents"] == 5


def test_a_broken_new_index_leaves_the_old_one_in_service(own, monkeypatch, caplog):
    stop = Event()

    def refresh():
        stop.set()
        raise OSError("disk gone")

    monkeypatch.setattr(serve, "REFRESH_SECONDS", 0)
    monkeypatch.setattr(own, "refresh", refresh)
    serve.keep_fresh(own, stop)
    assert "goes on with the one it has" in caplog.text
    assert own.status()["documents"] == 4


def test_one_trouble_is_told_once(own, monkeypatch, caplog):
    stop, troubles = Event(), iter(("disk gone", "disk gone", "disk full", "disk gone"))

    def refresh():
        trouble = next(troubles, None)
        if trouble is None:
            return stop.set()
        raise OSError(trouble)

    monkeypatch.setattr(serve, "REFRESH_SECONDS", 0)
    monkeypatch.setattr(own, "refresh", refresh)
    serve.keep_fresh(own, stop)
    assert [record.exc_info[1].args[0] for record in caplog.records if record.exc_info] == ["disk gone", "disk full", "disk gone"]


def counted(server):
    """What all workers have counted, by name and labels."""
    return dict(line.rsplit(" ", 1) for line in server.open("/metrics").splitlines() if not line.startswith("#"))


def test_workers_serve_and_count_together_also_after_one_was_killed(workers, tmp_path):
    left = subprocess.run([sys.executable, "-c", BEGINNER, str(tmp_path / "data"), ""], cwd=ROOT, check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True).stdout
    server = workers()
    assert Runs(connect(tmp_path / "data"), tmp_path / "data").find(int(left)).state == BROKEN
    asked = 0

    def ask_until_all_have_counted():
        nonlocal asked
        while not all(list(server.folder.glob(f"*/counter_{pid}.db")) for pid in server.pids) or len(server.pids) < 2:
            with ThreadPoolExecutor(8) as threads:
                for reply in threads.map(lambda _: server.open("/api/v1/ask", {"question": "班列何时发车？"}), range(8)):
                    assert json.loads(reply)["index_version"]
            asked += 8

    ask_until_all_have_counted()
    os.kill(server.pids[0], signal.SIGKILL)
    ask_until_all_have_counted()
    server.open(f"/?q={quote('班列何时发车？')}")
    found = counted(server)
    assert found['reportqa_questions_total{surface="api"}'] == f"{asked}.0"
    assert found['reportqa_questions_total{surface="page"}'] == "1.0"
    assert found['reportqa_stage_seconds_count{stage="total"}'] == f"{asked + 1}.0"
    assert found['reportqa_http_request_seconds_count{method="POST",route="/api/v1/ask",status="200"}'] == f"{asked}.0"
    assert found["reportqa_index_documents"] == "4.0"
    assert "https:" not in server.open("/embed/example", **{"X-Forwarded-Proto": "https"})  # says nobody whom QA_PROXIES believes
    status, log = server.stop()
    assert status == 0
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["status"] for line in lines if line.get("path") == "/api/v1/ask"] == [200] * asked
    assert "班列" not in log and "%E7%8F%AD" not in log


def test_serving_without_an_index_says_what_to_run(tmp_path, launch):
    server = launch({"QA_HOME": str(tmp_path / "none"), "QA_PORT": "0"})
    _, log = server.communicate(timeout=60)
    assert server.returncode == serve.UNAVAILABLE
    assert "python -m qa index" in log
    assert "Traceback" not in log


def test_serving_on_a_taken_port_says_so(tmp_path, launch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = launch({"QA_HOME": str(tmp_path), "QA_PORT": str(taken.getsockname()[1])})
        _, log = server.communicate(timeout=60)
    assert server.returncode == serve.UNAVAILABLE
    assert "已被占用" in log
    assert "Traceback" not in log
