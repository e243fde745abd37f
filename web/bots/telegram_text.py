"""A reply as a message of Telegram: its text, what is marked in it, and the buttons below it.

What is marked is told by its place, so that nothing in the text is taken for markup. Places and the limit count units of UTF-16.
"""

from collections.abc import Iterator

from web.bots.rendering import CUT, LENGTHS, cut
from web.bots.shape import Quote, Reply, Source
from web.wording import say

LIMIT = 4096  # units of a text
UNIT = 2  # bytes
ENCODING = "utf-16-le"
ASK, UNHELPFUL = "ask", "unhelpful"  # how begins what a button hands back, which may have 64 bytes; behind it a number or an answer
_Piece = tuple[str, dict[str, str]]  # words, and what they are marked as


def write_text(reply: Reply, judged: bool, title: str = "") -> dict:
    """The fields of a message; quotes are cut further until it fits, then left out from its end.

    :param judged: whether answers are kept, so that people may say that one did not help.
    :param title: above everything else.
    """
    for length in LENGTHS:
        pieces = list(_pieces(reply, title, length))
        if sum(_units(words) for words, _ in pieces) <= LIMIT:
            break
    return _joined(pieces) | {"link_preview_options": {"is_disabled": True}} | _keyboard(reply, judged)


def _pieces(reply: Reply, title: str, length: int) -> Iterator[_Piece]:
    blocks = [[(title, {"type": "bold"})]] if title else []
    blocks += [[(reply.words, {})]] if reply.words else []
    blocks += [_quoted(number, quote, length) for number, quote in enumerate(reply.quotes, 1)]
    if reply.nearest:
        blocks.append([(say("bot_nearest", reply.language), {}), *(
            piece for source in reply.nearest for piece in (("\n· ", {}), _linked(source)))])
    if reply.options:
        blocks.append([("\n".join([say("bot_options", reply.language), *(
            f"{number}. {option}" for number, option in enumerate(reply.options, 1))]), {})])
    for at, block in enumerate(blocks):
        yield from ([("\n\n", {})] if at else []) + block


def _quoted(number: int, quote: Quote, length: int) -> list[_Piece]:
    text, missing = cut(quote.text, length)
    return [(text + (CUT if missing else ""), {"type": "blockquote"}), (f"\n【{number}】{quote.source.label}", {})]


def _linked(source: Source) -> _Piece:
    return source.label, {"type": "text_link", "url": source.link} if source.link else {}


def _joined(pieces: list[_Piece]) -> dict:
    """Text and marks, as far as they fit."""
    text, entities, at = "", [], 0
    for words, mark in pieces:
        shown = words.encode(ENCODING)[:UNIT * (LIMIT - at)].decode(ENCODING, "ignore")
        if mark and shown:
            entities.append(mark | {"offset": at, "length": _units(shown)})
        text, at = text + shown, at + _units(shown)
        if shown != words:
            break
    return {"text": text, "entities": entities}


def _keyboard(reply: Reply, judged: bool) -> dict:
    opening = say("bot_open", reply.language)
    rows = [
        [{"text": opening + (f"【{number}】" if len(reply.quotes) > 1 else ""), "url": quote.source.link}
         for number, quote in enumerate(reply.quotes, 1) if quote.source.link],
        [_button(str(number), f"{ASK}:{number}") for number, _ in enumerate(reply.options, 1)],
        [_button(say("bot_unhelpful", reply.language), f"{UNHELPFUL}:{reply.answer_id}")] if judged and reply.answer_id else []]
    shown = [row for row in rows if row]
    return {"reply_markup": {"inline_keyboard": shown}} if shown else {}


def _button(words: str, data: str) -> dict:
    return {"text": words, "callback_data": data}


def _units(text: str) -> int:
    return len(text.encode(ENCODING)) // UNIT
