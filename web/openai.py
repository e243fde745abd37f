"""The interface of OpenAI's chat completions, so that bot frameworks and chat front ends that speak it work unchanged.

See https://platform.openai.com/docs/api-reference/chat.
"""

import json
import time
from collections.abc import Iterator

from flask import Blueprint, Response, abort, request

from qa.answer import Answer
from qa.errors import QuestionError
from web.bots.dialog import Dialog, language_of
from web.bots.rendering import MARKDOWN, render
from web.callers import guard
from web.desk import desk
from web.schema import MAX_HISTORY, AskRequest, ChatCompletionRequest, from_json

MODEL = "reports"  # the one model that is listed; requests may name any

blueprint = Blueprint("openai", __name__, url_prefix="/v1")
guard(blueprint)


@blueprint.get("/models")
def models() -> dict:
    """The one model."""
    return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "reports"}]}


@blueprint.post("/chat/completions")
def complete() -> dict | Response:
    """The last user message answered in Markdown, the earlier ones its history; what the API says of it rides along in ``report``."""
    if request.mimetype != "application/json":
        abort(415)
    wanted = from_json(ChatCompletionRequest, request.get_data())
    asked = [message.text.strip() for message in wanted.messages if message.role == "user"]
    if not asked:
        raise QuestionError("no_user_message", "messages 中没有用户的提问（role 为 user）。 There is no message of the user (role user) in messages.")
    answer = desk().ask(AskRequest(question=asked[-1], history=tuple(filter(None, asked[:-1]))[-MAX_HISTORY:]), "openai")
    reply = Dialog(desk()).told(answer, language_of(asked[-1]))
    text = render(reply, MARKDOWN)
    if wanted.stream:
        return Response(_events(answer, text), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return _head(answer, "chat.completion") | {"choices": [choice], "report": answer.to_dict()}


def _events(answer: Answer, text: str) -> Iterator[str]:
    """The reply as events: the role, each paragraph, the end with the structured answer."""
    head = _head(answer, "chat.completion.chunk")
    for number, paragraph in enumerate(text.split("\n\n")):
        delta = {"role": "assistant"} if not number else {}
        yield _event(head | {"choices": [_chunk(delta | {"content": ("\n\n" if number else "") + paragraph}, None)]})
    yield _event(head | {"choices": [_chunk({}, "stop")], "report": answer.to_dict()})
    yield "data: [DONE]\n\n"


def _head(answer: Answer, kind: str) -> dict:
    return {"id": f"chatcmpl-{answer.id}", "object": kind, "created": int(time.time()), "model": MODEL}


def _chunk(delta: dict, finished: str | None) -> dict:
    return {"index": 0, "delta": delta, "finish_reason": finished}


def _event(data: dict) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"
