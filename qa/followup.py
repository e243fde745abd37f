"""Follow-ups made to stand alone: what is new replaces its like in the question before, what is missing is taken over.

``2021年郑州市粮食产量是多少？`` and then ``那2022年呢？`` gives ``2022年郑州市粮食产量是多少？``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import commonprefix

import rjieba

from corpus.places import canonical, place_spans, places_in
from qa.asking import Kind, content_of, kind_of

SHORT = 12  # characters of content; a question that says no more and names neither place nor document leans on another
DEPTH = 8  # earlier questions that are looked at

_NUMERAL = r"(?:\d+|[一二三四五六七八九十两]+)"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?:\s?年|(?=[\u4e00-\u9fff])(?![万亿元个家户人名米平公多余]))|[去今明前]年|[“\"]?十[一二三四]五[”\"]?(?:期间|末|时期)?")
_SAME_YEAR = re.compile(r"(?:同一年|同年|那一年|同期)的?")
_LEADING = re.compile(r"^(?:那么?(?![个一些])|而且?|还有|另外|再问)[,，]?")
_AGAIN = re.compile(r"又(?=[是要该打提涨由])")
_MARK = re.compile(r"[?？!！。\s]+$")
_ASKS = re.compile(r"多少|几|什么|哪|谁|啥|多[久大长高远快]|如何|怎|咋|吗|是否|有没有|能不能")
_DOCUMENT = re.compile(r"《[^》]+》|^[^,，?？]{2,40}?(?:条例|办法|规划(?![和局])|方案|计划(?!生育|增长|投)|措施|规定|细则|[劳合公税产法保]\w{0,8}法|有限公司)"
                       r"(?:[（(][^）)]*[）)])?(?:里|中|规定|要求)?")
_ORGANISATION = re.compile(r"[^\W的它在这\d]{1,12}?(?:厅|局|委员会|[改健资委]委|办公室|院|部门?(?![分署])|公司|集团|银行|中心|大学|学院)")
_PREDICATE = (r"是|为|有|在|达到?|超过|突破|要|将|预计|预期|计划|打算|准备|力争|目标|能|可以?|最[高低长短晚多少]|一共|总?共|合计|完成|实现|增长|增加|提高|提出"
              r"|出台|下降|涨|降|减|压|投|选|安排|办|排|居|由|定|归")
_SUBJECT = re.compile(rf"^(.{{1,80}}?)的?[,，]?(?:{_PREDICATE}){{0,5}}[到至了在]?(?=第?(?:{_ASKS.pattern})|[,，])")
_NO_SUBJECT = re.compile(r"^(?:其中|占|比(?!例|重)|较|同比|环比|[增涨升降减]|排第|位?居|(?:提高|下降|完成)了?(?:多少|几))")
_THING = r"文件|政策|办法|条例|方案|规定|通知|措施|项目|工程|公司|平台"
_PRONOUN = re.compile(rf"它们?|[这该此](?:[个份项条家些次]?(?P<noun>{_THING}))")
_CONDITION = re.compile(r"^(?:要是|如果|假如|若是?|倘若)")
_PREPOSITIONS = ("对", "向", "从", "给")
_HEADS = ("目标", "出口", "进口", "总量", "产量", "产值", "收入", "规模", "总额", "增加值", "人数", "数量", "面积", "投资", "任务", "增速", "奖励", "电话", "时限",
          "期限", "标准", "比例", "要求", "税率")
_MORE = re.compile(r"(?:标准)?[是有打]?(?:多少|几\w|哪个|怎么样|什么)")
_LEANS = re.compile(rf"{_LEADING.pattern}|^(?:他|她|这|该|此|前者|后者|上述)|{_CONDITION.pattern}|呢(?:[?？]?$|[,，])|{_NO_SUBJECT.pattern}"
                    r"|^(?:19|20)\d\d年的(?:目标|计划|任务|增速)|^\w{2,6}以后[,，]")
_REFERS = re.compile(rf"{_PRONOUN.pattern}|{_SAME_YEAR.pattern}|{_AGAIN.pattern}|这[个份项些]|同一[家个]")
_ANCHOR = re.compile(r"《|条例|办法|规定|方案|规划(?![和局])|通知|公告|^[^\u4e00-\u9fff]+$|(?:^|年)[\u4e00-\u9fff]{2,3}[省市县](?![场民政])|[\u4e00-\u9fff]法(?:里|中|规定|[,，])")


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be understood by itself.

    :ivar taken: what the questions before said that ``text`` leaves out and that may matter.
    """

    text: str
    taken: str = ""


