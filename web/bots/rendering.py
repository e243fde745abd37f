"""A reply as text: Markdown, or plain with whatever the platform makes a link of. A long quote is cut at a sentence."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from web.bots.shape import Quote, Reply, Source
from web.wording import say

LENGTHS = (600, 300, 150, 60)  # characters of a quote: the first with which the whole reply fits
CUT = "……"
_ENDS = "。！？；!?;\n"
_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")
# How a line begins that is an item of a list, or is nothing but the line under a heading.
_BEGINNINGS = re.compile(r"^(\s*\d{0,9})([-+.)](?=\s|$)|[-=](?=[-=\s]*$))", re.MULTILINE)
_OPTION = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Form:
    """How a platform writes.

    :ivar escape: text that is not to be taken for markup.
    :ivar link: of a label, already escaped, and an address.
    :ivar quote: the lines of a quote, marked as one.
    """

    escape: Callable[[str], str]
    link: Callable[[str, str], str]
    quote: Callable[[str], str]


PLAIN = Form(lambda text: text, lambda label, address: f"{label}\n{address}", lambda text: text)
ANCHORS = Form(  # WeChat and WeCom know this one tag, and no entities
    lambda text: re.sub(r"<(?=/?a\b)", "＜", text, flags=re.IGNORECASE),
    lambda label, address: f'<a href="{address}">{label}</a>', lambda text: text)
MARKDOWN = Form(
    lambda text: _BEGINNINGS.sub(r"\1\\\2", _MARKS.sub(r"\\\1", text)), lambda label, address: f"[{label}]({address})",
    lambda text: "".join(f"> {line}\n" for line in text.splitlines()))


def render(reply: Reply, form: Form, limit: int = 0) -> str:
    """The whole reply.

    :param limit: bytes in UTF-8 that it may have, 0 for any number; quotes are cut further until it fits, then lines left out
        at its end.
    """
    for length in LENGTHS:
        text = _write(reply, form, length)
        if not limit or len(text.encode()) <= limit:
            return text
    while len(text.encode()) > limit:
        text = text.rpartition("\n")[0] if "\n" in text else text[:-1]
    return text


def opening(number: int, language: str, missing: bool = False) -> str:
    """The words on a button that opens a report.

    :param number: of the quote; 0 for the only one.
    :param missing: whether the quote was cut.
    """
    return say("bot_open", language) + (f"【{number}】" if number else "") + (say("bot_rest", language) if missing else "")


def options_in(text: str) -> dict[int, str]:
    """The questions that a reply in Markdown offers, by their numbers."""
    return {int(number): re.sub(r"\\(.)", r"\1", option) for number, option in _OPTION.findall(text)}


def cut(text: str, length: int) -> tuple[str, bool]:
    """At most so many characters of a text, up to the end of a sentence where one ends in its second half; and whether
    anything is missing."""
    if len(text) <= length:
        return text, False
    end = max(text.rfind(mark, 0, length) for mark in _ENDS) + 1
    return text[:end if end > length // 2 else length].rstrip(), True


def _write(reply: Reply, form: Form, length: int) -> str:
    blocks = [form.escape(reply.words)] if reply.words else []
    blocks += [_quote(number, quote, reply.language, form, length) for number, quote in enumerate(reply.quotes, 1)]
    if reply.nearest:
        blocks.append("\n".join([say("bot_nearest", reply.language), *(f"· {_linked(source, form)}" for source in reply.nearest)]))
    if reply.options:
        blocks.append("\n".join([say("bot_options", reply.language),
                                 *(f"{number}. {form.escape(option)}" for number, option in enumerate(reply.options, 1))]))
    return "\n\n".join(blocks)


def _quote(number: int, quote: Quote, language: str, form: Form, length: int) -> str:
    text, missing = cut(quote.text, length)
    rest = say("bot_rest", language) if missing and quote.source.link else ""
    return f"{form.quote(form.escape(text) + (CUT if missing else ''))}\n{_linked(quote.source, form, f'【{number}】', rest)}"


def _linked(source: Source, form: Form, before: str = "", after: str = "") -> str:
    label = form.escape(before + source.label + after)
    return form.link(label, source.link) if source.link else label
