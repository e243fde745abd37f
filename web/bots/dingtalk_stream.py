"""DingTalk's stream mode: a WebSocket to DingTalk, for hosts that cannot be reached from the internet, opened again whenever it ends."""

import json
import logging
import math
import random
import time
from collections.abc import Callable
from threading import Event
from urllib.parse import quote

from pydantic_core import from_json
from websockets.exceptions import ConnectionClosedOK, WebSocketException
from websockets.sync.client import ClientConnection, connect

from qa.settings import Settings
from web.bots.outgoing import Outgoing, Undelivered
from web.bots.shape import Refused

TOPIC = "/v1.0/im/bot/messages/get"
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds before a connection that failed is tried again; doubled with each
STEADY = 30.0  # seconds after which a connection counts as a good one
CLOSE = 2.0  # seconds that DingTalk is given to agree to the end of a connection
OK, BAD, UNKNOWN, FAILED = 200, 400, 404, 500  # what DingTalk is told of a frame
_log = logging.getLogger(__name__)


class Stream:
    """One connection after another, until it is closed.

    :param take: is handed each message, in the thread of :meth:`run`.
    :ivar connected: whether messages come in at present.
    """

    def __init__(self, settings: Settings, outgoing: Outgoing, take: Callable[[str], object]) -> None:
        self._settings = settings
        self._outgoing = outgoing
        self._take = take
        self.connected = False
        self._closed = Event()
        self._connection: ClientConnection | None = None

    def run(self) -> None:
        """Take in messages until the end."""
        wait = 0.0
        while not self._closed.wait(wait * random.uniform(0.5, 1)):
            lasted = self._connect()
            wait = 0.0 if lasted > STEADY else min(LONGEST_WAIT, max(FIRST_WAIT, 2 * wait))

    def close(self) -> None:
        """End :meth:`run`; for another thread."""
        self._closed.set()
        if self._connection:
            self._connection.close()

    def _connect(self) -> float:
        """Open a connection and serve it until it ends; the seconds that it lasted, 0 where none came about."""
        opened = math.inf
        try:
            with connect(self._address(), close_timeout=CLOSE, proxy=None) as connection:
                opened = time.monotonic()
                self._connection, self.connected = connection, not self._closed.is_set()
                _log.info("connected to DingTalk")
                while self.connected:
                    self._serve(connection, connection.recv())
        except ConnectionClosedOK:
            pass
        except (Undelivered, OSError, WebSocketException) as error:  # the text of the latter may hold the ticket
            _log.warning("the connection to DingTalk is broken: %s", error if isinstance(error, Undelivered) else type(error).__name__)
        self.connected = False
        return max(0.0, time.monotonic() - opened)

    def _address(self) -> str:
        """Where to connect to, with a ticket that is good once."""
        answer = self._outgoing.post(f"{self._settings.dingtalk_api.rstrip('/')}/v1.0/gateway/connections/open", {
            "clientId": self._settings.dingtalk_client_id, "clientSecret": self._settings.dingtalk_client_secret,
            "subscriptions": [{"type": "CALLBACK", "topic": TOPIC}], "ua": "report-qa"})
        try:
            return f"{answer['endpoint']}?ticket={quote(answer['ticket'], safe='')}"
        except (KeyError, TypeError):
            raise Undelivered("DingTalk named no address to connect to") from None

    def _serve(self, connection: ClientConnection, text: str | bytes) -> None:
        """Do what a frame says, and tell DingTalk so."""
        try:
            frame = from_json(text)
            kind, headers, data = frame["type"], frame["headers"], frame.get("data", "")
            topic, id = headers["topic"], headers.get("messageId", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            _log.warning("DingTalk sent a frame that cannot be read")
            return
        code = OK
        if (kind, topic) == ("SYSTEM", "disconnect"):  # takes no answer, and nothing else will come
            self.connected = False
            return
        if (kind, topic) == ("CALLBACK", TOPIC):
            code, data = self._hand_over(data), json.dumps({"response": None})
        elif (kind, topic) != ("SYSTEM", "ping"):
            code, data = UNKNOWN, "{}"
        connection.send(json.dumps({"code": code, "message": "OK" if code == OK else "not taken", "data": data,
                                    "headers": {"messageId": id, "contentType": "application/json"}}))

    def _hand_over(self, data: str) -> int:
        """The code that says what became of a message."""
        try:
            self._take(data)
        except Refused:
            return BAD
        except Exception:
            _log.exception("a message from DingTalk cannot be taken in")
            return FAILED
        return OK
