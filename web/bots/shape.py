"""The shape that all bots share: what a platform hands in, what is handed back, and what a platform must be able to do."""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from flask import Response

from qa.errors import ServiceError
from qa.settings import SETTINGS, Settings
from web.bots.outgoing import Outgoing

FRESH = 300  # seconds
MENTION = re.compile(r"(?<!\S)@\S+")  # of anyone, where a platform leaves it in the words


class Refused(ServiceError):
    """A call that is not the platform's, or that no platform makes: forged, stale, damaged (HTTP 403).

    The caller learns nothing of the reason, which is for the log.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("call_refused", "这个请求没有通过校验，请检查机器人的密钥和服务器时间。 This call did not pass verification; check the"
                         " bot's secrets and the server's clock.")
        self.reason = reason


def check_fresh(at: float) -> None:
    """:raises Refused: a call was signed, in seconds since 1970, too long ago or ahead of this machine's clock."""
    if not abs(time.time() - at) <= FRESH:
        raise Refused("stale")


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a platform as it came in.

    :ivar headers: by name, in whatever case it is asked for.
    """

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What someone wrote to a bot.

    :ivar id: the platform's; of several calls with the same id one is answered.
    :ivar at: when the call was signed, in seconds since 1970; a stale call is refused.
    :ivar text: the words alone, without the mention of the bot; empty where something else than words was sent.
    :ivar group: where it was written, empty for a conversation between two.
    :ivar addressed: whether it is meant for the bot; in a group it answers nothing else.
    :ivar arrived: someone came in and has said nothing yet.
    :ivar unhelpful: an answer that did not help, where that is what is said of it.
    :ivar facts: what the platform needs to reply.
    """

    id: str
    at: float
    person: str
    text: str = ""
    group: str = ""
    addressed: bool = True
    arrived: bool = False
    unhelpful: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a report.

    :ivar label: for people: title, date, page, headings.
    :ivar link: of the viewer, opened at the place; empty where this site's own address is not set.
    """

    label: str
    link: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A citation of an answer, verbatim and whole. Its number is its place in the reply, from 1."""

    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Reply:
    """What a bot says.

    :ivar language: of :data:`web.wording.LANGUAGES`.
    :ivar words: its own words, which stand before all else.
    :ivar nearest: where to look, of an abstention.
    :ivar options: questions that can be asked by their number, from 1.
    :ivar answer_id: of the answer, for feedback; empty where it is none.
    """

    language: str
    words: str = ""
    quotes: tuple[Quote, ...] = ()
    nearest: tuple[Source, ...] = ()
    options: tuple[str, ...] = ()
    answer_id: str = ""


Take = Callable[[Callable[[], Message | Response | None]], Response]  # as :meth:`web.bots.reception.Reception.take` does for a bot


class Platform(ABC):
    """A messaging platform. One object serves all threads.

    :cvar name: as in its address ``/bots/NAME`` and on the command line.
    :cvar needs: names of the settings without which there is no such bot.
    :ivar seconds: within which it takes a reply in the response; 0 where it never does, so that every reply is sent.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    seconds: float = 0.0

    def __init__(self, settings: Settings, outgoing: Outgoing) -> None:
        """:raises SettingsError: a setting has not the form that the platform gives it."""
        self.settings = settings
        self.outgoing = outgoing

    @classmethod
    def missing(cls, settings: Settings) -> list[str]:
        """The variables that have to be set yet."""
        return [setting.variable for setting in SETTINGS if setting.name in cls.needs and not getattr(settings, setting.name)]

    @property
    def sends(self) -> bool:
        """Whether it can send a message of its own accord, later than in the response."""
        return True

    @abstractmethod
    def receive(self, call: Call) -> Message | Response | None:
        """Verify, decrypt and parse a call.

        :returns: a message; a response that the platform expects at once, such as to its check of the address; or None
            for what takes no reply.
        :raises Refused: it is not the platform's, or is damaged.
        """

    def meant(self, message: Message) -> bool:
        """Whether a message is for the bot. Unlike :meth:`receive` it may ask the platform, because no call waits for it where
        every reply is sent.

        :raises Undelivered: the platform does not say.
        """
        return message.addressed

    def listen(self, take: Take) -> None:  # noqa: B027, most have no connection of their own
        """Begin to take in messages over a connection of its own, where it is set to. Returns at once."""

    def close(self) -> None:  # noqa: B027
        """End what :meth:`listen` began."""

    def waits(self, message: Message) -> float:
        """:attr:`seconds` for this message, where they are not the same for all."""
        return self.seconds

    def acknowledge(self, message: Message | None = None) -> Response:
        """The response that says no more than that the call has arrived.

        :param message: what it held, where a reply is due that comes later, or none.
        """
        return Response("", 200)

    def respond(self, message: Message, reply: Reply) -> Response:
        """The response that carries the reply; only asked for where :meth:`waits` is not 0."""
        raise NotImplementedError

    def send(self, message: Message, reply: Reply) -> None:
        """Send the reply as a message.

        :raises Undelivered: the platform did not take it.
        """
        raise NotImplementedError

    @abstractmethod
    def probe(self) -> tuple[Call, str]:
        """A signed call that reaches nobody, and words that stand in the response to it where all is well."""