def standalone(question: str, history: Sequence[str]) -> Standalone:
    """A question as it would be asked without the questions before it.

    :param history: earlier questions, oldest first; those back to the last that stands alone are looked at, at most 8.
    """
    history = history[-DEPTH:]
    first = len(history) - 1
    while first > 0 and _leans(history[first]):
        first -= 1
    result = Standalone("")
    for asked in (*history[max(first, 0):], question):
        result = _following(asked, result.text)
    return result


def _following(question: str, before: str) -> Standalone:
    before = _MARK.sub("", before)
    if not before or not _leans(question):
        # A long question may need the place that it does not name, or nothing: it stays, what was said counts besides.
        return Standalone(question, "" if _anchored(question) or not _anchored(before) else content_of(before))
    new = _SAME_YEAR.sub("", _AGAIN.sub("", _MARK.sub("", _LEADING.sub("", question))))
    return next(found for rule in _RULES if (found := rule(new, before)))


def _leans(question: str) -> bool:
    """Does a question need another before it, because it says so or says little?"""
    if _LEANS.search(question):
        return True
    if _anchored(question) or kind_of(question) is Kind.DEFINITION:
        return False
    return bool(_REFERS.search(question)) or len(content_of(question)) <= SHORT


def _anchored(question: str) -> bool:
    return bool(_ANCHOR.search(question) or places_in(question))


def _asked(text: str) -> str:
    return f"{text}？"


def _year(new: str, before: str) -> Standalone | None:
    """那2022年呢: the year before gives way."""
    bare = re.sub(r"^[到至]|[的呢]+$", "", new)
    return Standalone(_asked(_with_years(before, [bare]))) if _YEAR.fullmatch(bare) else None


def _with_years(before: str, years: list[str]) -> str:
    first = _YEAR.search(before)
    if not (years and first):
        return "和".join(years) + before
    rest = re.sub(r"^(?:[至到和、—-]|这\w年)+", "", _YEAR.sub("", before[first.end():]))
    return before[:first.start()] + "和".join(years) + rest


def _place(new: str, before: str) -> Standalone | None:
    """那洛阳呢: the place before gives way."""
    bare = re.sub(r"[的呢]+$", "", new)
    return Standalone(_asked(_with_place(before, bare))) if places_in(bare) == (canonical(bare),) else None


def _with_place(before: str, place: str) -> str:
    for name, start in place_spans(before):
        return before[:start] + place + before[start + len(commonprefix((name, before[start:]))):]
    return place + before


def _organisation(new: str, before: str) -> Standalone | None:
    """那省人社厅给了几条: who acted gives way."""
    actor, other = _ORGANISATION.match(new), _ORGANISATION.match(before)
    if not (actor and other) or len(new) - actor.end() > 7 or _YEAR.search(new):
        return None
    return Standalone(_asked(actor[0] + before[other.end():]))


def _year_and_predicate(new: str, before: str) -> Standalone | None:
    """那2020年计划投多少: what it is about stays, year and predicate are new."""
    year = _YEAR.match(new)
    subject = subject_of(before)
    if not (year and subject and re.match(rf"的?(?:{_PREDICATE})", new[year.end():])):
        return None
    return Standalone(_asked(_with_years(subject, [year[0]]) + new[year.end():]), _object(before))


