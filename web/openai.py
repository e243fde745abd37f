"""The interface of OpenAI's chat completions, so that bot frameworks and chat front ends that speak it work unchanged.

See https://platform.openai.com/docs/api-reference/chat.
"""

import json
import time
import uuid
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response

from qa.answer import Answer
from qa.errors import NotFound, QuestionError
from qa.question import check
from web import failures
from web.bots.dialog import Dialog, asks_for_help, language_of, number_in
from web.bots.rendering import MARKDOWN, options_in, render
from web.bots.shape import Reply
from web.callers import guard
from web.desk import desk
from web.events import stream
from web.operation import EVENTS, operation
from web.replies import ChatCompletionReply, ModelReply, ModelsReply, OpenAiErrorReply
from web.schema import MAX_HISTORY, AskRequest, ChatCompletionRequest, ChatMessage

TAG = "OpenAI"
MODEL = "reports"  # the one model that is listed; requests may name any
_LISTED = {"id": MODEL, "object": "model", "created": 0, "owned_by": "reports"}

blueprint = Blueprint("openai", __name__, url_prefix="/v1")
guard(blueprint)


@blueprint.get("/models")
@operation(tag=TAG, summary="模型 The models", gives=ModelsReply, error=OpenAiErrorReply)
def models() -> dict:
    """The one model."""
    return {"object": "list", "data": [_LISTED]}


@blueprint.get("/models/<name>")
@operation(tag=TAG, summary="一个模型 One model", gives=ModelReply, error=OpenAiErrorReply, failures=failures.MODEL)
def model(name: str) -> dict:
    """What is listed of a model."""
    if name != MODEL:
        raise NotFound("model_not_found", f"没有模型 {name}，只有 {MODEL}。 There is no model {name}, only {MODEL}.")
    return _LISTED


@blueprint.post("/chat/completions")
@operation(tag=TAG, summary="对话补全 Complete a chat", body=ChatCompletionRequest, gives=ChatCompletionReply, error=OpenAiErrorReply,
           media={EVENTS: "OpenAI 的 chat.completion.chunk，末尾是 [DONE]。 OpenAI's chat.completion.chunk, with [DONE] at the end."},
           failures=failures.QUESTION + failures.NO_USER_MESSAGE + failures.INDEX)
def complete(wanted: ChatCompletionRequest) -> dict | Response:
    """The last user message answered in Markdown, the earlier ones its history; what the API says of it rides along in ``report``,
    which is null where the message is a greeting."""
    asked = _asked(wanted.messages)
    if not asked:
        raise QuestionError("no_user_message", "messages 中没有用户的提问（role 为 user）。 There is no message of the user (role user) in messages.")
    language = language_of(asked[-1])
    if asks_for_help(asked[-1]):
        answer, reply = None, Dialog(desk()).help(language)
    else:
        before = tuple(filter(_is_question, asked[:-1]))
        answer = desk().ask(AskRequest(question=asked[-1], history=before[-MAX_HISTORY:]), "openai")
        reply = Dialog(desk()).told(answer, language)
    completion = Completion(answer, reply, asked)
    if wanted.stream:
        return stream(completion.events(wanted.counts_usage))
    return completion.whole()


def _asked(messages: Sequence[ChatMessage]) -> list[str]:
    """What the user asked, oldest first; a number stands for the question that the reply before it offers."""
    offered, asked = {}, []
    for message in messages:
        if message.role == "assistant":
            offered = options_in(message.text)
        elif message.role == "user":
            asked.append(offered.get(number_in(message.text), message.text.strip()))
    return asked


def _is_question(text: str) -> bool:
    """Whether an earlier message was one. What was refused then stays in the chat, and must not have all that follows refused."""
    try:
        return not asks_for_help(check(text, desk().settings.max_question))
    except QuestionError:
        return False


class Completion:
    """A reply in the shape of OpenAI's.

    :param answer: what it says, or None for a greeting.
    :param asked: the user's messages.
    """

    def __init__(self, answer: Answer | None, reply: Reply, asked: Sequence[str]) -> None:
        self._report = answer.to_dict() if answer else None
        self._head = {"id": f"chatcmpl-{answer.id if answer else uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
        self._text = render(reply, MARKDOWN)
        self._annotations = _annotations(reply, self._text)
        sent, said = sum(map(len, asked)), len(self._text)  # characters: nothing here is made of tokens
        self._usage = {"prompt_tokens": sent, "completion_tokens": said, "total_tokens": sent + said}

    def whole(self) -> dict:
        """In one piece."""
        message = {"role": "assistant", "content": self._text, "refusal": None, "annotations": self._annotations}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self._head | {"object": "chat.completion", "choices": [choice], "usage": self._usage, "report": self._report}

    def events(self, with_usage: bool) -> Iterator[str]:
        """As events: the role, each paragraph, the end with the sources, and the usage where it is wanted."""
        for number, paragraph in enumerate(self._text.split("\n\n")):
            delta = {"role": "assistant"} if not number else {}
            yield self._chunk(delta | {"content": ("\n\n" if number else "") + paragraph})
        yield self._chunk({"annotations": self._annotations}, "stop", report=self._report)
        if with_usage:
            yield self._event(choices=[], usage=self._usage)
        yield "data: [DONE]\n\n"

    def _chunk(self, delta: dict, finished: str | None = None, **more: object) -> str:
        return self._event(choices=[{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finished}], **more)

    def _event(self, **values: object) -> str:
        return f"data: {json.dumps(self._head | {'object': 'chat.completion.chunk'} | values, ensure_ascii=False)}\n\n"


def _annotations(reply: Reply, text: str) -> list[dict]:
    """The sources of a reply as OpenAI annotates addresses: where in the text each is linked."""
    found, end = [], 0
    for number, quote in enumerate(reply.quotes, 1):
        if quote.source.link:
            link = f"]({quote.source.link})"
            end = text.index(link, end) + len(link)
            start = text.rindex(f"[【{number}】", 0, end)
            found.append({"type": "url_citation", "url_citation": {
                "start_index": start, "end_index": end, "title": quote.source.label, "url": quote.source.link}})
    return found
