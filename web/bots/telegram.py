"""Telegram: a bot that is called with updates, each with the secret that was agreed on.

Nothing is signed, and an update bears no time but that of the message in it. Telegram keeps what it cannot deliver for a day and calls
until it is taken, so a message is fresh for as long as the ids of calls are kept.
"""

import hmac
import json
import secrets
import time
from collections.abc import Iterator

from flask import Response, jsonify
from pydantic_core import from_json

from qa.settings import Settings
from web.bots.outgoing import Outgoing
from web.bots.rendering import options_in
from web.bots.shape import FRESH, Call, Message, Platform, Refused, Reply
from web.bots.telegram_text import ASK, ENCODING, UNHELPFUL, UNIT, write_text
from web.records.contacts import SEEN

SECRET = "X-Telegram-Bot-Api-Secret-Token"
SECONDS = 5.0  # Telegram waits for 60, and meanwhile brings nothing else of that chat
NOTICE = 200  # characters
HELP = "帮助"
_ASKING, _OTHERS = "/ask", ("/help", "/start")  # commands, to the first of which belongs what is behind it
_AWAY = ("left", "kicked")
_WORDLESS = ("photo", "voice", "audio", "video", "video_note", "animation", "document", "sticker", "location", "contact", "poll")


class Telegram(Platform):
    """People write to it one by one; in groups they mention it, reply to it, or use a command."""

    name = "telegram"
    needs = ("telegram_bot_token", "telegram_bot_name", "telegram_secret_token")
    seconds = SECONDS

    def __init__(self, settings: Settings, outgoing: Outgoing) -> None:
        super().__init__(settings, outgoing)
        self._name = settings.telegram_bot_name.lstrip("@").casefold()
        self._id = settings.telegram_bot_token.partition(":")[0]

    def receive(self, call: Call) -> Message | Response | None:
        """As :meth:`Platform.receive`."""
        if not hmac.compare_digest(call.headers.get(SECRET, "").encode(), self.settings.telegram_secret_token.encode()):
            raise Refused("secret token")
        try:
            update = from_json(call.body)
            id = str(int(update["update_id"]))
            if "message" in update:
                return self._written(id, update["message"])
            if "my_chat_member" in update:
                return _added(id, update["my_chat_member"])
            return _pressed(id, update["callback_query"]) if "callback_query" in update else None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused("malformed") from None

    def waits(self, message: Message) -> float:
        """As :meth:`Platform.waits`: not for a question on a button, since the response says that it was pressed."""
        return 0.0 if _is_asked(message) else self.seconds

    def acknowledge(self, message: Message | None = None) -> Response:
        """Nothing; to a question on a button, that it was pressed."""
        if message and _is_asked(message):
            return jsonify(method="answerCallbackQuery", callback_query_id=message.facts["pressed"])
        return Response("", 200)

    def respond(self, message: Message, reply: Reply) -> Response:
        """A call of the API, which Telegram takes from the response."""
        method, body = self._said(message, reply)
        return jsonify(method=method, **body)

    def send(self, message: Message, reply: Reply) -> None:
        """The same call, made."""
        method, body = self._said(message, reply)
        self.outgoing.post(f"{self.settings.telegram_api.rstrip('/')}/bot{self.settings.telegram_bot_token}/{method}", body)

    def probe(self) -> tuple[Call, str]:
        """An update of no kind."""
        body = json.dumps({"update_id": secrets.randbits(31)}).encode()
        return Call("POST", {}, {"Content-Type": "application/json", SECRET: self.settings.telegram_secret_token}, body), ""

    def _said(self, message: Message, reply: Reply) -> tuple[str, dict]:
        """A method of the API and its fields: a message, or a notice to who said that an answer did not help."""
        facts = message.facts
        if message.unhelpful:
            return "answerCallbackQuery", {"callback_query_id": facts["pressed"], "text": reply.words[:NOTICE]}
        body = write_text(reply, bool(self.settings.keep_days), facts.get("asked", "")) | {"chat_id": int(facts["chat"])}
        if "topic" in facts:
            body["message_thread_id"] = int(facts["topic"])
        if "message" in facts:
            body["reply_parameters"] = {"message_id": int(facts["message"]), "allow_sending_without_reply": True}
        return "sendMessage", body

    def _written(self, id: str, message: dict) -> Message | None:
        """What a person wrote; of what is written in a group only what is meant for the bot."""
        _check_date(message)
        person = message.get("from", {})
        text = message.get("text") or message.get("caption") or ""
        by_bot = person.get("is_bot") and "sender_chat" not in message  # a group writes by a bot of Telegram's
        if by_bot or not (text or any(kind in message for kind in _WORDLESS)):
            return None
        words, addressed = self._read(text, message.get("entities") or message.get("caption_entities") or [])
        group, facts = _place(message)
        answered = message.get("reply_to_message", {}).get("from", {}).get("id")
        if group and not addressed and str(answered) != self._id:
            return None
        sender = message.get("sender_chat") or person
        return Message(id, time.time(), str(sender["id"]), words, group, facts=facts)

    def _read(self, text: str, entities: list[dict]) -> tuple[str, bool]:
        """The words without mentions of the bot and commands, and whether there are any."""
        addressed = False
        for kind, words in _marked(text, entities):
            if kind == "mention" and words.casefold() == f"@{self._name}":
                text, addressed = text.replace(words, ""), True
            elif kind == "bot_command" and text.lstrip().startswith(words):
                command, _, name = words.casefold().partition("@")
                if name in ("", self._name) and command in (_ASKING, *_OTHERS):
                    rest = text.lstrip().removeprefix(words).strip()
                    text, addressed = rest if rest and command == _ASKING else HELP, True
        return text.strip(), addressed


