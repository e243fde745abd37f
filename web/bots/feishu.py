"""Feishu (飞书), abroad Lark: an application of an enterprise, called with events, that replies with cards.

The scheme: SHA-256 over time, nonce, key and body; AES-256-CBC with the SHA-256 of the key, the initial vector before the text.
"""

import hashlib
import hmac
import json
import math
import re
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from flask import Response, jsonify
from pydantic_core import from_json

from qa.errors import NotFound
from qa.settings import Settings
from web.bots.feishu_card import ASK, GROUP, UNHELPFUL, write_card
from web.bots.outgoing import Outgoing, Token, Undelivered, accepted, insist
from web.bots.shape import Call, Message, Platform, Refused, Reply, check_fresh
from web.desk import desk
from web.wording import say

TIMESTAMP, NONCE, SIGNATURE = "X-Lark-Request-Timestamp", "X-Lark-Request-Nonce", "X-Lark-Signature"
LONGEST_UUID = 50  # characters
VECTOR = 16  # bytes
_REFUSALS = (99991663, 99991671)  # of a token
_BUSY = (99991400, 230020, 230049)  # too many calls in all, or to one person or group; the same message is on its way
_MENTION = re.compile(r"@_(?:user_\d+|all)\b")


class Feishu(Platform):
    """People write to it one by one, or mention it in groups; every reply is sent, since Feishu takes none in the response."""

    name = "feishu"
    needs = ("feishu_app_id", "feishu_app_secret", "feishu_encrypt_key", "feishu_verification_token")

    def __init__(self, settings: Settings, outgoing: Outgoing) -> None:
        super().__init__(settings, outgoing)
        self._aes = AES(hashlib.sha256(settings.feishu_encrypt_key.encode()).digest())
        self._api = f"{settings.feishu_api.rstrip('/')}/open-apis"
        self._token = Token(self._fetch_token)
        self._own_id = Token(self._fetch_own_id)  # never ends

    def receive(self, call: Call) -> Message | Response | None:
        """As :meth:`Platform.receive`. The check of the address is the one call that is not signed."""
        try:
            got = from_json(self._decrypt(from_json(call.body)["encrypt"]))
            if got.get("type") == "url_verification":
                self._check_token(got["token"])
                return jsonify(challenge=str(got["challenge"]))
            at = self._check_signature(call)
            self._check_token(got["header"]["token"])
            return self._parse(got["header"], got["event"], at)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused("malformed") from None

    def meant(self, message: Message) -> bool:
        """As :meth:`Platform.meant`: in a group, whether it is this bot that is mentioned."""
        mentioned = message.facts.get("mentioned")
        return message.addressed and (mentioned is None or self._own_id.value() in mentioned.split())

    def acknowledge(self, message: Message | None = None) -> Response:
        """An empty object, which says to a button that was pressed that all is well."""
        return jsonify({})

    def send(self, message: Message, reply: Reply) -> None:
        """A card, as a reply to what was written. A repeated call does not make it appear twice."""
        body = {"msg_type": "interactive", "uuid": message.id[:LONGEST_UUID],
                "content": write_card(reply, bool(self.settings.keep_days), message.group, message.facts.get("asked", ""))}
        if chat := message.facts.get("chat"):
            path, body = "im/v1/messages?receive_id_type=chat_id", body | {"receive_id": chat}
        else:
            path = f"im/v1/messages/{quote(message.facts['message'], safe='')}/reply"
        self._ask(lambda headers: self.outgoing.post(f"{self._api}/{path}", body, headers))

    def probe(self) -> tuple[Call, str]:
        """The check of the address."""
        words, timestamp, nonce = secrets.token_hex(8), str(int(time.time())), secrets.token_hex(8)
        body = json.dumps({"encrypt": self.encrypt(json.dumps({
            "type": "url_verification", "token": self.settings.feishu_verification_token, "challenge": words}))}).encode()
        headers = {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: self.sign(timestamp, nonce, body)}
        return Call("POST", {}, headers | {"Content-Type": "application/json"}, body), words

    def sign(self, timestamp: str, nonce: str, body: bytes) -> str:
        """The signature of a call."""
        return hashlib.sha256(f"{timestamp}{nonce}{self.settings.feishu_encrypt_key}".encode() + body).hexdigest()

    def encrypt(self, text: str) -> str:
        """A text encrypted."""
        vector, padder = secrets.token_bytes(VECTOR), PKCS7(AES.block_size).padder()
        encryptor = Cipher(self._aes, CBC(vector)).encryptor()
        padded = padder.update(text.encode()) + padder.finalize()
        return b64encode(vector + encryptor.update(padded) + encryptor.finalize()).decode()

    def _decrypt(self, sealed: str) -> bytes:
        """:raises Refused: it is not encrypted with the key."""
        try:
            data = b64decode(sealed, validate=True)
            decryptor, unpadder = Cipher(self._aes, CBC(data[:VECTOR])).decryptor(), PKCS7(AES.block_size).unpadder()
            padded = decryptor.update(data[VECTOR:]) + decryptor.finalize()
            return unpadder.update(padded) + unpadder.finalize()
        except ValueError:
            raise Refused("encryption") from None

    def _check_signature(self, call: Call) -> float:
        """When a call was signed, in seconds since 1970. :raises Refused: it was not, or is stale."""
        timestamp = call.headers.get(TIMESTAMP, "")
        expected = self.sign(timestamp, call.headers.get(NONCE, ""), call.body)
        if not hmac.compare_digest(call.headers.get(SIGNATURE, "").encode(), expected.encode()):
            raise Refused("signature")
        check_fresh(float(timestamp))
        return float(timestamp)

    def _check_token(self, token: str) -> None:
        if not hmac.compare_digest(token.encode(), self.settings.feishu_verification_token.encode()):
            raise Refused("token")

    def _parse(self, header: dict, event: dict, at: float) -> Message | Response | None:
        match header["event_type"]:
            case "im.message.receive_v1":
                return _written(event, at)
            case "im.chat.access_event.bot_p2p_chat_entered_v1":
                return Message(header["event_id"], at, event["operator_id"]["open_id"], arrived=True, facts={"chat": event["chat_id"]})
            case "card.action.trigger":
                return _pressed(header, event, at)
        return None

    def _ask(self, call: Callable[[Mapping[str, str]], dict]) -> dict:
        """What Feishu answers to a call that is made with the headers given. :raises Undelivered: an error, or nothing."""
        return insist(lambda: self._token.use(
            lambda token: accepted(call({"Authorization": f"Bearer {token}"}), "code"), _REFUSALS), _BUSY)

    def _fetch_token(self) -> tuple[str, float]:
        answer = accepted(self.outgoing.post(f"{self._api}/auth/v3/tenant_access_token/internal", {
            "app_id": self.settings.feishu_app_id, "app_secret": self.settings.feishu_app_secret}), "code")
        try:
            return str(answer["tenant_access_token"]), float(answer["expire"])
        except (KeyError, TypeError, ValueError):
            raise Undelivered("Feishu gave no access token") from None

    def _fetch_own_id(self) -> tuple[str, float]:
        answer = self._ask(lambda headers: self.outgoing.get(f"{self._api}/bot/v3/info", headers=headers))
        try:
            return str(answer["bot"]["open_id"]), math.inf
        except (KeyError, TypeError):
            raise Undelivered("Feishu did not say which id the bot has") from None


