"""The platform's end of DingTalk: calls and frames, what it is called with, and its gateway."""

import base64
import hashlib
import hmac
import json
import time
from itertools import count
from queue import Queue
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from websockets.exceptions import ConnectionClosedError
from websockets.sync.server import ServerConnection, serve

TOPIC = "/v1.0/im/bot/messages/get"


class Dingtalk:
    """Signs its calls, and has its API and the addresses of conversations on the server given.

    :param exchange: an ``Exchange``.
    """

    path, client_id, secret = "/bots/dingtalk", "dingabc", "s3cret"
    person, group = "staff1", "cidABC=="

    def __init__(self, exchange) -> None:
        self.exchange = exchange
        self.settings = {"dingtalk_client_id": self.client_id, "dingtalk_client_secret": self.secret, "dingtalk_api": exchange.address}
        self.address = f"{exchange.address}/robot/sendBySession?session=1"
        exchange.answers |= {"/v1.0/oauth2/accessToken": {"accessToken": "t-1", "expireIn": 7200}, "/v1.0/robot/": {"processQueryKey": "1"},
                             "/robot/sendBySession": {"errcode": 0, "errmsg": "ok"}}
        self._ids = count(1)

    def message(self, text: str, group: str = "", **fields: object) -> dict:
        """What DingTalk tells of a message; in a group, where one is named."""
        now = int(1000 * time.time())
        message = {
            "conversationId": group or "cidTwo==", "conversationType": "2" if group else "1", "atUsers": [{"dingtalkId": "$:LWCP_v1:$bot"}],
            "chatbotCorpId": "dingcorp", "chatbotUserId": "$:LWCP_v1:$bot", "msgId": f"msg{next(self._ids)}==", "senderNick": "张三",
            "isAdmin": False, "senderStaffId": self.person, "senderId": "$:LWCP_v1:$1", "senderCorpId": "dingcorp",
            "sessionWebhook": self.address, "sessionWebhookExpiredTime": now + 5_400_000, "createAt": now, "isInAtList": bool(group),
            "robotCode": self.client_id, "msgtype": "text", "text": {"content": f" {text}"}}
        return message | fields

    def headers(self, after: float = 0, secret: str = secret) -> dict:
        """What signs a call, so many seconds after now."""
        timestamp = str(int(1000 * (time.time() + after)))
        digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), digestmod=hashlib.sha256).digest()
        return {"Content-Type": "application/json; charset=utf-8", "timestamp": timestamp, "sign": base64.b64encode(digest).decode()}

    def call(self, app: Flask, content: dict, after: float = 0):
        """Post a message to the bot."""
        return app.test_client().post(self.path, data=json.dumps(content).encode(), headers=self.headers(after))

    def heard(self) -> dict:
        """The next message that was sent to the address of a conversation."""
        while not (got := self.exchange.wait()).path.startswith("/robot/sendBySession"):
            pass
        return got.json


class Gateway:
    """Where connections are opened, on a server of its own, as long as this is entered.

    :ivar connections: that were opened.
    :ivar told: what it was told of frames.
    :ivar asked: the requests for a ticket.
    """

    def __init__(self, dingtalk: Dingtalk) -> None:
        self.connections: Queue[ServerConnection] = Queue()
        self.told: Queue[dict] = Queue()
        self.asked = []
        self._dingtalk, self._tickets, self._ids = dingtalk, set(), count(1)
        self._server = serve(self._accept, "127.0.0.1", 0)
        self._thread = Thread(target=self._server.serve_forever)
        dingtalk.exchange.answers["/v1.0/gateway/connections/open"] = self._open

    def __enter__(self) -> "Gateway":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()

    def connection(self) -> ServerConnection:
        """The next one that is opened."""
        return self.connections.get(timeout=30)

    def frame(self, kind: str, topic: str, data: object) -> str:
        """A frame as DingTalk writes it."""
        headers = {"appId": "app", "connectionId": "c", "contentType": "application/json", "messageId": f"frame{next(self._ids)}",
                   "time": str(int(1000 * time.time())), "topic": topic}
        return json.dumps({"specVersion": "1.0", "type": kind, "headers": headers, "data": json.dumps(data, ensure_ascii=False)})

    def message(self, content: dict) -> str:
        """The frame of a message."""
        return self.frame("CALLBACK", TOPIC, content)

    def _open(self, got) -> dict | tuple[int, dict]:
        self.asked.append(got.json)
        if (got.json["clientId"], got.json["clientSecret"]) != (self._dingtalk.client_id, self._dingtalk.secret):
            return 401, {"code": "authFailed", "message": "鉴权失败"}
        ticket = f"ticket/{len(self.asked)}=="
        self._tickets.add(ticket)
        return {"endpoint": f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/connect", "ticket": ticket}

    def _accept(self, connection: ServerConnection) -> None:
        self._tickets.remove(parse_qs(urlsplit(connection.request.path).query)["ticket"][0])
        self.connections.put(connection)
        try:
            for text in connection:
                self.told.put(json.loads(text))
        except ConnectionClosedError:
            return
