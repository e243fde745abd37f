"""WeCom (企业微信): a self-built application, called in XML, and an intelligent robot, called in JSON."""

import json
import re
import secrets
import time

from flask import Response
from pydantic_core import from_json

from qa.settings import Settings
from web.bots.outgoing import Outgoing, Undelivered, accepted
from web.bots.rendering import ANCHORS, MARKDOWN, PLAIN, render
from web.bots.shape import MENTION, Call, Message, Platform, Refused, Reply
from web.bots.tencent import TEXT_LIMIT, Seal, Sender, read_xml, signed_at, write_xml

SECONDS = 4.0  # WeCom waits for 5
MARKDOWN_LIMIT = 20480  # bytes
_ECHO = re.compile(rb"[0-9A-Za-z]{1,64}")  # all that is ever echoed: a call that was overheard cannot be read with its help
_ARRIVALS = ("subscribe", "enter_agent")


class _Wecom(Platform):
    """What both have in common: the check of the address, by GET."""

    seconds = SECONDS
    _seal: Seal

    def receive(self, call: Call) -> Message | Response | None:
        """As :meth:`Platform.receive`."""
        if call.method != "GET":
            return self._parse(call)
        echo = self._seal.open(call, call.query.get("echostr", ""))
        if not _ECHO.fullmatch(echo):
            raise Refused("malformed")
        return Response(echo, content_type="text/plain")

    def probe(self) -> tuple[Call, str]:
        """The check of the address."""
        words = secrets.token_hex(8)
        sealed, signature, timestamp, nonce = self._seal.close(words)
        return Call("GET", {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": sealed}, {}, b""), words

    def _parse(self, call: Call) -> Message | None:
        raise NotImplementedError


class Wecom(_Wecom):
    """A self-built application, which people write to one by one."""

    name = "wecom"
    needs = ("wecom_corp_id", "wecom_agent_id", "wecom_secret", "wecom_token", "wecom_aes_key")

    def __init__(self, settings: Settings, outgoing: Outgoing) -> None:
        super().__init__(settings, outgoing)
        self._seal = Seal(settings.wecom_token, settings.wecom_aes_key, settings.wecom_corp_id, "QA_WECOM_AES_KEY")
        self._api = settings.wecom_api.rstrip("/")
        self._sender = Sender(outgoing, lambda: outgoing.get(
            f"{self._api}/cgi-bin/gettoken", {"corpid": settings.wecom_corp_id, "corpsecret": settings.wecom_secret}))

    def _parse(self, call: Call) -> Message | None:
        got = read_xml(self._seal.open(call, read_xml(call.body).get("Encrypt", "")))
        event = got.get("Event")
        if event and event not in _ARRIVALS:
            return None
        if not (person := got.get("FromUserName")):
            raise Refused("malformed")
        return Message(got.get("MsgId") or f"{person} {got.get('CreateTime')} {event}", signed_at(call), person,
                       got.get("Content", ""), arrived=bool(event), facts={"from": got.get("ToUserName", "")})

    def respond(self, message: Message, reply: Reply) -> Response:
        """A text, encrypted."""
        text = write_xml({"ToUserName": message.person, "FromUserName": message.facts["from"], "CreateTime": int(time.time()),
                          "MsgType": "text", "Content": render(reply, ANCHORS, TEXT_LIMIT)})
        return Response(self._seal.close_xml(text), content_type="application/xml")

    def send(self, message: Message, reply: Reply) -> None:
        """A text to the person. A repeated call does not make it appear twice."""
        self._sender.post(f"{self._api}/cgi-bin/message/send", {
            "touser": message.person, "msgtype": "text", "agentid": self.settings.wecom_agent_id,
            "text": {"content": render(reply, ANCHORS, TEXT_LIMIT)}, "enable_duplicate_check": 1, "duplicate_check_interval": 60})


class WecomRobot(_Wecom):
    """An intelligent robot (智能机器人), which is called in groups where it is mentioned, and between two."""

    name = "wecom-robot"
    needs = ("wecom_robot_token", "wecom_robot_aes_key")

    def __init__(self, settings: Settings, outgoing: Outgoing) -> None:
        super().__init__(settings, outgoing)
        self._seal = Seal(settings.wecom_robot_token, settings.wecom_robot_aes_key, "", "QA_WECOM_ROBOT_AES_KEY")

    def _parse(self, call: Call) -> Message | None:
        try:
            got = from_json(self._seal.open(call, from_json(call.body)["encrypt"]))
            arrived = got["msgtype"] == "event"
            if arrived and got["event"]["eventtype"] != "enter_chat" or got["msgtype"] == "stream":
                return None
            group = got["chatid"] if got.get("chattype") == "group" else ""
            text = MENTION.sub("", _words(got)) if group else _words(got)
            return Message(str(got["msgid"]), signed_at(call), got["from"]["userid"], text.strip(), group, arrived=arrived,
                           facts={"address": got.get("response_url", "")})
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused("malformed") from None

    def respond(self, message: Message, reply: Reply) -> Response:
        """Markdown, as a stream that ends at once; plain text for who arrives, since nothing else is taken there."""
        if message.arrived:
            said = {"msgtype": "text", "text": {"content": render(reply, PLAIN, TEXT_LIMIT)}}
        else:
            said = {"msgtype": "stream", "stream": {
                "id": secrets.token_hex(16), "finish": True, "content": render(reply, MARKDOWN, MARKDOWN_LIMIT)}}
        sealed, signature, timestamp, nonce = self._seal.close(json.dumps(said, ensure_ascii=False))
        return Response(json.dumps({"encrypt": sealed, "msgsignature": signature, "timestamp": int(timestamp), "nonce": nonce}),
                        content_type="application/json")

    def send(self, message: Message, reply: Reply) -> None:
        """Markdown, to the address that came with the message."""
        if not message.facts["address"].startswith(self.settings.wecom_api.rstrip("/") + "/"):
            raise Undelivered("the message came without an address of WeCom to reply to")
        accepted(self.outgoing.post(message.facts["address"], {
            "msgtype": "markdown", "markdown": {"content": render(reply, MARKDOWN, MARKDOWN_LIMIT)}}))


def _words(got: dict) -> str:
    """The words of a message of whatever kind; empty where there are none."""
    if got["msgtype"] == "mixed":
        return " ".join(item["text"]["content"] for item in got["mixed"]["msg_item"] if item["msgtype"] == "text")
    return got.get(got["msgtype"], {}).get("content", "")
