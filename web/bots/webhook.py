"""The generic webhook, for any other program: signed JSON in, JSON or whatever a template makes of the reply out."""

import hashlib
import hmac
import json
import mimetypes
import time
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from flask import Response
from jinja2 import Environment, StrictUndefined, Template, TemplateError
from pydantic import BaseModel, ConfigDict, Field

from qa.errors import QuestionError
from qa.settings import Settings, SettingsError
from web.bots.outgoing import Outgoing
from web.bots.rendering import MARKDOWN, PLAIN, render
from web.bots.shape import Call, Message, Platform, Refused, Reply
from web.schema import from_json

TIMESTAMP, SIGNATURE = "X-Timestamp", "X-Signature"
SECONDS = 20.0  # that a caller is kept waiting, at most
_Name = Annotated[str, Field(min_length=1, max_length=128)]


class Written(BaseModel):
    """A message as the caller writes it; the fields are those of :class:`web.bots.shape.Message`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: _Name
    person: _Name
    text: str
    group: Annotated[str, Field(max_length=128)] = ""
    addressed: bool = True


class Webhook(Platform):
    """Replies in the response, or to an address where one is set, which then gets every reply."""

    name = "webhook"
    needs = ("webhook_secret",)

    def __init__(self, settings: Settings, outgoing: Outgoing) -> None:
        super().__init__(settings, outgoing)
        self.seconds = 0.0 if self.sends else SECONDS
        self._template = _template(settings.webhook_template)
        self._type = mimetypes.guess_type(settings.webhook_template or "reply.json")[0] or "text/plain"

    @property
    def sends(self) -> bool:
        """Whether there is an address to send to."""
        return bool(self.settings.webhook_reply_url)

    def receive(self, call: Call) -> Message:
        """As :meth:`Platform.receive`. The signature is over the timestamp, a dot and the body."""
        timestamp = call.headers.get(TIMESTAMP, "")
        if not hmac.compare_digest(call.headers.get(SIGNATURE, "").encode(), self.sign(timestamp, call.body).encode()):
            raise Refused("signature")
        try:
            written = from_json(Written, call.body)
            return Message(written.id, float(timestamp), written.person, written.text, written.group, written.addressed)
        except (QuestionError, ValueError) as error:
            raise Refused("malformed") from error

    def respond(self, message: Message, reply: Reply) -> Response:
        """The reply as the template or :meth:`_body` writes it."""
        return Response(self._body(message, reply), content_type=f"{self._type}; charset=utf-8")

    def send(self, message: Message, reply: Reply) -> None:
        """To the address that is set, signed the same way."""
        body, timestamp = self._body(message, reply).encode(), str(int(time.time()))
        self.outgoing.deliver(self.settings.webhook_reply_url, body, {
            "Content-Type": f"{self._type}; charset=utf-8", TIMESTAMP: timestamp, SIGNATURE: self.sign(timestamp, body)})

    def probe(self) -> tuple[Call, str]:
        """A message in a group that is not addressed to the bot."""
        body = json.dumps({"id": uuid.uuid4().hex, "person": "check", "group": "check", "text": "", "addressed": False}).encode()
        timestamp = str(int(time.time()))
        return Call("POST", {}, {TIMESTAMP: timestamp, SIGNATURE: self.sign(timestamp, body)}, body), ""

    def sign(self, timestamp: str, body: bytes) -> str:
        """HMAC-SHA256 in hexadecimal."""
        return hmac.new(self.settings.webhook_secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()

    def _body(self, message: Message, reply: Reply) -> str:
        texts = {"text": render(reply, PLAIN), "markdown": render(reply, MARKDOWN)}
        if self._template:
            return self._template.render(message=message, reply=reply, **texts)
        return json.dumps({"to": message.id, "person": message.person, "group": message.group, **texts, **asdict(reply)},
                          ensure_ascii=False)


def _template(path: str) -> Template | None:
    """:raises SettingsError: there is no such file, or it is no template."""
    if not path:
        return None
    try:
        environment = Environment(undefined=StrictUndefined)
        environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
        return environment.from_string(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TemplateError) as error:
        raise SettingsError("bad_setting", f"QA_WEBHOOK_TEMPLATE 指的“{path}”不是可用的 Jinja 模板（{error}）。 QA_WEBHOOK_TEMPLATE names"
                            f" “{path}”, which is no usable Jinja template ({error}).", variable="QA_WEBHOOK_TEMPLATE") from error
