"""Plain statements in reports, turned by rule into the questions that they answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import rjieba

from corpus.dates import is_plan, years_of
from corpus.document import Metadata, Passage
from corpus.passages import sentences
from corpus.places import places_in

BEGINNING = 12  # characters of the sentence after a question that stand for its answer
SHORTEST, LONGEST = 4, 24  # characters of what a question is about; a shorter name seldom says enough


@dataclass(frozen=True, slots=True)
class Made:
    """A question made from a statement.

    :ivar reply: words of the statement that a right answer holds.
    :ivar about: what is asked about, without year and place.
    :ivar form: the form of the statement.
    """

    document_id: str
    question: str
    reply: str
    about: str
    form: str


@dataclass(frozen=True, slots=True)
class _Form:
    """A way of stating something.

    :ivar pattern: has the groups ``about``, a noun phrase, and ``reply``.
    :ivar question: template over ``when``, ``where``, ``title`` and the pattern's groups.
    """

    name: str
    pattern: re.Pattern
    question: str


_NUMBER = r"\d[\d.,]*"
_MONEY = r"(?:万|亿)*(?:美|欧)?元"
_COUNTER = r"家|个|户|项|所|座|件|名|辆|条|处|人次|人|公里|万亩|亩|平方公里|平方米|吨|千瓦"
_BEGIN = r"(?:^|(?<=[，,。；;：:]))(?:全[市县省区州年]|我[市县省区州]|[^，,。；;：:]{0,3}年(?:末|底|全年)?)?"
_ABOUT = r"(?P<about>[\u4e00-\u9fffA-Za-z0-9“”（）·]{2,24}?)"
_DAY = r"(?:19|20)\d\d年\d{1,2}月\d{1,2}日"

_FORMS = tuple(_Form(name, re.compile(pattern), question) for name, pattern, question in (
    ("amount", rf"{_BEGIN}{_ABOUT}(?:完成|达到|实现|增长到|增加到|为|达|突破|超过)(?P<reply>{_NUMBER}(?:{_MONEY}|%))(?![\u4e00-\u9fff])",
     "{when}{where}{about}是多少？"),
    ("count", rf"{_BEGIN}{_ABOUT}(?:达到|为|达|突破|超过|有|共有)(?P<reply>{_NUMBER}万?(?P<unit>{_COUNTER}))(?![\u4e00-\u9fff])",
     "{when}{where}{about}有多少{unit}？"),
    ("added", rf"{_BEGIN}(?P<place>[\u4e00-\u9fff]{{2,5}}[省市县区州])?(?P<done>新建改建|改造提升|新引进|新认定|新增|新建|建成|引进|改造|培育|发放)"
              rf"{_ABOUT}(?P<reply>{_NUMBER}(?:{_MONEY}|万?(?P<unit>{_COUNTER})))(?![\u4e00-\u9fff])",
     "{when}{where}{place}{done}{about}多少{unit}？"),
    ("growth", rf"{_BEGIN}{_ABOUT}(?P<over>比上年|较上年|同比)?增长(?P<reply>{_NUMBER}%)", "{when}{where}{about}{over}增长多少？"),
    ("rank", rf"{_BEGIN}(?P<place>[\u4e00-\u9fff]{{2,5}}[省市县区州])?在{_ABOUT}中(?P<done>居|列|排名?)(?P<reply>第?\d+[位名])",
     "{when}{where}{place}在{about}中{done}第几位？"),
    ("grant", rf"对{_ABOUT}的?[，,]?(?:给予|发放)?(?:一次性|最高|每[人户家个]|不超过)*"
              rf"(?:(?P<reply>{_NUMBER}{_MONEY})的?(?:一次性|资金)?(?P<what>奖励|补助|补贴|资助)(?![\u4e00-\u9fff]))",
     "{where}对{about}给予多少{what}？"),
    ("norm", rf"{_BEGIN}(?P<about>[\u4e00-\u9fff]{{2,20}}?(?:标准|期限|时限|比例|费率|税率|利率|额度|有效期))(?:统一)?(?:为|是|按|调整为|降至|提高到)"
             rf"(?P<reply>每?[\u4e00-\u9fff]{{0,4}}{_NUMBER}[\u4e00-\u9fff%‰/]{{1,10}})(?=[，,。；;（(]|$)", "{where}{about}是多少？"),
    ("list", rf"(?:^|(?<=[。；;]))(?:\d+[.、]|[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）)?{_ABOUT}(?:主要)?包括"
             r"(?P<reply>[^，,。；;：:、]{2,15}(?:、[^，,。；;：:、]{2,15}){1,6})(?=[。；;])", "{about}包括哪些？"),
    ("definition", rf"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|本[办条规细][法例定则程]?所称的?)?“?{_ABOUT}”?[，,]?(?:是指|指的是)(?P<reply>[^，,。；;：:]{{4,20}})",
     "什么是{about}？"),
    ("event", rf"(?P<reply>{_DAY})[，,]?(?P<who>[\u4e00-\u9fff]{{2,12}}?)(?P<done>召开|举行|举办|印发|出台|发布|启动|成立|签订|获批)(?:了)?"
              r"(?P<about>[\u4e00-\u9fffA-Za-z0-9“”（）《》·]{4,30})(?=[，,。；;])", "{who}什么时候{done}{about}？"),
    ("effect", rf"^本(?P<about>办法|条例|规定|细则|规程|规则|通知|措施|意见|方案|标准|决定|法)自(?P<reply>{_DAY})起(?:施行|实施|执行)",
     "《{title}》从什么时候起施行？"),
))
_DATED = {"amount", "count", "added", "growth", "rank"}  # hold for one year and one place
_PLACED = {"grant", "norm"}  # hold for one place

# What no question should be about: it names no thing by itself, or only with what stands before it.
_VAGUE = re.compile(
    r"^(?:其|该|这|此|最|并|已|共|均|将|其中|分别|全省|全国|以|从|由|在|对|把|使|让|比|较|占|每|各|累计|同比)"
    r"|^(?:年|总|实际|平均|人均|计划|完成|项目|企业|公司|计划总)?(?:主营业务|营业|销售|协议|合同)?(?:收入|产值|投资|面积|规模|资金|金额|资本|贷款|融资|"
    r"数量|人数|总数|户数|总额|产能|税收|利税|利润|出口|出口额|产量|比重|占比|增速|指标|排名)(?:额|总额|总量|中)?$"
    r"|[的了和与及、中是]$|目标|任务|\d{4}年|[一二三四五六七八九十]是"
    r"|内容$|部分$|^前款|以下简?称|^（|^单[个户笔家项]|给予|提高到")
_PART_OF_YEAR = re.compile(r"季度|半年|\d\s?月|月份|累计|以来|年来|[三四五两]年|期间|截至|到20\d\d年|力争|预计|左右")
# What a report says that it will do stands in headings such as 加大财政支持.
_MEASURE = re.compile(r"(?:加强|加大|加快|完善|强化|推进|推动|实施|落实|支持|促进|提升|提高|优化|规范|扩大|稳定|保障|健全|建立|深化|降低|减免|"
                      r"拓展|改善|做好|鼓励|引导|培育|增强|打造|防范|解决|防止|简化)[^，,：:、。]{4,22}")
NUMBERING = re.compile(r"^(?:第[一二三四五六七八九十百\d]+[章节条款]\s*|[（(][一二三四五六七八九十\d]{1,3}[）)]|"
                        r"[一二三四五六七八九十]{1,3}、|\d{1,2}(?:[、．]|\.(?!\d))\s*)+")
_NUMBERED = re.compile(r"^(?:问[：:]|[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[）)]?[、.．：:]?\s*(?!年))+")
_ASKED = re.compile(r"(?![其该这此那你我您他她它谁难])[^\s，,。；;：:“”‘’?？！!]{8,40}[?？]")
_QUANTITIES = ("数", "量", "产", "里程", "面积", "人口", "规模", "总额", "能力", "就业")
_JOINS = {"和", "与", "及", "的"}
_HEADS = {"投资", "就业", "出口", "进口", "消费", "零售", "补贴", "贷款", "存款", "收入", "支出", "用电"}  # verbs, to the tagger
_NOUNS, _INSIDE = ("n", "vn", "j", "l", "b", "eng", "x"), ("n", "v", "j", "l", "a", "b", "f", "m", "q", "k", "s", "eng", "x", "g")


def statements(passage: Passage, metadata: Metadata) -> Iterator[Made]:
    """The questions that a passage's plain statements answer, in its order; each names its year and place."""
    texts = [passage.text[start:end] for start, end in sentences(passage.text)]
    for text, following in zip(texts, [*texts[1:], ""]):
        asked = _NUMBERED.sub("", text)
        if _ASKED.fullmatch(asked) and following and not following.endswith(("？", "?", "！")):
            yield Made(passage.document_id, asked, following[:BEGINNING], asked, "asked")
        for form in _FORMS:
            for match in form.pattern.finditer(text):
                made = _made(form, match, passage, metadata)
                if made is not None:
                    yield made
    heading = NUMBERING.sub("", passage.section[-1]) if passage.section else ""
    if texts and _MEASURE.fullmatch(heading):
        place = metadata.region if metadata.region and not places_in(heading) else ""
        yield Made(passage.document_id, f"{place}如何{heading}？", texts[0][:BEGINNING], heading, "measure")


