"""A WeChat official account (公众号), in plain or encrypted mode."""

import secrets
import time

from flask import Response

from qa.settings import Settings
from web.bots.outgoing import Outgoing
from web.bots.rendering import ANCHORS, render
from web.bots.shape import Call, Message, Platform, Refused, Reply
from web.bots.tencent import TEXT_LIMIT, Seal, Sender, check_signature, read_xml, sign, signed_at, write_xml

SECONDS = 4.0  # WeChat waits for 5, and then calls again, three times in all


class Wechat(Platform):
    """Encrypted where there is a key, and then nothing plain is taken; sends later where there is a secret."""

    name = "wechat"
    needs = ("wechat_app_id", "wechat_token")
    seconds = SECONDS

    def __init__(self, settings: Settings, outgoing: Outgoing) -> None:
        super().__init__(settings, outgoing)
        self._seal = Seal(settings.wechat_token, settings.wechat_aes_key, settings.wechat_app_id, "QA_WECHAT_AES_KEY") \
            if settings.wechat_aes_key else None
        self._api = settings.wechat_api.rstrip("/")
        # The stable token is the same for all processes; the ordinary one ends when another process fetches its own.
        self._sender = Sender(outgoing, lambda: outgoing.post(f"{self._api}/cgi-bin/stable_token", {
            "grant_type": "client_credential", "appid": settings.wechat_app_id, "secret": settings.wechat_secret}))

    @property
    def sends(self) -> bool:
        """Whether there is a secret: accounts without customer-service messages have no use for one."""
        return bool(self.settings.wechat_secret)

    def receive(self, call: Call) -> Message | Response | None:
        """As :meth:`Platform.receive`."""
        check_signature(self.settings.wechat_token, call, "signature")
        if call.method == "GET":
            return Response(call.query.get("echostr", ""), content_type="text/plain")
        got = read_xml(call.body)
        if self._seal:
            got = read_xml(self._seal.open(call, got.get("Encrypt", "")))
        event = got.get("Event")
        if event and event != "subscribe":
            return None
        if not (person := got.get("FromUserName")):
            raise Refused("malformed")
        return Message(got.get("MsgId") or f"{person} {got.get('CreateTime')} {event}", signed_at(call), person,
                       got.get("Content") or got.get("Recognition", ""), arrived=bool(event),
                       facts={"from": got.get("ToUserName", "")})

    def acknowledge(self, message: Message | None = None) -> Response:
        """The word that keeps WeChat from calling again, and from telling people that the account is out of order."""
        return Response("success", content_type="text/plain")

    def respond(self, message: Message, reply: Reply) -> Response:
        """A text, encrypted where calls are."""
        text = write_xml({"ToUserName": message.person, "FromUserName": message.facts["from"], "CreateTime": int(time.time()),
                          "MsgType": "text", "Content": render(reply, ANCHORS, TEXT_LIMIT)})
        return Response(self._seal.close_xml(text) if self._seal else text, content_type="application/xml")

    def send(self, message: Message, reply: Reply) -> None:
        """A customer-service message."""
        self._sender.post(f"{self._api}/cgi-bin/message/custom/send", {
            "touser": message.person, "msgtype": "text", "text": {"content": render(reply, ANCHORS, TEXT_LIMIT)}})

    def probe(self) -> tuple[Call, str]:
        """The check of the address."""
        words, timestamp, nonce = secrets.token_hex(8), str(int(time.time())), secrets.token_hex(8)
        signature = sign(self.settings.wechat_token, timestamp, nonce)
        return Call("GET", {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": words}, {}, b""), words
