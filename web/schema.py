"""What a request may hold. Anything else is refused, with a message that names the field."""

from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from qa.errors import QuestionError
from web.records.questions import LONGEST_COMMENT

MAX_HISTORY = 100
MAX_FILTER = 200
MAX_BATCH = 50
_Names = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=MAX_FILTER)]
_Years = Annotated[tuple[Annotated[int, Field(ge=1, le=9999)], ...], Field(max_length=MAX_FILTER)]
_Key = Annotated[str, Field(max_length=32)]
# As the service checks it, for the specification: not blank, and without control characters.
_ASKABLE = {"minLength": 1, "pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"}
_Question = Annotated[str, Field(json_schema_extra=_ASKABLE)]
Request = TypeVar("Request", bound=BaseModel)

_PROBLEMS = {  # pydantic's error types, said to people
    "missing": ("缺少这一项", "is missing"),
    "extra_forbidden": ("没有这一项", "is not a known field"),
    "string_type": ("应为文字", "must be a string"),
    "string_too_short": ("不能为空", "must not be empty"),
    "string_too_long": ("太长，最多{max_length}字", "is too long: at most {max_length} characters"),
    "int_type": ("应为整数", "must be a whole number"),
    "int_parsing": ("应为整数", "must be a whole number"),
    "int_parsing_size": ("数字太大", "is too large"),
    "float_parsing": ("应为数字", "must be a number"),
    "tuple_type": ("应为列表", "must be a list"),
    "too_short": ("至少{min_length}项", "has too few items: at least {min_length}"),
    "too_long": ("最多{max_length}项", "has too many items: at most {max_length}"),
    "greater_than_equal": ("不能小于{ge}", "must be at least {ge}"),
    "literal_error": ("应为 {expected}", "must be {expected}"),
    "less_than_equal": ("不能大于{le}", "must be at most {le}"),
    "model_type": ("应为 JSON 对象", "must be a JSON object"),
}


class FilterRequest(BaseModel):
    """Which documents may answer; an empty list does not filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    regions: Annotated[_Names, Field(description="地区。 Places.", examples=[["许昌市"]])] = ()
    years: Annotated[_Years, Field(description="报告所述的年份。 Years that are reported on.", examples=[[2020]])] = ()
    issuers: Annotated[_Names, Field(description="发布机构。 Issuers.", examples=[["许昌市人民政府"]])] = ()
    document_ids: Annotated[_Names, Field(description="报告编号。 Ids of documents.", examples=[[]])] = ()


class AskRequest(BaseModel):
    """A question. Its own length and characters are checked by the service, the same for every surface."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Annotated[_Question, Field(description="问题。 The question.", examples=["2020年许昌市生产总值是多少？"])]
    history: Annotated[tuple[_Question, ...], Field(
        max_length=MAX_HISTORY, description="这次对话中先前的问题，从早到晚；追问据此理解。 Questions asked before it, oldest first; a follow-up is"
        " understood from them.", examples=[[]])] = ()
    top_k: Annotated[int, Field(ge=1, le=50, description="最多返回多少段落。 Most passages returned.")] = 10
    filters: Annotated[FilterRequest, Field(description="哪些报告可以作答；空列表不作限制。 Which documents may answer; an empty list does not"
                                                        " filter.")] = FilterRequest()


class BatchedRequest(AskRequest):
    """A question among several; where it cannot be asked, that is said in the place of its answer."""

    question: Annotated[str, Field(description="问题。 The question.", examples=["2020年许昌市生产总值是多少？"])]
    history: Annotated[tuple[str, ...], Field(
        max_length=MAX_HISTORY, description="先前的问题，从早到晚。 Questions asked before it, oldest first.", examples=[[]])] = ()


class BatchRequest(BaseModel):
    """Several questions at once, each on its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    questions: Annotated[tuple[BatchedRequest, ...], Field(min_length=1, max_length=MAX_BATCH, description="各个问题。 The questions.")]


class TurnRequest(AskRequest):
    """A question in the chat.

    :ivar conversation: key of the conversation that it goes on with, or None.
    :ivar framed: whether the chat is shown in a frame.
    """

    conversation: _Key | None = None
    framed: bool = False


class FeedbackRequest(BaseModel):
    """What someone thinks of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: Annotated[Literal[1, -1], Field(description="1 有帮助，-1 不对。 1 where it helped, -1 where it is wrong.")]
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT, description="哪里不对。 What is wrong.", examples=["年份不对"])] = ""


class VoteRequest(BaseModel):
    """The same from the page's form.

    :ivar next: where a page without scripts goes on, or None.
    """

    verdict: Literal["1", "-1"]
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT)] = ""
    next: str | None = None


class ChatPart(BaseModel):
    """A piece of a message; only those of type ``text`` are read."""

    type: Annotated[str, Field(description="text 以外的不读。 Others than text are not read.", examples=["text"])]
    text: str = ""


class ChatMessage(BaseModel):
    """A message of a conversation as OpenAI's interface has it."""

    role: Annotated[str, Field(description="user 以外的不读。 Others than user are not read.", examples=["user"])]
    content: Annotated[str | tuple[ChatPart, ...] | None, Field(description="所说的话。 What is said.",
                                                                examples=["2020年许昌市生产总值是多少？"])] = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content or () if part.type == "text")


