"""A reply as a card of Feishu: quotes on grey, a button for each report, for each question that can be asked, and for an answer
that did not help.

All text is plain, so nothing that a report holds is taken for markup. The structure is that of version 1.0, which old clients show too.
"""

import json

from web.bots.rendering import CUT, LENGTHS, cut, opening
from web.bots.shape import Reply, Source
from web.wording import say

LIMIT = 29_000  # bytes of a card inside the body of a call; Feishu takes 30 KB
BUTTON = 100  # characters on one
ASK, GROUP, UNHELPFUL = "ask", "group", "unhelpful"  # what a pressed button hands back: a question and where it is asked; an answer


def write_card(reply: Reply, judged: bool, group: str = "", title: str = "") -> str:
    """The JSON of a card; quotes are cut further until it fits.

    :param judged: whether answers are kept, so that people may say that one did not help.
    :param group: where it is sent, empty for a conversation between two.
    :param title: above everything else.
    """
    for length in LENGTHS:
        card = json.dumps(_card(reply, judged, group, title, length), ensure_ascii=False)
        if len(json.dumps(card, ensure_ascii=False).encode()) <= LIMIT:
            break
    return card


def _card(reply: Reply, judged: bool, group: str, title: str, length: int) -> dict:
    elements = [_text(reply.words)] if reply.words else []
    links = []
    for number, quote in enumerate(reply.quotes, 1):
        shown, missing = cut(quote.text, length)
        elements += [_grey(shown + (CUT if missing else "")), _note(f"【{number}】{quote.source.label}")]
        links += _link(opening(number if len(reply.quotes) > 1 else 0, reply.language, missing), quote.source)
    if judged and reply.answer_id:
        links.append(_button(say("bot_unhelpful", reply.language), value={UNHELPFUL: reply.answer_id}))
    if reply.nearest:
        elements += [_text(say("bot_nearest", reply.language)), *map(_near, reply.nearest)]
    elements += _row(links)
    if reply.options:
        elements += [_text(say("bot_options", reply.language)), *_row([
            _button(f"{number}. {option}", value={ASK: option, GROUP: group}) for number, option in enumerate(reply.options, 1)])]
    header = {"header": {"template": "blue", "title": _plain(title)}} if title else {}
    return header | {"config": {"wide_screen_mode": True}, "elements": elements}


def _near(source: Source) -> dict:
    return _row(_link(source.label, source))[0] if source.link else _text(f"· {source.label}")


def _link(words: str, source: Source) -> list[dict]:
    return [_button(words, url=source.link)] if source.link else []


def _button(words: str, **what: object) -> dict:
    return {"tag": "button", "type": "default", "text": _plain(words if len(words) <= BUTTON else words[:BUTTON - 1] + "…")} | what


def _row(buttons: list[dict]) -> list[dict]:
    return [{"tag": "action", "layout": "flow", "actions": buttons}] if buttons else []


def _grey(words: str) -> dict:
    column = {"tag": "column", "width": "weighted", "weight": 1, "elements": [_text(words)]}
    return {"tag": "column_set", "flex_mode": "none", "background_style": "grey", "columns": [column]}


def _note(words: str) -> dict:
    return {"tag": "note", "elements": [_plain(words)]}


def _text(words: str) -> dict:
    return {"tag": "div", "text": _plain(words)}


def _plain(words: str) -> dict:
    return {"tag": "plain_text", "content": words}
