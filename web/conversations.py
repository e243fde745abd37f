"""The chat and its conversations: each has an address, and its owner a list of them."""

import io
import re
from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, flash, g, redirect, render_template, request, send_file, url_for

from corpus.document import Metadata
from qa.answer import Answer
from qa.errors import NotFound, QuestionError
from web import card, filtering, owner
from web.desk import desk
from web.exports import markdown, word
from web.exports.references import references
from web.exports.transcript import Transcript
from web.records.conversations import LONGEST_TITLE, Conversation
from web.schema import ChatRequest, ListRequest, TurnRequest, from_query
from web.wording import say

SHOWN = 5  # turns on a page, so that it stays light
PAGE = 50  # conversations on one page of the list

FORMS = {"md": (markdown.Markdown, markdown.TYPE), "docx": (word.Word, word.TYPE)}
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|]+')

blueprint = Blueprint("conversations", __name__)


@blueprint.after_request
def keep_no_copy(response: Response) -> Response:
    """A browser that goes back gets what the conversation holds by now."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/c/<key>")
def show(key: str) -> str | Response:
    """A conversation, for whoever knows its address."""
    return chat_page(key)


@blueprint.get("/conversations")
def index() -> str:
    """The visitor's conversations, latest first."""
    offset = from_query(ListRequest, request.args).offset
    found, total = desk().conversations.of(owner.named(), offset, PAGE)
    return render_template("conversations.html", conversations=found, total=total, offset=offset, page=PAGE, days=desk().settings.keep_days)


@blueprint.post("/c/<key>/title")
def rename(key: str) -> Response:
    """Give it the form's ``title``."""
    desk().conversations.rename(key, owner.known(), request.form.get("title", ""))
    return redirect(url_for(".show", key=key), 303)


@blueprint.post("/c/<key>/delete")
def delete(key: str) -> Response:
    """Delete it with all that was asked in it."""
    desk().conversations.remove(key, owner.known())
    flash(say("conversation_deleted", g.language))
    return redirect(url_for(".index"), 303)


@blueprint.get('/c/<key>/export.<any("md", "docx"):form>')
def export(key: str, form: str) -> Response:
    """The whole conversation as a file, for whoever knows its address."""
    conversation, turns = desk().conversations.find(key), desk().conversations.turns(key)
    site = desk().settings.public_url.rstrip("/") or request.host_url.rstrip("/")
    cited = ((turn.at.astimezone().date(), citation) for turn in turns for citation in turn.answer.cited)
    transcript = Transcript(
        conversation.title, say("exported", g.language, address=site + url_for(".show", key=key), day=date.today()),
        _cards([turn.answer for turn in turns]), references(cited, _metadata, site))
    writer, kind = FORMS[form]
    return send_file(io.BytesIO(transcript.write(writer(), g.language)), kind, as_attachment=True,
                     download_name=f"{_NOT_IN_NAMES.sub(' ', conversation.title)}.{form}")


def chat_page(key: str = "", framed: bool = False) -> str | Response:
    """The chat as the address asks for it. A question in the address is answered, and leads on to the address of the
    conversation that keeps the answer, so that a reload does not ask again.

    :param key: of the conversation to show, else the one that the address' ``c`` names, if any.
    :param framed: without the head of the site, to be shown in a frame.
    :raises NotFound: there is no such conversation.
    """
    asked = from_query(ChatRequest, request.args)
    key = key or asked.c
    visitor = owner.named() if desk().settings.keep_days and not framed else owner.known()
    answer, problem = None, None
    if asked.q is not None:
        try:
            wanted = TurnRequest(question=asked.q, history=asked.h, conversation=key or None, filters=asked.filters)
            answer, kept = desk().converse(wanted, visitor)
        except QuestionError as error:
            problem = error.message
        else:
            if kept:
                return redirect(_address(framed, kept), 303)
    shown = _kept(key, visitor, asked.before, framed) if key else _fleeting(answer, asked.h)
    service = desk().service
    return render_template("chat.html", asked=asked, framed=framed, problem=problem, home=_address(framed),
                           unfiltered=_address(framed, key or None, **dict.fromkeys(filtering.NAMES)),
                           suggestions=service.suggestions(), filters=filtering.choices(asked),
                           documents=service.status()["documents"], max_question=desk().settings.max_question, **shown)


def reply(wanted: TurnRequest) -> str:
    """The answer card to a question, and the head of the conversation where it is another than the question's."""
    visitor = owner.known()
    answer, kept = desk().converse(wanted, visitor)
    begun = desk().conversations.find(kept) if kept and kept != wanted.conversation else None
    return render_template("_reply.html", card=_cards([answer])[0], **_headed(begun, visitor, wanted.framed))


def _cards(answers: Sequence[Answer]) -> list[card.Card]:
    said = desk().questions.said([answer.id for answer in answers])
    return [card.lay_out(answer, said) for answer in answers]


def _metadata(document_id: str) -> Metadata | None:
    try:
        return desk().service.document(document_id).metadata
    except NotFound:
        return None


def _kept(key: str, visitor: str | None, before: int | None, framed: bool) -> dict:
    """What the chat shows of a conversation."""
    conversation = desk().conversations.find(key)
    turns = desk().conversations.turns(key, SHOWN + 1, before)
    return _headed(conversation, visitor, framed) | {
        "cards": _cards([turn.answer for turn in turns[-SHOWN:]]),
        "earlier": _address(framed, key, before=turns[-SHOWN].number) if len(turns) > SHOWN else None,
        "latest": _address(framed, key) if before else None}


def _fleeting(answer: Answer | None, history: tuple[str, ...]) -> dict:
    """What it shows where nothing is kept: the answer to the last question, and the questions to send with the next one."""
    return {"conversation": None, "cards": _cards([answer]) if answer else [],
            "history": [*history, answer.question] if answer else history}


def _headed(conversation: Conversation | None, visitor: str | None, framed: bool) -> dict:
    """What the head of a conversation shows. A frame has no room for changing it, and mostly no owner."""
    return {"conversation": conversation, "mine": conversation is not None and conversation.belongs_to(visitor) and not framed,
            "others": conversation is not None and conversation.owner is not None and not conversation.belongs_to(visitor),
            "longest_title": LONGEST_TITLE}


def _address(framed: bool, key: str | None = None, **parameters: object) -> str:
    """Of the chat, or of a conversation in it. What the present address says besides, such as the language, stays."""
    rest = {name: values for name, values in request.args.lists() if name not in ("q", "h", "c", "before")} | parameters
    if framed:
        return url_for("embed.frame", c=key, **rest)
    return url_for("conversations.show", key=key, **rest) if key else url_for("pages.chat", **rest)
