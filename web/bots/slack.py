"""Slack: an app that is called with events, with a command, and with the buttons that were pressed.

All calls are signed alike: HMAC-SHA256 over version, time and body.
"""

import hashlib
import hmac
import html
import json
import re
import secrets
import time
from urllib.parse import parse_qsl, urlsplit

from flask import Response, jsonify
from pydantic_core import from_json

from web.bots.outgoing import accepted, insist
from web.bots.rendering import PLAIN, render
from web.bots.shape import Call, Message, Platform, Refused, Reply, check_fresh
from web.bots.slack_blocks import ASK, UNHELPFUL, write_blocks

TIMESTAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"
FORM = "application/x-www-form-urlencoded"
FALLBACK = 3000  # bytes of the text that stands for the blocks in notifications
_BUSY = ("ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout")
_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_WRITTEN = (None, "file_share", "thread_broadcast")  # kinds of messages in which a person wrote something new


class Slack(Platform):
    """People write to it one by one, mention it in channels, or use its command; every reply is sent, since Slack waits 3 seconds."""

    name = "slack"
    needs = ("slack_signing_secret", "slack_bot_token")

    def receive(self, call: Call) -> Message | Response | None:
        """As :meth:`Platform.receive`."""
        at = self._check_signature(call)
        try:
            if call.headers.get("Content-Type", "").startswith(FORM):
                return self._parse_form(dict(parse_qsl(call.body.decode(), keep_blank_values=True)), at)
            got = from_json(call.body)
            if got["type"] == "url_verification":
                return jsonify(challenge=str(got["challenge"]))
            return _parse_event(got, at) if got["type"] == "event_callback" else None
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            raise Refused("malformed") from None

    def send(self, message: Message, reply: Reply) -> None:
        """A message where the person wrote, in a thread unless between two; or, to a command, what they alone see."""
        body = {"text": html.escape(render(reply, PLAIN, FALLBACK), quote=False),
                "blocks": write_blocks(reply, bool(self.settings.keep_days), message.facts.get("asked", ""))}
        if address := message.facts.get("address"):
            body |= {"response_type": "ephemeral", "replace_original": False}
            self.outgoing.deliver(address, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"})
            return
        body |= {"channel": message.facts["channel"], "unfurl_links": False, "unfurl_media": False}
        if thread := message.facts.get("thread"):
            body["thread_ts"] = thread
        address, headers = f"{self._api}/api/chat.postMessage", {"Authorization": f"Bearer {self.settings.slack_bot_token}"}
        insist(lambda: accepted(self.outgoing.post(address, body, headers), "error"), _BUSY)

    def probe(self) -> tuple[Call, str]:
        """The check of the address."""
        words, timestamp = secrets.token_hex(8), str(int(time.time()))
        body = json.dumps({"type": "url_verification", "challenge": words}).encode()
        headers = {"Content-Type": "application/json", TIMESTAMP: timestamp, SIGNATURE: self.sign(timestamp, body)}
        return Call("POST", {}, headers, body), words

    def sign(self, timestamp: str, body: bytes) -> str:
        """The signature of a call."""
        key = self.settings.slack_signing_secret.encode()
        return "v0=" + hmac.new(key, f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()

    @property
    def _api(self) -> str:
        return self.settings.slack_api.rstrip("/")

    def _check_signature(self, call: Call) -> float:
        """When a call was signed, in seconds since 1970. :raises Refused: it was not, or is stale."""
        timestamp = call.headers.get(TIMESTAMP, "")
        if not hmac.compare_digest(call.headers.get(SIGNATURE, "").encode(), self.sign(timestamp, call.body).encode()):
            raise Refused("signature")
        try:
            at = float(timestamp)
        except ValueError:
            raise Refused("malformed") from None
        check_fresh(at)
        return at

    def _parse_form(self, form: dict[str, str], at: float) -> Message | None:
        """A command, or buttons that were pressed."""
        if "payload" in form:
            return self._pressed(from_json(form["payload"]), at)
        if "ssl_check" in form:
            return None
        asked = _words(form["text"])
        return Message(form["trigger_id"], at, form["user_id"], asked or "帮助", _group(form["channel_id"]),
                       facts={"address": self._own(form["response_url"]), "asked": asked})

    def _pressed(self, got: dict, at: float) -> Message | None:
        """A question asked where the button is, or an answer that did not help; what opens a report needs nothing."""
        if got["type"] != "block_actions":
            return None
        action, where = got["actions"][0], got["container"]
        name, person, address = action["action_id"], got["user"]["id"], self._own(got["response_url"])
        if name == UNHELPFUL:
            return Message(got["trigger_id"], at, person, action["text"]["text"], unhelpful=action["value"], facts={"address": address})
        if not name.startswith(ASK):
            return None
        channel, question = where["channel_id"], html.unescape(action["value"])
        thread = where.get("thread_ts") or (where["message_ts"] if _group(channel) else "")
        place = {"address": address} if where.get("is_ephemeral") else {"channel": channel, "thread": thread}
        return Message(got["trigger_id"], at, person, question, _group(channel), facts=place | {"asked": question})

    def _own(self, address: str) -> str:
        """An address to reply to. :raises Refused: it is not Slack's."""
        slack, given = urlsplit(self._api), urlsplit(address)
        if given.scheme != slack.scheme or given.netloc not in (slack.netloc, f"hooks.{slack.netloc}"):
            raise Refused("address")
        return address


def _parse_event(got: dict, at: float) -> Message | None:
    """What a person wrote to the bot, or that they opened its messages; nothing that a bot did, and nothing that is written again."""
    event, id = got["event"], got["event_id"]
    kind = event["type"]
    if kind == "app_home_opened" and event.get("tab") == "messages":
        return Message(id, at, event["user"], arrived=True, facts={"channel": event["channel"]})
    meant = kind == "app_mention" or kind == "message" and event.get("channel_type") == "im"
    if not meant or event.get("bot_id") or event.get("subtype") not in _WRITTEN or "edited" in event:
        return None
    group = _group(event["channel"])
    return Message(id, at, event["user"], _words(event["text"]), group,
                   facts={"channel": event["channel"], "thread": event.get("thread_ts") or (event["ts"] if group else "")})


def _group(channel: str) -> str:
    """A channel as the group that it is; the ids of conversations between two begin with D."""
    return "" if channel.startswith("D") else channel


def _words(text: str) -> str:
    """Text as people read it, without mentions."""
    plain = _MARKUP.sub(lambda mark: "" if mark[1][:1] in ("@", "!") else mark[2] or mark[1], text)
    return html.unescape(plain).strip()
