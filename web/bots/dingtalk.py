"""DingTalk (钉钉): the robot of an application, called over HTTP or over a connection of its own, and the older outgoing robot of a group."""

import hashlib
import hmac
import json
import time
import uuid
from base64 import b64encode
from collections.abc import Mapping
from threading import Thread

from flask import Response
from pydantic_core import from_json

from qa.settings import Settings, SettingsError
from web.bots.dingtalk_card import Card, make_card
from web.bots.dingtalk_stream import Stream
from web.bots.outgoing import Outgoing, Token, Undelivered, accepted, insist
from web.bots.shape import MENTION, Call, Message, Platform, Refused, Reply, Take

TIMESTAMP, SIGNATURE = "timestamp", "sign"
_REFUSALS = ("InvalidAuthentication", 40014)  # of a token
_BUSY = ("Forbidden.AccessDenied.QpsLimitForApi", "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi")


class Dingtalk(Platform):
    """People write to it one by one, or mention it in groups. Every reply is sent: what comes over a connection takes none, and
    only what is sent is known to have arrived."""

    name = "dingtalk"
    needs = ("dingtalk_client_secret",)

    def __init__(self, settings: Settings, outgoing: Outgoing) -> None:
        super().__init__(settings, outgoing)
        if settings.dingtalk_stream and not settings.dingtalk_client_id:
            raise SettingsError("bad_setting", "QA_DINGTALK_STREAM 需要 QA_DINGTALK_CLIENT_ID。 QA_DINGTALK_STREAM needs"
                                " QA_DINGTALK_CLIENT_ID.", variable="QA_DINGTALK_CLIENT_ID")
        self._api = settings.dingtalk_api.rstrip("/")
        # Addresses of conversations are of DingTalk's older API: oapi.dingtalk.com beside api.dingtalk.com.
        self._own = (f"{self._api}/", f"{self._api.replace('//api.', '//oapi.', 1)}/")
        self._token = Token(self._fetch_token)
        self._stream: Stream | None = None

    def receive(self, call: Call) -> Message | None:
        """As :meth:`Platform.receive`.

        The signature is over the time alone. Whoever overhears one can write any body with it while it is fresh: ask questions, and
        have the answers shown to people of the enterprise. So the body names no address outside DingTalk, and no robot.
        """
        timestamp = call.headers.get(TIMESTAMP, "")
        if not hmac.compare_digest(call.headers.get(SIGNATURE, "").encode(), self.sign(timestamp).encode()):
            raise Refused("signature")
        return read_message(call.body, timestamp)

    def listen(self, take: Take) -> None:
        """As :meth:`Platform.listen`, in stream mode. DingTalk hands each message to one of an application's connections."""
        if self.settings.dingtalk_stream:
            self._stream = Stream(self.settings, self.outgoing, lambda data: take(lambda: read_message(data, 1000 * time.time())))
            Thread(target=self._stream.run, name="dingtalk-stream", daemon=True).start()

    def close(self) -> None:
        """As :meth:`Platform.close`."""
        if self._stream:
            self._stream.close()

    def acknowledge(self, message: Message | None = None) -> Response:
        """An empty object, or whether messages come in over the connection."""
        said = {"connected": bool(self._stream and self._stream.connected)} if self.settings.dingtalk_stream else {}
        return Response(json.dumps(said), content_type="application/json")

    def send(self, message: Message, reply: Reply) -> None:
        """A card, to the address that came with the message while it is good, else by the robot."""
        card = make_card(reply, message.text if message.group else "")
        if self._usable(message.facts["address"], float(message.facts["until"])):
            try:
                accepted(self.outgoing.post(message.facts["address"], card.in_conversation()))
                return
            except Undelivered as error:
                if not (error.code and self.settings.dingtalk_client_id):
                    raise
        self._send_by_robot(message, card)

    def probe(self) -> tuple[Call, str]:
        """A message in a group that is not addressed to the bot. In stream mode all is well only while there is a connection."""
        words = '{"connected": true}' if self.settings.dingtalk_stream else "{}"
        body = json.dumps({"msgId": uuid.uuid4().hex, "senderId": "check", "conversationType": "2", "conversationId": "check",
                           "isInAtList": False, "msgtype": "text", "text": {"content": ""}}).encode()
        timestamp = str(int(1000 * time.time()))
        return Call("POST", {}, {TIMESTAMP: timestamp, SIGNATURE: self.sign(timestamp), "Content-Type": "application/json"}, body), words

    def sign(self, timestamp: str) -> str:
        """The signature of a time."""
        secret = self.settings.dingtalk_client_secret
        return b64encode(hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()).decode()

    def _usable(self, address: str, until: float) -> bool:
        """Whether the address of a conversation is DingTalk's, and good until a time that has not come, in milliseconds."""
        return address.startswith(self._own) and until > 1000 * time.time()

    def _send_by_robot(self, message: Message, card: Card) -> None:
        if not self.settings.dingtalk_client_id:
            raise Undelivered("the message came without an address of DingTalk that is still good, and there is no client id to send with")
        template, filled = card.of_robot()
        body = {"robotCode": self.settings.dingtalk_client_id, "msgKey": template, "msgParam": json.dumps(filled, ensure_ascii=False)}
        if message.group:
            path, body = "groupMessages/send", body | {"openConversationId": message.group}
        else:
            path, body = "oToMessages/batchSend", body | {"userIds": [message.person]}
        answer = insist(lambda: self._token.use(lambda token: self.outgoing.post(
            f"{self._api}/v1.0/robot/{path}", body, {"x-acs-dingtalk-access-token": token}), _REFUSALS), _BUSY)
        for fault in ("invalidStaffIdList", "flowControlledStaffIdList"):
            if answer.get(fault):
                raise Undelivered(f"DingTalk did not pass the message on ({fault})")

    def _fetch_token(self) -> tuple[str, float]:
        answer = self.outgoing.post(f"{self._api}/v1.0/oauth2/accessToken", {
            "appKey": self.settings.dingtalk_client_id, "appSecret": self.settings.dingtalk_client_secret})
        try:
            return str(answer["accessToken"]), float(answer["expireIn"])
        except (KeyError, TypeError, ValueError):
            raise Undelivered("DingTalk gave no access token") from None


def read_message(data: str | bytes, at: str | float) -> Message:
    """What a robot is told of a message.

    :param at: when that was, in milliseconds since 1970.
    :raises Refused: it is damaged.
    """
    try:
        got = from_json(data)
        group = "" if got["conversationType"] == "1" else got["conversationId"]
        person = got.get("senderStaffId") or got["senderId"]  # whoever is not of the enterprise has no staff id
        # An outgoing robot is only called where it is mentioned, and not always told so.
        addressed = not group or got.get("isInAtList") is not False
        address = {"address": str(got.get("sessionWebhook", "")), "until": str(float(got.get("sessionWebhookExpiredTime", 0)))}
        words = MENTION.sub("", _words(got)) if group else _words(got)
        return Message(_text(got["msgId"]), float(at) / 1000, _text(person), words.strip(), _text(group), addressed, facts=address)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused("malformed") from None


def _words(got: Mapping) -> str:
    """The words of a message of whatever kind; empty where there are none."""
    match got["msgtype"]:
        case "text":
            return got["text"]["content"]
        case "richText":
            return " ".join(part["text"].strip() for part in got["content"]["richText"] if "text" in part)
        case "audio":
            return got["content"].get("recognition", "")
    return ""


def _text(value: object) -> str:
    """:raises TypeError: it is no text."""
    if not isinstance(value, str):
        raise TypeError
    return value