def subject_of(before: str) -> str:
    """What a question is about: all before its predicate; empty where that cannot be told."""
    start = frame_end(before)
    found = _SUBJECT.match(before[start:])
    return before[:start] + found[1] if found else ""


def _object(before: str) -> str:
    """What stands behind the asking word: 投资 of 完成了多少投资."""
    parts = _ASKS.split(before)
    return content_of(parts[-1]) if len(parts) > 1 else ""


def _pronoun(new: str, before: str) -> Standalone | None:
    """它…, 这份文件…: the thing meant takes the pronoun's place."""
    pronoun = _PRONOUN.search(new)
    if not pronoun or pronoun.start() > 2:
        return None
    noun = pronoun["noun"]
    asked = re.search(rf"(?:了|的)?(?:什么|哪一?[个份项些]|啥){noun}", before) if noun else None
    document = _DOCUMENT.search(before) if noun else None
    if asked:
        meant = f"{before[:asked.start()]}{before[asked.end():]}的{noun}"
    elif document:
        meant = re.sub(r"(?:里|中|规定|要求)$", "", document[0])
    else:
        meant = subject_of(before)
        if meant[-2:] in new:  # 它的投诉电话, asked after 核发的咨询电话
            meant = re.sub(r"的[^的]{2,8}$", "", meant)
    return Standalone(_asked(meant + new[pronoun.end():]), content_of(before)) if meant else None


def _without_subject(new: str, before: str) -> Standalone | None:
    """比上年增长多少, 其中小麦占多少: the subject before is the subject."""
    subject = subject_of(before)
    if not (subject and _NO_SUBJECT.match(new)) or new.endswith("呢"):
        return None
    return Standalone(_asked(subject + re.sub(r"^其中[,，]?", "中", new)))


def _condition(new: str, before: str) -> Standalone | None:
    """要是情节严重呢: asked again, under a condition."""
    if not (_CONDITION.match(new) and new.endswith("呢")) or _ASKS.search(new):
        return None
    condition = new.removesuffix("呢")
    if changed := _with_numeral(_CONDITION.sub("", condition), before):
        return Standalone(_asked(changed))
    head, comma, last = before.rpartition("，")
    return Standalone(_asked(f"{head}{comma}{condition}，{last}"))


def _with_numeral(new: str, before: str) -> str:
    """The question before with another 三级 or 签三年以上; empty where none or several could be meant."""
    figure = re.fullmatch(rf"(?P<lead>[\u4e00-\u9fff]?)第?{_NUMERAL}(?P<unit>[级年个档类等月天])(?:以[上下内])?", new)
    if not figure:
        return ""
    likes = list(re.finditer(rf"{figure['lead']}第?{_NUMERAL}{figure['unit']}(?:以[上下内])?", before))
    return before[:likes[0].start()] + new + before[likes[0].end():] if len(likes) == 1 else ""


def _noun(new: str, before: str) -> Standalone | None:
    """那工业机器人呢: what is asked about gives way to what is most like it."""
    phrase = re.match(r"^(?:其中[,，]?)?([^,，]+?)(?:那块)?(?P<of>的|那[条个座项])?呢(?:[,，](?P<more>.*))?$", new)
    if not phrase or _ASKS.search(phrase[1]) or phrase["more"] and not _MORE.fullmatch(phrase["more"]):
        return None
    bare = re.sub(r"^的", "", _YEAR.sub("", phrase[1]))
    changed = _with_years(before, _YEAR.findall(phrase[1]))
    if text := _with_numeral(bare, changed) or _with_preposition(bare, changed):
        return Standalone(_asked(text))
    return _with_noun(bare, changed, bool(phrase["of"]))


