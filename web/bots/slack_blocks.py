"""A reply as blocks of Slack: quotes marked as such, a button beside each source, and buttons for the questions that can be asked and
for an answer that did not help.

All text is plain, or rich text, whose elements are plain, so nothing that a report holds is taken for markup or calls anybody.
"""

import json

from web.bots.rendering import CUT, LENGTHS, cut
from web.bots.shape import Quote, Reply, Source
from web.wording import say

LIMIT = 12_000  # characters of all blocks; Slack names no number, and refuses somewhat more
BUTTON, LABEL, VALUE = 75, 3000, 2000  # characters on a button, of a section, and of what a button hands back
ASK, OPEN, UNHELPFUL = "ask", "open", "unhelpful"  # names of the buttons; the first has a number behind it


def write_blocks(reply: Reply, judged: bool, title: str = "") -> list[dict]:
    """The blocks; quotes are cut further until they fit.

    :param judged: whether answers are kept, so that people may say that one did not help.
    :param title: above everything else.
    """
    for length in LENGTHS:
        blocks = _blocks(reply, judged, title, length)
        if len(json.dumps(blocks, ensure_ascii=False)) <= LIMIT:
            break
    return blocks


def _blocks(reply: Reply, judged: bool, title: str, length: int) -> list[dict]:
    blocks = [_rich("section", title, bold=True)] if title else []
    blocks += [_rich("section", reply.words)] if reply.words else []
    for number, quote in enumerate(reply.quotes, 1):
        blocks += _quoted(number, quote, length, reply.language)
    if reply.nearest:
        blocks.append(_rich("section", say("bot_nearest", reply.language)))
        blocks += [_sourced(f"· {source.label}", source, say("bot_open", reply.language)) for source in reply.nearest]
    if judged and reply.answer_id:
        blocks.append(_row([_button(say("bot_unhelpful", reply.language), action_id=UNHELPFUL, value=reply.answer_id)]))
    if reply.options:
        blocks += [_rich("section", say("bot_options", reply.language)), _row([
            _button(f"{number}. {option}", action_id=f"{ASK}-{number}", value=option[:VALUE])
            for number, option in enumerate(reply.options, 1)])]
    return blocks


def _quoted(number: int, quote: Quote, length: int, language: str) -> list[dict]:
    text, missing = cut(quote.text, length)
    opening = say("bot_open", language) + (say("bot_rest", language) if missing else "")
    return [_rich("quote", text + (CUT if missing else "")), _sourced(f"【{number}】{quote.source.label}", quote.source, opening)]


def _sourced(label: str, source: Source, opening: str) -> dict:
    """A source, and the button that opens it where there is a link."""
    button = {"accessory": _button(opening, action_id=OPEN, url=source.link)} if source.link else {}
    return {"type": "section", "text": _plain(label, LABEL)} | button


def _rich(kind: str, words: str, **style: bool) -> dict:
    text = {"type": "text", "text": words} | ({"style": style} if style else {})
    return {"type": "rich_text", "elements": [{"type": f"rich_text_{kind}", "elements": [text]}]}


def _row(buttons: list[dict]) -> dict:
    return {"type": "actions", "elements": buttons}


def _button(words: str, **what: str) -> dict:
    return {"type": "button", "text": _plain(words, BUTTON)} | what


def _plain(words: str, most: int) -> dict:
    return {"type": "plain_text", "emoji": False, "text": words if len(words) <= most else words[:most - 1] + "…"}
