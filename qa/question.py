"""A question, understood: what is asked, of which years and places, and which terms to search."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from os.path import commonprefix

from corpus.dates import explicit_years
from corpus.places import canonical, place_spans, places_in
from qa.errors import QuestionError
from qa.terms import terms


class Kind(StrEnum):
    """What kind of answer a question asks for."""

    NUMBER = "number"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    CONTACT = "contact"
    NAME = "name"
    LIST = "list"
    REASON = "reason"
    MEANS = "means"
    DEFINITION = "definition"
    POLAR = "polar"
    OTHER = "other"


# The first pattern that matches decides, so that 哪一年 is a date and not a 哪, and 多少条措施 a number and not a list.
_KINDS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in (
    (Kind.CONTACT, r"电话|号码是|热线|网址|邮箱|联系方式|微信号|公众号"),
    (Kind.DATE, r"什么时候|什么时间|何时|哪一?年|哪一?[天日]|哪个?月|几月|几号|几日|哪个?时间|截止日期|截至何|日期|when\b"),
    (Kind.NUMBER, r"多少|多大|多高|多长|多久|多远|多快|多重|几[^乎何]|第几|比例|比重|占比|标准是|额度|幅度|上限|下限|增速|"
                  r"百分之几|how (?:many|much|long|large)"),
    (Kind.PERSON, r"谁|叫啥|哪位|姓名|who\b"),
    (Kind.REASON, r"为什么|为何|为啥|原因|凭什么|why\b"),
    (Kind.DEFINITION, r"(?:是|具体)?指的?是?(?:什么|啥)|是什么意思|什么叫|什么是|何谓|含义"),
    (Kind.LIST, r"哪些|哪[几两二三四五六七八九十]|哪里些|有什么|包括什么|包含什么|什么样的措施|分别|which\b.*s\b"),
    (Kind.PLACE, r"哪里|哪儿|何处|什么地方|地址|where\b"),
    (Kind.NAME, r"叫什么|什么名|哪个|哪家|哪一[个家项份部]|哪份|哪部|哪项|哪款|名称"),
    (Kind.MEANS, r"如何|怎么|怎样|咋|怎麽|什么办法|什么措施|什么方式|how\b"),
    (Kind.POLAR, r"吗|是否|能不能|可不可以|有没有|是不是|会不会|要不要|[能会可][^，。]{0,4}[么嘛]"),
))

# Words that ask and name nothing that a report would say in the answer.
_ASKING = re.compile(
    r"请问|想问一?下|麻烦问|告诉我|多少|什么时候|什么时间|什么地方|什么样的?|什么|为什么|为何|为啥|哪一?[些几个家项份部年天日月里儿位]|"
    r"如何|怎么样?|怎样|是否|能不能|可不可以|有没有|是不是|多久|多大|多长|多高|咋|啥|吗|呢|吧|呀|啊|谁|[?？!！]|"
    r"几(?=[个家项名位人天年月日号条件座处次种类批套所间户例倍])")
_FOLLOWS = re.compile(r"^(?:那么?|而|还有|另外|其中|它|他|她|这|该|此|前者|后者|上述|同期)|呢[？?]?$|这[个份项些]|该[文政办条规]")
_PLAN = re.compile(r"计划|打算|目标|准备|力争|拟|预期|预计|规划|将要?|想要?|希望|要(?:达到|完成|建|新增|实现)|安排|争取")
_YEAR = re.compile(r"(?:19|20)\d\d年?|[去今明前]年|“?十[一二三四五]五”?(?:期间|末|时期)?")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents may answer; an empty field does not filter."""

    regions: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    issuers: tuple[str, ...] = ()
    document_ids: tuple[str, ...] = ()


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """A standalone question.

    :ivar text: the question as it is searched.
    :ivar content: the question without the words that ask.
    :ivar plan: whether it asks for a plan or a target rather than for a result.
    :ivar weights: term to weight, for BM25 and for comparing with sentences.
    """

    text: str
    content: str
    kind: Kind
    years: tuple[int, ...]
    places: tuple[str, ...]
    plan: bool
    weights: dict[str, float]


def check(question: object, limit: int) -> str:
    """The question without surrounding white space.

    :param limit: longest question, in characters.
    :raises QuestionError: it is no string, empty, too long, or holds control characters.
    """
    if not isinstance(question, str):
        raise QuestionError("question_not_text", "问题必须是文字。 The question must be a string.")
    stripped = question.strip()
    if not stripped:
        raise QuestionError("question_empty", "问题不能为空，请输入一个问题。 The question is empty: please type one.")
    if len(stripped) > limit:
        raise QuestionError("question_too_long", f"问题太长，请缩短到{limit}字以内。 "
                            f"The question is too long: at most {limit} characters.", length=len(stripped), limit=limit)
    if any(ord(c) < 32 and c not in "\t\n\r" or 127 <= ord(c) < 160 or 0xD800 <= ord(c) < 0xE000 for c in stripped):
        raise QuestionError("question_control_characters", "问题里有不可见的控制字符，请删除后重试。 "
                            "The question holds control characters: please remove them.")
    return " ".join(stripped.split())


def understand(question: str, history: Sequence[str] = ()) -> Query:
    """A checked question as a :class:`Query`.

    :param history: earlier questions of the conversation, oldest first; used only where the question leans on them.
    """
    text = standalone(question, history)
    content = " ".join(_ASKING.sub(" ", text).split()) or text
    weights: dict[str, float] = {}
    for piece in content.split():
        for term in terms(piece):
            weights[term] = weights.get(term, 0.0) + 1.0
    kind = next((kind for kind, pattern in _KINDS if pattern.search(question)), None) or next(
        (kind for kind, pattern in _KINDS if pattern.search(text)), Kind.OTHER)
    return Query(text, content, kind, explicit_years(text), places_in(text), bool(_PLAN.search(text)), weights)


def standalone(question: str, history: Sequence[str]) -> str:
    """A follow-up made to stand alone: what is new replaces its like in the question before, the rest is taken over."""
    text = ""
    for asked in (*history, question):
        text = _following(asked, text)
    return text


def _following(question: str, before: str) -> str:
    if not before or not _FOLLOWS.search(question) and len(_ASKING.sub("", question)) > 8:
        return question
    new = re.sub(r"^(?:那么?|而|还有|另外)|的?呢?[？?]?$", "", question).strip("，, ")
    if _YEAR.fullmatch(new):
        return _YEAR.sub(new, before, count=1) if _YEAR.search(before) else f"{new}{before}"
    if places_in(new) == (canonical(new),):
        for place, offset in place_spans(before):
            return before[:offset] + new + before[offset + len(commonprefix((place, before[offset:]))):]
    taken = _YEAR.sub("", before) if _YEAR.search(question) else before
    return f"{_ASKING.sub('', taken).strip('，, ')}，{question.lstrip('那么而')}"