def _written(event: dict, at: float) -> Message | None:
    """What a person wrote; nothing that a bot did."""
    if event["sender"]["sender_type"] != "user":
        return None
    written = event["message"]
    person, group, facts = event["sender"]["sender_id"]["open_id"], "", {"message": written["message_id"]}
    if written["chat_type"] != "p2p":
        group, mentions = written["chat_id"], written.get("mentions") or ()
        facts["mentioned"] = " ".join(filter(None, (mention["id"].get("open_id") for mention in mentions)))
    return Message(written["message_id"], at, person, _words(written["message_type"], written["content"]), group,
                   bool(facts.get("mentioned", True)), facts=facts)


def _words(kind: str, content: str) -> str:
    """The words of a message without its mentions; empty where there are none."""
    if kind not in ("text", "post"):
        return ""
    got = from_json(content)
    lines = [got["text"]] if kind == "text" else [
        got.get("title", ""), *("".join(item.get("text", "") for item in line) for line in got["content"])]
    return _MENTION.sub("", "\n".join(lines)).strip()


def _pressed(header: dict, event: dict, at: float) -> Message | Response | None:
    """A button of a card: a question asked, or an answer that did not help."""
    value = event["action"]["value"]
    if answer := value.get(UNHELPFUL):
        return _judged(answer)
    if question := value.get(ASK):
        return Message(header["event_id"], at, event["operator"]["open_id"], question, value.get(GROUP, ""),
                       facts={"message": event["context"]["open_message_id"], "asked": question})
    return None


def _judged(answer: str) -> Response:
    """What is said to whom an answer did not help, once that is kept."""
    try:
        desk().questions.judge(answer, -1)
    except NotFound as error:
        return jsonify(toast={"type": "warning", "content": error.message})
    chinese, english = (say("feedback_thanks", language) for language in ("zh", "en"))
    return jsonify(toast={"type": "success", "content": chinese, "i18n": {"zh_cn": chinese, "en_us": english}})
