"""Many people ask at once, of the real server.

How soon the calls are acknowledged is printed: ``python -m pytest tests/web/bots/test_burst.py -rP``, on a machine that does
nothing else. The tests themselves are more patient than the platforms, because machines that run tests do other work.
"""

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request

import pytest

from qa.service import AnswerService
from qa.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
PEOPLE = 200
PATIENCE = 10
QUESTION, FIGURE = "2021年云溪市生产总值是多少？", "1286.4亿元"


@pytest.fixture
def servers():
    """The servers that were started. None may fail until it is stopped."""
    started = []
    yield started
    for server in started:
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=60)
        assert "Traceback" not in log


@pytest.fixture
def start(servers, tmp_path, tiny_reports):
    """Starts the server with the settings of a bot; its address."""
    def go(**bot: str) -> str:
        settings = Settings(home=tmp_path / "data", port=0, **bot)
        AnswerService.index(settings, [tiny_reports])
        servers.append(subprocess.Popen([sys.executable, "-m", "web.serve"], cwd=ROOT, env=os.environ | settings.to_environment(),
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return re.search(r"http://\S+", "".join(islice(servers[0].stdout, 2)))[0]

    return go


def ask_at_once(call: Callable[[str], Request], limit: float) -> list[bytes]:
    """What is answered to the call of each of many people.

    :param limit: seconds that the platform waits.
    """
    def ask(person: int) -> tuple[bytes, float]:
        begun = time.perf_counter()
        with urllib.request.urlopen(call(str(person)), timeout=PATIENCE * limit) as reply:
            return reply.read(), time.perf_counter() - begun

    with ThreadPoolExecutor(PEOPLE) as pool:
        replies, seconds = zip(*pool.map(ask, range(PEOPLE)))
    print(f"acknowledged after {statistics.median(seconds):.2f} s, the last after {max(seconds):.2f} s; the platform waits {limit} s")
    return list(replies)


def test_wecoms_200_calls_at_once_are_acknowledged_in_time_and_all_answered(start, tencent, exchange):
    exchange.answers["/cgi-bin/gettoken"] = {"access_token": "t1", "expires_in": 7200}
    wecom = tencent("/bots/wecom", "corp")
    address = start(wecom_corp_id="corp", wecom_agent_id="1", wecom_secret="s", wecom_token=wecom.token, wecom_aes_key=wecom.key,
                    wecom_api=exchange.address)

    def call(person):
        query, sealed = wecom.sealed(f"<xml><ToUserName>corp</ToUserName><FromUserName>{person}</FromUserName><MsgId>{person}</MsgId>"
                                     f"<MsgType>text</MsgType><Content>{QUESTION}</Content></xml>")
        return Request(f"{address}{wecom.path}?{urlencode(query)}", wecom.wrap(sealed).encode())

    at_once = sum(map(bool, ask_at_once(call, limit=5)))
    got = [exchange.wait() for _ in range(1 + PEOPLE - at_once)]
    sent = Counter(each.json["touser"] for each in got if "message/send" in each.path)
    assert len(sent) == PEOPLE - at_once
    assert set(sent.values()) == {1}
    assert all(FIGURE in each.json["text"]["content"] for each in got if "message/send" in each.path)


def test_feishus_200_calls_at_once_are_acknowledged_in_time_and_all_answered(start, feishu):
    address = start(**feishu.settings)

    def call(person):
        body = feishu.sealed(feishu.message(QUESTION, id=f"om_{person}"))
        return Request(f"{address}{feishu.path}", body, feishu.headers(body))

    assert set(ask_at_once(call, limit=3)) == {b"{}\n"}
    sent = Counter(got.path for got, card in (feishu.heard() for _ in range(PEOPLE)) if FIGURE in json.dumps(card, ensure_ascii=False))
    assert sent == {f"/open-apis/im/v1/messages/om_{person}/reply": 1 for person in range(PEOPLE)}


def test_slacks_200_calls_at_once_are_acknowledged_in_time_and_all_answered(start, slack):
    address = start(**slack.settings)
    assert set(ask_at_once(lambda person: Request(f"{address}{slack.path}", *slack.signed(
        slack.message(QUESTION, user=person, channel=f"D{person}"))), limit=3)) == {b""}
    sent = Counter(said["channel"] for _, said in (slack.heard() for _ in range(PEOPLE)) if FIGURE in said["text"])
    assert sent == {f"D{person}": 1 for person in range(PEOPLE)}


def test_what_was_acknowledged_is_answered_also_where_the_server_is_stopped(servers, start, feishu):
    address = start(**feishu.settings)
    for person in range(10):
        body = feishu.sealed(feishu.message(QUESTION, id=f"om_{person}"))
        urllib.request.urlopen(Request(f"{address}{feishu.path}", body, feishu.headers(body))).close()
    servers[0].send_signal(signal.SIGTERM)
    assert {feishu.heard()[0].path for _ in range(10)} == {f"/open-apis/im/v1/messages/om_{person}/reply" for person in range(10)}


def test_telegrams_200_calls_at_once_are_acknowledged_in_time_and_all_answered(start, telegram):
    address = start(**telegram.settings)

    def call(person):
        update = telegram.message(QUESTION, chat={"id": int(person), "type": "private"})
        return Request(f"{address}{telegram.path}", json.dumps(update).encode(), telegram.headers())

    said = [json.loads(reply) for reply in ask_at_once(call, limit=10) if reply]
    said += [telegram.heard()[1] for _ in range(PEOPLE - len(said))]
    assert Counter(each["chat_id"] for each in said if FIGURE in each["text"]) == dict.fromkeys(range(PEOPLE), 1)


def test_dingtalks_200_calls_at_once_are_acknowledged_in_time_and_all_answered(start, dingtalk):
    address = start(**dingtalk.settings)

    def call(person):
        message = dingtalk.message(QUESTION, senderStaffId=person, msgId=person, sessionWebhook=dingtalk.address + person)
        return Request(f"{address}{dingtalk.path}", json.dumps(message).encode(), dingtalk.headers())

    assert set(ask_at_once(call, limit=5)) == {b"{}"}
    assert answered_by_dingtalk(dingtalk) == {f"/robot/sendBySession?session=1{person}": 1 for person in range(PEOPLE)}


def test_dingtalks_200_frames_at_once_on_connections_of_two_processes_are_acknowledged_and_all_answered(start, dingtalk, gateway):
    start(**dingtalk.settings, dingtalk_stream=True, workers=2)
    connections = [gateway.connection() for _ in range(2)]
    opened = [dingtalk.exchange.wait().path for _ in connections]
    assert opened == ["/v1.0/gateway/connections/open"] * 2
    for person in map(str, range(PEOPLE)):
        message = dingtalk.message(QUESTION, senderStaffId=person, sessionWebhook=dingtalk.address + person)
        connections[int(person) % 2].send(gateway.message(message))
    assert {gateway.told.get(timeout=30)["code"] for _ in range(PEOPLE)} == {200}
    assert answered_by_dingtalk(dingtalk) == {f"/robot/sendBySession?session=1{person}": 1 for person in range(PEOPLE)}


def answered_by_dingtalk(dingtalk) -> Counter:
    """How often each address of a conversation was sent the figure, of the next messages sent."""
    sent = [dingtalk.exchange.wait() for _ in range(PEOPLE)]
    return Counter(got.path for got in sent if FIGURE in got.body.decode())