class StreamOptions(BaseModel):
    """What a stream is to hold besides."""

    include_usage: bool | None = False


class ChatCompletionRequest(BaseModel):
    """A request of OpenAI's chat completions. What tunes a language model has no meaning here and is passed over."""

    messages: Annotated[tuple[ChatMessage, ...], Field(
        max_length=10 * MAX_HISTORY, description="对话；用户的最后一条是问题，先前的是上文。 The conversation: the user's last message is the question,"
        " the earlier ones its history.")]
    stream: Annotated[bool | None, Field(description="以事件流回答。 Answer as events.")] = False
    stream_options: Annotated[StreamOptions | None, Field(description="事件流带什么。 What the events hold besides.")] = None

    @property
    def counts_usage(self) -> bool:
        """Whether a stream is to end with how much was said."""
        return bool(self.stream_options and self.stream_options.include_usage)


class DocumentsRequest(FilterRequest):
    """One page of the list of documents."""

    q: Annotated[str, Field(max_length=200, description="标题、发布机构、文号、文件名或编号中的词，以空格分开。 Words in the title, issuer, document number,"
                            " file name or id, between spaces.", examples=["工作报告 许昌"])] = ""
    offset: Annotated[int, Field(ge=0, le=2**31, description="跳过多少篇。 How many to pass over.")] = 0
    limit: Annotated[int, Field(ge=1, le=200, description="最多多少篇。 Most documents.")] = 50


class JobsRequest(BaseModel):
    """One page of the list of jobs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    offset: Annotated[int, Field(ge=0, le=2**31, description="跳过多少项。 How many to pass over.")] = 0
    limit: Annotated[int, Field(ge=1, le=200, description="最多多少项。 Most jobs.")] = 50


class CountRequest(BaseModel):
    """How many of something."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1, le=50, description="最多多少个。 How many at most.")] = 6


class ChatRequest(BaseModel):
    """The chat page's address. Pages let unknown parameters pass: whoever forwards a link may add some.

    :ivar q: the question to open with, or None.
    :ivar c: key of the conversation that it goes on with, or empty.
    :ivar h: the questions before it, where no conversation is kept.
    :ivar before: shows the turns before that number.
    :ivar region, year, issuer, document: which documents may answer.
    """

    q: str | None = None
    c: _Key = ""
    before: Annotated[int, Field(ge=0, le=2**31)] | None = None
    h: Annotated[tuple[str, ...], Field(max_length=MAX_HISTORY)] = ()
    region: _Names = ()
    year: _Years = ()
    issuer: _Names = ()
    document: _Names = ()

    @property
    def filters(self) -> FilterRequest:
        """The last four as the service takes them."""
        return FilterRequest(regions=self.region, years=self.year, issuers=self.issuer, document_ids=self.document)


class ListRequest(BaseModel):
    """Where the page of the list of reports begins."""

    offset: Annotated[int, Field(ge=0, le=2**31)] = 0


class PlaceRequest(BaseModel):
    """The place in a report that is marked, ``[start, end)``; nothing where it is empty.

    :ivar at: the offset that is shown, where it is another than the mark.
    :ivar page: the page of the original that is shown as a picture; None for the text.
    """

    start: Annotated[int, Field(ge=0, le=2**31)] = 0
    end: Annotated[int, Field(ge=0, le=2**31)] = 0
    at: Annotated[int, Field(ge=0, le=2**31)] | None = None
    page: Annotated[int, Field(ge=1, le=2**31)] | None = None


def from_json(model: type[Request], body: bytes) -> Request:
    """A request from a JSON body, types taken strictly.

    :raises QuestionError: it is no JSON, or not of that shape.
    """
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise _refusal(error) from error


def from_query(model: type[Request], query: MultiDict) -> Request:
    """A request from the parameters of an address, or the fields of a form; a list is a parameter given several times.

    :raises QuestionError: a parameter is unknown, given twice, or not of its type.
    """
    lists = {name for name, f in model.model_fields.items() if f.default == ()}
    values = {name: given if name in lists or len(given) > 1 else given[0] for name, given in query.lists()}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> QuestionError:
    """The error to answer with: the first problem in words, all of them in the detail."""
    problems = error.errors(include_url=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return QuestionError("invalid_json", "请求内容不是有效的 JSON。 The request body is not valid JSON.")
    fields = [_describe(problem) for problem in problems[:20]]
    first = fields[0]
    chinese, english = first.pop("words")
    for other in fields[1:]:
        del other["words"]
    return QuestionError("invalid_request", f"请求中的 {first['field']} {chinese}。 In the request, {first['field']} "
                         f"{english}.", fields=fields)


def _describe(problem: ErrorDetails) -> dict:
    """One problem: the field's path, pydantic's name of the problem, and the words for people."""
    words = _PROBLEMS.get(problem["type"], ("格式不对", "is malformed"))
    context = problem.get("ctx", {})
    return {"field": _path(problem["loc"]), "problem": problem["type"],
            "words": tuple(part.format(**context) for part in words)}


def _path(location: Sequence[str | int]) -> str:
    """``filters.years[0]``; ``body`` for the whole request."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".") or "body"
