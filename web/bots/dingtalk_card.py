"""A reply as a card of DingTalk: Markdown, and buttons that open a report or say a question in the name of whoever presses them."""

import json
import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from web.bots.rendering import MARKDOWN, opening, render
from web.bots.shape import Reply
from web.wording import say

LONGEST = 15_000  # bytes of what a robot sends
LIMITS = (12_000, 9_000, 6_000, 3_000)  # bytes of a reply as Markdown: the first with which the whole card fits
BUTTONS = 5  # on a card that a robot sends of its own accord
BUTTON, TITLE, ADDRESS = 50, 40, 500  # characters
_SAY = "dtmd://dingtalkclient/sendMessage?content="


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown.

    :ivar title: stands in the list of conversations, and not on the card.
    :ivar text: Markdown.
    :ivar buttons: the words on each, and its address.
    """

    title: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()

    def in_conversation(self) -> dict:
        """The body of a message to the address of a conversation."""
        if not self.buttons:
            return {"msgtype": "markdown", "markdown": {"title": self.title, "text": self.text}}
        buttons = [{"title": words, "actionURL": address} for words, address in self.buttons]
        return {"msgtype": "actionCard", "actionCard": {"title": self.title, "text": self.text, "btnOrientation": "0", "btns": buttons}}

    def of_robot(self) -> tuple[str, dict]:
        """The name of the template of a message that a robot sends, and what it is filled with."""
        filled = {"title": self.title, "text": self.text}
        match self.buttons:
            case ():
                return "sampleMarkdown", filled
            case ((words, address),):
                return "sampleActionCard", filled | {"singleTitle": words, "singleURL": address}
        for number, (words, address) in enumerate(self.buttons, 1):
            filled |= {f"actionTitle{number}": words, f"actionURL{number}": address}
        return f"sampleActionCard{len(self.buttons)}", filled


def make_card(reply: Reply, asked: str = "") -> Card:
    """The card of a reply; each source in its text is a link too, since there is not a button for every one. Quotes are cut until
    a robot can send it.

    :param asked: the question, where others see the reply who may not know what it is about.
    """
    options = [(_short(f"{number}. {option}", BUTTON), _saying(number, option)) for number, option in enumerate(reply.options, 1)]
    buttons = (*_openings(reply, BUTTONS - len(options)), *options)
    title = _short(reply.quotes[0].text if reply.quotes else reply.words, TITLE)
    for limit in LIMITS:
        card = Card(title, _text(reply, asked, limit), buttons)
        if len(json.dumps(card.of_robot()[1], ensure_ascii=False).encode()) <= LONGEST:
            break
    return card


def _text(reply: Reply, asked: str, limit: int) -> str:
    """The reply in Markdown, but for the questions that are on buttons."""
    head = f"**{MARKDOWN.escape(_short(asked, BUTTON))}**\n\n" if asked else ""
    tail = f"\n\n{say('bot_options', reply.language)}" if reply.options else ""
    text = head + render(replace(reply, options=()), MARKDOWN, limit) + tail
    # Without the two spaces DingTalk writes on in the same line.
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", "  \n", text)


def _openings(reply: Reply, room: int) -> list[tuple[str, str]]:
    """Buttons that open the reports quoted, as many as there is room for."""
    several = len(reply.quotes) > 1
    return [(opening(number if several else 0, reply.language), quote.source.link)
            for number, quote in enumerate(reply.quotes, 1) if quote.source.link][:room]


def _saying(number: int, option: str) -> str:
    """The address that says a question, or its number where an address cannot hold it."""
    address = _SAY + quote(option, safe="")
    return address if len(address) <= ADDRESS else f"{_SAY}{number}"


def _short(text: str, length: int) -> str:
    """The beginning of a text, in one line."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[:length - 1] + "…"