def _made(form: _Form, match: re.Match, passage: Passage, metadata: Metadata) -> Made | None:
    """The question of a statement, or None where it is vague or holds for another time or place than it seems to."""
    groups = {name: value or "" for name, value in match.groupdict().items()}
    title = _title(metadata)
    about = title if form.name == "effect" else groups["about"]
    if not about or form.name != "effect" and not _says_enough(about, form.name):
        return None
    when = _year(match, passage, metadata) if form.name in _DATED else ""
    where = _place(match, metadata) if form.name in _DATED | _PLACED else ""
    if when is None or where is None:
        return None
    question = form.question.format(**groups | {"title": title, "when": when, "where": where})
    if form.name == "count" and about.endswith(_QUANTITIES):
        question = question.replace(f"有多少{groups['unit']}", "是多少")
    return Made(passage.document_id, question, groups["reply"], about, form.name)


def _says_enough(about: str, form: str) -> bool:
    return is_noun_phrase(about.strip("“”")) and (form == "rank" or not _VAGUE.search(about))


def _year(match: re.Match, passage: Passage, metadata: Metadata) -> str | None:
    """The one year that a statement holds for, in words; None where it is a plan, or of several years or a part of one."""
    text = match.string
    years = years_of(text, metadata.published, metadata.report_year, passage.section)
    if len(years) != 1 or _PART_OF_YEAR.search(text) or is_plan(text, passage.section) or not _opens(match):
        return None
    return f"{years[0]}年"


