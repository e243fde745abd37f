"""The platforms' ends of Slack: what calls the bots, and what they call."""

import json
import time
from itertools import count
from urllib.parse import urlencode

from flask import Flask
from slack_sdk.signature import SignatureVerifier


class Slack:
    """Signs its calls with Slack's SDK, and has its API and the addresses to reply to on the server given.

    :param exchange: an ``Exchange``.
    """

    path, secret, token = "/bots/slack", "8f742231b10e8888abcd99yyyzzz85a5", "xoxb-1"
    person, bot, chat, channel = "U_ZHANG", "U_BOT", "D_CHAT", "C_CHANNEL"

    def __init__(self, exchange) -> None:
        self.exchange = exchange
        self.settings = {"slack_signing_secret": self.secret, "slack_bot_token": self.token, "slack_api": exchange.address}
        self.address = f"{exchange.address}/commands/T1/2/3"
        exchange.answers |= {"/api/chat.postMessage": {"ok": True, "ts": "1.2"}, "/commands/": "ok"}
        self._ids = count(1)

    def event(self, kind: str, **event: object) -> dict:
        """An event around what it holds."""
        return {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": f"Ev{next(self._ids)}",
                "event_time": int(time.time()), "event": {"type": kind, "user": self.person} | event}

    def message(self, text: str, **event: object) -> dict:
        """What was written between two."""
        return self.event("message", **{"text": text, "channel": self.chat, "channel_type": "im", "ts": "1355517523.000005"} | event)

    def mention(self, text: str, **event: object) -> dict:
        """What was written in a channel, where the bot was mentioned."""
        return self.event("app_mention", **{"text": f"<@{self.bot}> {text}", "channel": self.channel, "ts": "1355517523.000006"} | event)

    def command(self, text: str, **form: str) -> dict:
        """The form of a command."""
        return {"token": "t", "team_id": "T1", "channel_id": self.channel, "user_id": self.person, "command": "/ask", "text": text,
                "response_url": self.address, "trigger_id": f"trigger{next(self._ids)}"} | form

    def pressed(self, button: dict, channel: str = chat, **container: object) -> dict:
        """The form of a button that was pressed."""
        payload = {"type": "block_actions", "user": {"id": self.person}, "trigger_id": f"trigger{next(self._ids)}",
                   "container": {"type": "message", "message_ts": "1355517530.000001", "channel_id": channel, "is_ephemeral": False} | container,
                   "response_url": self.address, "actions": [button | {"block_id": "b", "action_ts": "1"}]}
        return {"payload": json.dumps(payload)}

    def signed(self, content: dict | str | bytes, after: float = 0, secret: str = secret) -> tuple[bytes, dict]:
        """The body of a call, and the headers that sign it, so many seconds after now."""
        kind = "application/json"
        if isinstance(content, dict):
            form = "type" not in content
            kind, content = ("application/x-www-form-urlencoded", urlencode(content)) if form else (kind, json.dumps(content))
        body, timestamp = content if isinstance(content, bytes) else content.encode(), str(int(time.time() + after))
        return body, {"Content-Type": kind, "X-Slack-Request-Timestamp": timestamp,
                      "X-Slack-Signature": SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)}

    def call(self, app: Flask, content: dict | str | bytes, **options: object):
        """Post an event or a form to the bot, signed."""
        body, headers = self.signed(content, **options)
        return app.test_client().post(self.path, data=body, headers=headers)

    def heard(self):
        """The next message that was sent, as it came in and read."""
        got = self.exchange.wait()
        return got, got.json