def _with_preposition(new: str, before: str) -> str:
    """对欧盟 for 对东盟; empty where the question before has no such preposition."""
    if not new.startswith(_PREPOSITIONS) or new[0] not in before:
        return ""
    start = before.index(new[0])
    replaced = rjieba.cut(before[start:])[:len(rjieba.cut(new))]
    return before[:start] + new + before[start + len("".join(replaced)):]


def _with_noun(new: str, before: str, adjective: bool) -> Standalone | None:
    """The noun in place of the one asked about: up to where both end alike, else all but its head."""
    start, end = frame_end(before), len(subject_of(before))
    start += before[start:].startswith("的")
    old = before[start:end]
    for size in range(min(len(new), len(old)), 1, -1):
        at = old.find(new[-size:])
        if at >= 0:
            return Standalone(_asked(before[:start] + new + before[start + at + size:]))
    counted = re.search(r"(?:多少|几)[个家项名位人条件]?(?P<object>[\u4e00-\u9fff]{3,})$", before)
    if counted:
        if not adjective:
            return None
        start, end, old = *counted.span("object"), counted["object"]
    if not old or places_in(new):
        return None
    return Standalone(_asked(before[:start] + new + _head(old, new, adjective) + before[end:]), content_of(old))


def _head(old: str, new: str, adjective: bool) -> str:
    """The word that the new noun still needs of the old one: 产量 of 汽车产量 for 机器人."""
    heads = _HEADS[:1] if new.endswith(_HEADS) else _HEADS
    if "的" in old and heads is _HEADS:
        return old[old.rfind("的"):]
    last = rjieba.cut(old)[-1]
    return next((head for head in heads if old.endswith(head)), last if adjective and last != old else "")


def _adjective(new: str, before: str) -> Standalone | None:
    """人均的排第几: the adjective before the head of what was asked about."""
    phrase = re.match(rf"^([\u4e00-\u9fff]{{2,6}})的(?=(?:{_PREDICATE})*第?(?:{_ASKS.pattern}))", new)
    start, subject = frame_end(before), subject_of(before)
    if not phrase or places_in(phrase[1]) or not subject[start:]:
        return None
    head = _head(subject[start:], phrase[1], adjective=True)
    return Standalone(_asked(before[:start] + phrase[1] + head + new[phrase.end():]), content_of(before))


def frame_end(before: str) -> int:
    """Where the place, the year and the document that a question begins with end."""
    ends = [start + len(commonprefix((name, before[start:]))) for name, start in place_spans(before)]
    ends += [match.end() for pattern in (_YEAR, _DOCUMENT) for match in pattern.finditer(before)]
    asks = _ASKS.search(before)
    end = max((end for end in ends if not asks or end <= asks.start()), default=0)
    return re.match(r"(?:到\d{4}年?|这\w年|期间|[里中底末内])*(?:[,，]|到)?", before[end:]).end() + end if end else 0


def _whole(new: str, before: str) -> Standalone:
    """Anything else: the new question whole, behind the place, year and document of the one before."""
    frame = re.split("[,，]", before[:frame_end(before)].rstrip("，,到"))[-1]
    if frame.count("“") != frame.count("”"):
        frame = ""
    elif not frame:
        clause = re.split("[,，]", before)[0]
        frame = subject_of(clause) or clause
    dated = bool(_YEAR.search(new))
    if dated:
        frame = re.sub(r"[到至]$", "", _YEAR.sub("", frame))
    if places_in(new) or _ASKS.search(frame):
        frame = ""
    new = re.sub(r"呢([,，])", r"\1", new)
    apart = _CONDITION.match(new) or not places_in(frame) and not frame.endswith(("年", "里", "中")) or _DOCUMENT.fullmatch(frame)
    taken = "" if dated and places_in(new) else content_of(_YEAR.sub("", before) if dated else before)
    return Standalone(_asked(f"{frame}{'，' if frame and apart else ''}{new}"), taken)


_RULES = (_year, _place, _pronoun, _organisation, _year_and_predicate, _without_subject, _condition, _noun, _adjective, _whole)