def _added(id: str, change: dict) -> Message | None:
    """That someone added the bot to a group."""
    _check_date(change)
    chat, before, after = change["chat"], change["old_chat_member"]["status"], change["new_chat_member"]["status"]
    if chat["type"] == "private" or before not in _AWAY or after in _AWAY:
        return None
    group = str(chat["id"])
    return Message(id, time.time(), str(change["from"]["id"]), group=group, arrived=True, facts={"chat": group})


def _pressed(id: str, query: dict) -> Message | None:
    """A button: a question asked, or an answer that did not help. What was said long ago comes without its words."""
    said, person = query["message"], str(query["from"]["id"])
    kind, _, what = query.get("data", "").partition(":")
    group, facts = _place(said)
    facts |= {"pressed": str(query["id"])}
    if kind == UNHELPFUL:
        return Message(id, time.time(), person, _label(said, query["data"]), unhelpful=what, facts=facts)
    if kind != ASK:
        return None
    question = options_in(said.get("text", "")).get(int(what), what)
    return Message(id, time.time(), person, question, group, facts=facts | {"asked": question})


def _check_date(message: dict) -> None:
    """:raises Refused: it was sent longer ago than Telegram keeps anything, or ahead of this machine's clock."""
    if not -FRESH <= time.time() - float(message["date"]) <= SEEN.total_seconds():
        raise Refused("stale")


def _is_asked(message: Message) -> bool:
    """Whether it is a question on a button."""
    return "pressed" in message.facts and not message.unhelpful


def _place(message: dict) -> tuple[str, dict[str, str]]:
    """The group that a message is in, empty for a conversation between two, and what is needed to reply to it."""
    chat = message["chat"]
    facts = {"chat": str(chat["id"])} | ({"topic": str(message["message_thread_id"])} if message.get("is_topic_message") else {})
    return ("", facts) if chat["type"] == "private" else (facts["chat"], facts | {"message": str(message["message_id"])})


def _label(message: dict, data: str) -> str:
    """What is written on the button that hands back this."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return next((button["text"] for row in rows for button in row if button.get("callback_data") == data), "")


def _marked(text: str, entities: list[dict]) -> Iterator[tuple[str, str]]:
    """Each mark: its kind, and the words that it is on."""
    units = text.encode(ENCODING)
    for entity in entities:
        begin = UNIT * entity["offset"]
        yield entity["type"], units[begin:begin + UNIT * entity["length"]].decode(ENCODING)
