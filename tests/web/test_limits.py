"""Limits that are counted in Redis: by all together, and by each alone while it is away."""

import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.error import HTTPError

import pytest
from redis import Redis
from redis.exceptions import RedisError

from web.app import create_app
from web.records.database import connect
from web.records.keys import ASK, READ, Keys

PASSWORD = "words:of/redis"
QUESTION = {"question": "2021年云溪市生产总值是多少？"}


class Server:
    """A redis-server of its own."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://:words%3Aof%2Fredis@127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD], stdout=subprocess.DEVNULL)
        until(self.answers)

    def answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as redis:
                return redis.ping()
        except RedisError:
            return False

    def counted(self) -> list[bytes]:
        with Redis.from_url(self.url) as redis:
            return redis.keys()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def until(holds) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def redis():
    """A redis-server that may be killed."""
    if not shutil.which("redis-server"):
        pytest.skip("needs redis-server: apt-get install redis-server")
    server = Server()
    yield server
    server.kill()


@pytest.fixture
def asker(service, tmp_path):
    """Makes a client of another application with the same keys; it asks with one that may ask three times a minute."""
    key, secret = Keys(connect(tmp_path)).create("客服", [ASK, READ], per_minute=3)

    def make(url):
        client = create_app(service, replace(service.settings, home=tmp_path, limiter_url=url)).test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return client

    return make


def ask(client):
    return client.post("/api/v1/ask", json=QUESTION).status_code


def test_all_who_share_a_redis_count_together(asker, redis):
    one, other = asker(redis.url), asker(redis.url)
    assert [ask(client) for client in (one, other, one, other, one)] == [200, 200, 200, 429, 429]
    assert "reportqa_limiter_up 1.0" in one.get("/metrics").text
    assert any(b"reportqa" in name for name in redis.counted())


def test_worker_processes_count_together(workers, redis, tmp_path):
    _, secret = Keys(connect(tmp_path / "data")).create("客服", [ASK], per_minute=5)
    server = workers(QA_LIMITER_URL=redis.url)

    def status(_):
        try:
            server.open("/api/v1/ask", QUESTION, Authorization=f"Bearer {secret}")
        except HTTPError as error:
            return error.close() or error.code
        return 200

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(status, range(40))) == [200] * 5 + [429] * 35
    assert PASSWORD not in server.stop()[1]


def test_in_memory_each_counts_alone(asker):
    one, other = asker(""), asker("")
    assert [ask(client) for client in (one, one, one, one, other)] == [200, 200, 200, 429, 200]
    assert "reportqa_limiter_up" not in one.get("/metrics").text


def test_an_allowance_is_for_all_calls_of_the_api_together(asker):
    client = asker("")
    assert [client.get("/api/v1/documents").status_code, ask(client), client.get("/v1/models").status_code, ask(client)] == [200, 200, 200, 429]


def test_while_redis_is_away_each_counts_alone_and_afterwards_together_again(asker, redis, caplog):
    client = asker(redis.url)
    assert ask(client) == 200
    redis.kill()
    assert [ask(client) for _ in range(4)] == [200, 200, 200, 429]
    assert "falling back to in-memory storage" in caplog.text
    assert PASSWORD not in caplog.text
    assert "reportqa_limiter_up 0.0" in client.get("/metrics").text
    redis.start()
    until(lambda: ask(client) == 200)
    assert "reportqa_limiter_up 1.0" in client.get("/metrics").text
    assert redis.counted()


def test_nobody_is_kept_waiting_or_turned_away_by_a_redis_that_hangs(service, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        app = create_app(service, replace(service.settings, home=tmp_path, limiter_url=url, api_open="everyone"))

        def call(number):
            return app.test_client().get("/api/v1/documents", environ_base={"REMOTE_ADDR": f"203.0.113.{number}"}).status_code

        with ThreadPoolExecutor(8) as threads:
            assert set(threads.map(call, range(40))) == {200}