def _place(match: re.Match, metadata: Metadata) -> str | None:
    """The place to add to a statement, empty where it names its own; None where it has none or may be of another."""
    named, own = places_in(match[0]), metadata.region or ""
    if named or own and own in match[0]:
        return ""
    return own if own and set(places_in(match.string)) <= {own} else None


def _title(metadata: Metadata) -> str:
    """The name of a document without its issuer's 关于印发 and the like; empty where that is no name."""
    quoted = re.search(r"《([^《》]{4,40})》", metadata.title)
    name = quoted[1] if quoted else metadata.title
    return name if 4 <= len(name) <= 40 and not re.search(r"[？?！!，,。]", name) else ""


def _opens(match: re.Match) -> bool:
    """Whether nothing stands before a statement but a time, a place or other figures, which cannot be its subject."""
    before = match.string[:match.start("about")]
    clauses = [clause for clause in re.split(r"[，,；;。：:]", before)[:-1] if clause.strip()]
    return all(re.search(r"\d", clause) or places_in(clause) and len(clause) <= 6 for clause in clauses)


def is_noun_phrase(text: str) -> bool:
    """Whether a text can stand as what a question is about: nouns and what may qualify them, a noun at the end."""
    if not SHORTEST <= len(text) <= LONGEST or text.count("“") != text.count("”") or text.count("（") != text.count("）"):
        return False
    tagged = rjieba.tag(text)
    word, flag = tagged[-1]
    if word in _JOINS or not (flag.startswith(_NOUNS) or word in _HEADS):
        return False
    opening, flag = tagged[0]
    if opening in _JOINS or flag == "v" and "的" not in text:  # 推动林下经济 is no thing, 硬化的道路 is one
        return False
    return all(word in _JOINS or flag.startswith(_INSIDE) for word, flag in tagged)
