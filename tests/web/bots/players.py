"""The platforms' ends of Feishu, Slack and Telegram: what calls the bots, and what they call."""

import hashlib
import json
import os
import re
import time
from base64 import b64encode
from itertools import count
from urllib.parse import urlencode

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad
from flask import Flask
from slack_sdk.signature import SignatureVerifier


class Feishu:
    """Encrypts and signs its calls, and has its API on the server given.

    :param exchange: an ``Exchange``.
    """

    path, app_id, secret, key, token = "/bots/feishu", "cli_1", "s3cret", "an encrypt key", "a verification token"
    person, bot = "ou_zhang", "ou_bot"

    def __init__(self, exchange) -> None:
        self.exchange = exchange
        self.settings = {"feishu_app_id": self.app_id, "feishu_app_secret": self.secret, "feishu_encrypt_key": self.key,
                         "feishu_verification_token": self.token, "feishu_api": exchange.address}
        exchange.answers |= {
            "/open-apis/auth/v3/tenant_access_token/internal": {"code": 0, "tenant_access_token": "t-1", "expire": 7200},
            "/open-apis/bot/v3/info": {"code": 0, "msg": "ok", "bot": {"open_id": self.bot, "app_name": "报告机器人"}},
            "/open-apis/im/v1/messages": {"code": 0, "msg": "success", "data": {"message_id": "om_reply"}}}
        self._ids = count(1)

    def event(self, kind: str, event: dict, token: str | None = None) -> dict:
        """An event around what it holds."""
        return {"schema": "2.0", "event": event, "header": {
            "event_id": f"event{next(self._ids)}", "event_type": kind, "create_time": "1608725989000", "tenant_key": "tenant",
            "app_id": self.app_id, "token": self.token if token is None else token}}

    def message(self, text: str, mentions: list[str] | None = None, id: str | None = None, **fields: object) -> dict:
        """The event of a message; in a group where there are mentions, of the ids given."""
        written = {"message_id": id or f"om_{next(self._ids)}", "chat_id": "oc_chat", "chat_type": "p2p", "message_type": "text",
                   "content": json.dumps({"text": text})}
        if mentions is not None:
            written |= {"chat_type": "group", "mentions": [
                {"key": f"@_user_{at}", "id": {"open_id": who, "user_id": None}, "name": who} for at, who in enumerate(mentions, 1)]}
        sender = {"sender_id": {"open_id": self.person, "user_id": None}, "sender_type": "user", "tenant_key": "tenant"}
        return self.event("im.message.receive_v1", {"sender": sender, "message": written | fields})

    def pressed(self, value: dict) -> dict:
        """The event of a button that was pressed."""
        return self.event("card.action.trigger", {
            "operator": {"open_id": self.person}, "token": "c-1", "action": {"tag": "button", "value": value}, "host": "im_message",
            "context": {"open_message_id": "om_card", "open_chat_id": "oc_chat"}})

    def sealed(self, content: object, key: str | None = None) -> bytes:
        """The body of a call."""
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        vector = os.urandom(AES.block_size)
        cipher = AES.new(hashlib.sha256((self.key if key is None else key).encode()).digest(), AES.MODE_CBC, vector)
        return json.dumps({"encrypt": b64encode(vector + cipher.encrypt(pad(text.encode(), AES.block_size))).decode()}).encode()

    def headers(self, body: bytes, after: float = 0, key: str | None = None) -> dict:
        """What signs a body, so many seconds after now."""
        timestamp = str(int(time.time() + after))
        signature = hashlib.sha256(f"{timestamp}n0nce{self.key if key is None else key}".encode() + body).hexdigest()
        return {"X-Lark-Request-Timestamp": timestamp, "X-Lark-Request-Nonce": "n0nce", "X-Lark-Signature": signature}

    def call(self, app: Flask, content: object, after: float = 0):
        """Post an event to the bot, encrypted and signed."""
        body = self.sealed(content)
        return app.test_client().post(self.path, data=body, headers=self.headers(body, after), content_type="application/json")

    def heard(self) -> tuple[object, dict]:
        """The next message that was sent, as a ``Got``, and its card."""
        while "/im/v1/messages" not in (got := self.exchange.wait()).path:
            pass
        return got, json.loads(got.json["content"])


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


