"""DingTalk's stream mode against a local server that plays DingTalk, in good order and in bad."""

import asyncio
import json
import logging
import threading
from collections import Counter
from queue import Empty

import pytest
from sqlalchemy import text
from websockets.asyncio.client import connect

from tests.web.bots.dingtalk_player import TOPIC
from web.bots import dingtalk_stream, outgoing

QUESTION, FIGURE = "2021年云溪市生产总值是多少？", "1286.4亿元"


@pytest.fixture
def start(bot_app, dingtalk, monkeypatch):
    """Starts an application that connects, and does not wait long to do it again; its bots end with the test."""
    monkeypatch.setattr(dingtalk_stream, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(outgoing, "READ", 0.5)
    started = []

    def go(**settings):
        app = bot_app(**dingtalk.settings | {"dingtalk_stream": True} | settings)
        app.extensions["reception"].listen()
        started.append(app)
        return app

    yield go
    for app in started:
        app.extensions["reception"].close()


@pytest.fixture
def app(start, gateway):
    return start()


def connecting() -> bool:
    """Whether any application keeps a connection, or tries to."""
    return any(thread.name == "dingtalk-stream" for thread in threading.enumerate())


def test_a_message_is_acknowledged_at_once_and_answered_with_a_card(app, dingtalk, gateway, slow, counted, eventually):
    frame = gateway.message(dingtalk.message(QUESTION))
    gateway.connection().send(frame)
    told = gateway.told.get(timeout=30)
    assert (told["code"], told["headers"]["messageId"]) == (200, json.loads(frame)["headers"]["messageId"])
    slow()
    assert FIGURE in dingtalk.heard()["actionCard"]["text"]
    eventually(lambda: counted(app) == {"sent": 1})
    assert gateway.asked == [{"clientId": dingtalk.client_id, "clientSecret": dingtalk.secret, "ua": "report-qa",
                              "subscriptions": [{"type": "CALLBACK", "topic": TOPIC}]}]


def test_dingtalks_sdk_tells_the_same_of_a_message_and_a_ping(app, dingtalk, gateway, monkeypatch):
    """It connects to the same gateway, so the gateway of the tests is DingTalk's as far as the SDK can say."""
    import dingtalk_stream as sdk

    monkeypatch.setattr(sdk.DingTalkStreamClient, "OPEN_CONNECTION_API", f"{dingtalk.exchange.address}/v1.0/gateway/connections/open")
    monkeypatch.setattr(sdk.DingTalkStreamClient, "get_host_ip", lambda self: "127.0.0.1")
    frames = [gateway.message(dingtalk.message(QUESTION)), gateway.frame("SYSTEM", "ping", {"opaque": "1"})]
    heard = []

    class Handler(sdk.ChatbotHandler):
        async def process(self, callback):
            heard.append(sdk.ChatbotMessage.from_dict(callback.data))
            return sdk.AckMessage.STATUS_OK, None

    async def answer():
        client = sdk.DingTalkStreamClient(sdk.Credential(dingtalk.client_id, dingtalk.secret), logging.getLogger("sdk"))
        client.register_callback_handler(TOPIC, Handler())
        opened = client.open_connection()
        async with connect(f"{opened['endpoint']}?ticket={sdk.stream.quote_plus(opened['ticket'])}") as client.websocket:
            for frame in frames:
                await client.route_message(json.loads(frame))

    ours = gateway.connection()
    asyncio.run(answer())
    theirs = [gateway.told.get(timeout=30) for _ in frames]
    assert heard[0].text.content.strip() == QUESTION
    for frame, expected in zip(frames, theirs):
        ours.send(frame)
        told = gateway.told.get(timeout=30)
        assert told | {"message": ""} == expected | {"message": ""}


def test_a_message_is_answered_once_though_it_comes_on_two_connections_and_over_http(app, start, dingtalk, gateway, counted, eventually):
    """As where several processes connect, and DingTalk is in doubt about one of them."""
    apps, message = (app, start()), dingtalk.message(QUESTION)
    for connection in (gateway.connection(), gateway.connection()):
        connection.send(gateway.message(message))
        assert gateway.told.get(timeout=30)["code"] == 200
    dingtalk.call(app, message)
    eventually(lambda: sum(map(Counter, map(counted, apps)), Counter()) == {"sent": 1, "repeated": 2})


def test_in_a_group_it_answers_where_it_is_mentioned(app, dingtalk, gateway):
    connection = gateway.connection()
    connection.send(gateway.message(dingtalk.message("帮助", dingtalk.group, isInAtList=False)))
    connection.send(gateway.message(dingtalk.message(QUESTION, dingtalk.group)))
    assert dingtalk.heard()["actionCard"]["text"].startswith(f"**{QUESTION}**")


def test_a_ping_is_answered_with_what_it_holds(app, gateway):
    gateway.connection().send(gateway.frame("SYSTEM", "ping", {"opaque": "0c2e"}))
    told = gateway.told.get(timeout=30)
    assert (told["code"], json.loads(told["data"])) == (200, {"opaque": "0c2e"})


def test_where_dingtalk_asks_for_another_connection_there_is_one(app, dingtalk, gateway):
    first, frame = gateway.connection(), json.loads(gateway.frame("SYSTEM", "disconnect", {"reason": "persistent connection is timeout"}))
    del frame["headers"]["messageId"]  # as in DingTalk's documentation
    first.send(json.dumps(frame))
    second = gateway.connection()
    second.send(gateway.message(dingtalk.message(QUESTION)))
    assert FIGURE in dingtalk.heard()["actionCard"]["text"]
    assert len(gateway.asked) == 2
    assert gateway.told.get(timeout=30)["code"] == 200
    assert gateway.told.empty()


def test_there_is_no_wait_after_a_connection_that_was_a_good_one(start, gateway, monkeypatch):
    monkeypatch.setattr(dingtalk_stream, "FIRST_WAIT", 600)
    monkeypatch.setattr(dingtalk_stream, "STEADY", 0)
    start()
    for _ in range(2):
        gateway.connection().close()
    gateway.connection()
    assert len(gateway.asked) == 3


@pytest.mark.parametrize("broken", [lambda connection: connection.close(), lambda connection: connection.close(1011, "restart"),
                                    lambda connection: connection.socket.shutdown(2)], ids=["closed", "failed", "dropped"])
def test_a_connection_that_ends_is_opened_again(app, dingtalk, gateway, broken):
    broken(gateway.connection())
    gateway.connection().send(gateway.message(dingtalk.message(QUESTION)))
    assert FIGURE in dingtalk.heard()["actionCard"]["text"]


@pytest.mark.parametrize("frame", [
    "", "[]", "null", "{", "[" * 20_000, '{"type": "CALLBACK"}', '{"type": "CALLBACK", "headers": 5}', b"\xff\xfe",
    '{"type": "SYSTEM", "headers": {}}'])
def test_a_frame_that_cannot_be_read_does_no_harm(app, dingtalk, gateway, frame, caplog):
    connection = gateway.connection()
    connection.send(frame)
    connection.send(gateway.message(dingtalk.message(QUESTION)))
    assert FIGURE in dingtalk.heard()["actionCard"]["text"]
    assert "cannot be read" in caplog.text
    assert len(gateway.asked) == 1


def test_a_frame_that_is_too_long_costs_no_more_than_its_connection(app, dingtalk, gateway):
    gateway.connection().send(gateway.message(dingtalk.message("长" * 2**20)))
    gateway.connection().send(gateway.message(dingtalk.message(QUESTION)))
    assert FIGURE in dingtalk.heard()["actionCard"]["text"]


@pytest.mark.parametrize("content", [{}, [], {"msgId": 5}, "text"])
def test_a_message_that_is_damaged_is_refused_and_dingtalk_told_so(app, gateway, counted, content):
    gateway.connection().send(gateway.message(content))
    assert gateway.told.get(timeout=30)["code"] == 400
    assert counted(app) == {"refused": 1}


def test_what_was_not_asked_for_is_not_taken(app, gateway, counted):
    connection = gateway.connection()
    for frame in (gateway.frame("EVENT", "*", {}), gateway.frame("CALLBACK", "/v1.0/card/instances/callback", {})):
        connection.send(frame)
        assert gateway.told.get(timeout=30)["code"] == 404
    assert counted(app) == {}


def test_a_message_that_cannot_be_taken_in_is_not_acknowledged(app, dingtalk, gateway, caplog):
    connection = gateway.connection()
    with app.extensions["desk"].contacts._engine.begin() as records:
        records.execute(text("DROP TABLE bot_calls"))
    connection.send(gateway.message(dingtalk.message(QUESTION)))
    assert gateway.told.get(timeout=30)["code"] == 500
    assert "cannot be taken in" in caplog.text
    connection.send(gateway.frame("SYSTEM", "ping", {}))
    assert gateway.told.get(timeout=30)["code"] == 200


@pytest.mark.parametrize(("answer", "said"), [
    ((401, {"code": "authFailed"}), "authFailed"), ({}, "no address"), ({"endpoint": 5, "ticket": None}, "no address"),
    ({"endpoint": "ws://127.0.0.1:9/connect", "ticket": "hidden"}, "ConnectionRefusedError"),
    ({"endpoint": "no address", "ticket": "hidden"}, "InvalidURI")])
def test_it_goes_on_trying_where_it_cannot_connect_and_tells_no_secret(start, gateway, exchange, eventually, caplog, answer, said):
    good, tries = exchange.answers["/v1.0/gateway/connections/open"], []
    exchange.answers["/v1.0/gateway/connections/open"] = lambda got: tries.append(1) or (answer if len(tries) < 3 else good(got))
    start()
    gateway.connection()
    assert len(tries) == 3
    assert caplog.text.count(said) == 2
    assert "hidden" not in caplog.text and "s3cret" not in caplog.text


def test_another_secret_is_refused_again_and_again(start, gateway, eventually, caplog):
    start(dingtalk_client_secret="another")
    eventually(lambda: caplog.text.count("status 401 and error authFailed") == 3)
    with pytest.raises(Empty):
        gateway.connections.get_nowait()


def test_it_ends_when_the_server_does(app, gateway, eventually, caplog):
    connection = gateway.connection()
    app.extensions["reception"].close()
    eventually(lambda: connection.protocol.close_code == 1000)
    eventually(lambda: not connecting())
    assert len(gateway.asked) == 1
    assert "broken" not in caplog.text


def test_it_ends_while_it_waits_to_try_again(start, exchange, eventually, monkeypatch, caplog):
    monkeypatch.setattr(dingtalk_stream, "FIRST_WAIT", 600)
    exchange.answers["/v1.0/gateway/connections/open"] = (401, {"code": "authFailed"})
    app = start()
    eventually(lambda: "authFailed" in caplog.text)
    assert connecting()
    app.extensions["reception"].close()
    eventually(lambda: not connecting())


def test_without_the_setting_nothing_is_connected_to(start, gateway):
    start(dingtalk_stream=False)
    with pytest.raises(Empty):
        gateway.connections.get(timeout=0.3)