class Telegram:
    """Has its API on the server given.

    :param exchange: an ``Exchange``.
    """

    path, token, name, secret = "/bots/telegram", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "report_qa_bot", "s3cret-T0ken_"
    person, chat, group = 1001, 1001, -1002003004005
    me = {"id": 110201543, "is_bot": True, "first_name": "报告问答", "username": name}

    def __init__(self, exchange) -> None:
        self.exchange = exchange
        self.settings = {"telegram_bot_token": self.token, "telegram_bot_name": f"@{self.name}",
                         "telegram_secret_token": self.secret, "telegram_api": exchange.address}
        exchange.answers |= {f"/bot{self.token}/": {"ok": True, "result": {"message_id": 9}}}
        self._ids = count(1)

    def update(self, **what: object) -> dict:
        """An update around what it holds."""
        return {"update_id": 734_000_000 + next(self._ids)} | what

    def message(self, text: str, after: float = 0, **fields: object) -> dict:
        """What was written between two, so many seconds after now; commands and mentions are marked."""
        return self.update(message={
            "message_id": next(self._ids), "from": {"id": self.person, "is_bot": False, "first_name": "张"},
            "chat": {"id": self.chat, "type": "private"}, "date": int(time.time() + after), "text": text,
            "entities": self.entities(text)} | fields)

    def in_group(self, text: str, **fields: object) -> dict:
        """What was written in a group."""
        return self.message(text, **{"chat": {"id": self.group, "type": "supergroup", "title": "群"}} | fields)

    def added(self, before: str, after: str, **fields: object) -> dict:
        """What became of the bot's place in a group."""
        return self.update(my_chat_member={
            "chat": {"id": self.group, "type": "supergroup", "title": "群"}, "from": {"id": self.person, "is_bot": False, "first_name": "张"},
            "date": int(time.time()), "old_chat_member": {"user": self.me, "status": before},
            "new_chat_member": {"user": self.me, "status": after}} | fields)

    def pressed(self, said: dict, data: str, **message: object) -> dict:
        """A button below a message of the bot that was pressed."""
        return self.update(callback_query={
            "id": f"query{next(self._ids)}", "from": {"id": self.person, "is_bot": False, "first_name": "张"}, "data": data,
            "chat_instance": "1", "message": {"message_id": 77, "date": 1, "from": self.me, "chat": {"id": said["chat_id"], "type": "private"}}
            | {name: said[name] for name in ("text", "reply_markup") if name in said} | message})

    def entities(self, text: str) -> list[dict]:
        """The marks that Telegram finds, which count in units of UTF-16."""
        return [{"type": "mention" if found[0].startswith("@") else "bot_command",
                 "offset": self.units(text[:found.start()]), "length": self.units(found[0])}
                for found in re.finditer(r"(?<!\S)(@\w+|/[a-z]+(@\w+)?)", text)]

    def units(self, text: str) -> int:
        """How long a text is."""
        return sum(2 if ord(each) > 0xFFFF else 1 for each in text)

    def call(self, app: Flask, update: dict | str | bytes, secret: str = secret):
        """Post an update to the bot."""
        body = json.dumps(update) if isinstance(update, dict) else update
        return app.test_client().post(self.path, data=body, headers=self.headers(secret))

    def headers(self, secret: str = secret) -> dict:
        """What comes with a call."""
        return {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}

    def heard(self) -> tuple[str, dict]:
        """The method of the API that was called next, and its fields."""
        got = self.exchange.wait()
        return got.path.removeprefix(f"/bot{self.token}/"), got.json
