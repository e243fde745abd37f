"""The words that ask: which kind of answer they ask for, and what a question says without them."""

import re
from collections.abc import Iterator
from enum import StrEnum

from qa.terms import fold


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


# The first pattern that matches the folded question decides. So 哪一年 is a date and not a 哪, 哪几类 a list and not a
# number, 凭什么定5%的增速 a reason; words that only tell of figures (增速) count where nothing asks for anything else.
_KINDS = tuple((kind, re.compile(pattern)) for kind, pattern in (
    (Kind.CONTACT, r"(?:电话|热线|号码|网址|邮箱|邮编|联系方式|微信号|公众号)(?!里|中|举报)[^,。]{0,6}(?:是|多少|什么|啥|呢|\?|$)"
                   r"|打(?:哪个|哪些|什么|啥)|哪个号|which (?:phone )?numbers?\b.*\bcall|phone|hotline|e-?mail|website"),
    (Kind.LIST, r"哪(?:[几两二三四五六七八九十]|\d+)(?!年|个?月|日|天|号(?:$|[\?,开起前后])|字|级)|各?(?:是|指|有)哪些|哪里些"),
    (Kind.POLAR, r"^(?!.*(?:多少|什么|啥|哪|怎|如何|咋|谁|第几)).*(?:[行能可好]不[行能可好]|可以吗|[行能]吗)\??$"),
    (Kind.NUMBER, r"(?:年龄|岁数|比例|周期|人数)[^,]{0,2}有(?:什么|啥)[^,]{0,2}(?:要求|限制|上限|规定)"),
    (Kind.NUMBER, r"(?:满|少于|超过|提前|多于|低于)几[天日]|几[天日](?:之?[内里]|以[内里])"),
    (Kind.DATE, r"[什啥](?:么)?时[候侯间]|何时|几时|哪一?年|哪一?[天日]|哪个?月|几月|几号|几日|哪个?(?:时[间候期]|年[份度])|哪段(?:时间|年份|时期)"
                r"|截止日期|截至何|日期|(?:^|, ?|since |by )when\b|what (?:date|year|month|day)|which (?:year|month|day)"),
    (Kind.NUMBER, r"多少|多[大高长久远快重宽厚深小低]|几(?![乎何])|什么(?:数额|金额|比例|幅度)"
                  r"|how (?:many|much|long|large|big|old|soon|far|often|high|fast)\b"
                  r"|\bwhat\b[^\?]*\b(?:number|rate|ratio|share|percentage|percent|target|total|amount|capacity|intensity|growth"
                  r"|power|output|value|inflow|range|revenue|minimum|maximum|gdp|turnover|income|investment|population|exports?|imports?)\b"),
    (Kind.NAME, r"(?:叫|名字?是|名为|称为|名称是)(?:什么|啥)|什么名|啥名|(?:全名|全称|名称)(?:是|叫)"),
    (Kind.PERSON, r"谁|叫啥|哪位|姓名|什么人|何人|\bwhom?\b|\bwhose\b"),
    (Kind.REASON, r"为什么|为何|为啥|因为(?:什么|啥)|原因|缘由|凭(?:什么|啥)|什么(?:因素|目的)|\bwhy\b"),
    (Kind.DEFINITION, r"指的?是?(?:什么|啥)|(?:什么|啥)意思|什么叫|啥叫|^什么是|(?<=[,。])什么是|何谓|含义|定义|是个?(?:咋|怎么)回事|是个(?:什么|啥)"
                      r"|[^\w\s,](?:是|指)个?(?:什么|啥)|代表(?:什么|啥)|才[叫算]|哪些(?:才)?算|what (?:is|are|does) .*mean|definition"),
    (Kind.LIST, r"哪些|(?:有|要|带|需要?|交|准备)(?:些)?(?:什么|啥)|包[括含](?:什么|啥)|什么样的措施|都(?:是|有)(?:什么|啥)"
                r"|\bwhich (?:\w+ ){0,2}\w+s (?:are|were|did|do|have|can|should|will|must)\b|what are the"),
    (Kind.PLACE, r"哪里|哪儿|何处|(?:什么|啥)地[方儿]|地址|(?:去|上|在|到|落在)哪(?!一|[个级些年天月条份])|\bwhere\b"),
    (Kind.NAME, r"哪一?[个家项份部款座条块级类种所支只场届门本处城省市县区]|哪(?=[\u4e00-\u9fff]{1,6}(?:城市|产业|大学|企业))"
                r"|(?:什么|啥)(?:部门|机构|单位|称号|奖|函|文件|材料|证件|证书|证|规划|产业|手续|项目|平台|会议|机制|东西|协议|条约)"
                r"|名称|\bwhich\b|what is the name"),
    (Kind.MEANS, r"如何|怎么|怎样|怎麽|咋|(?:什么|啥)(?:办法|措施|方式|途径|手段|举措|规矩)|[用靠](?:什么|啥)|\bhow\b"),
    (Kind.POLAR, r"吗|是否|有没有|[能可]否|([\u4e00-\u9fff])[不没]\1|(?:不|没|没有|(?<![什怎这那多要])[么嘛])\??$|还是"
                 r"|^(?:is|are|was|were|do|does|did|can|may|must|will|would|should|has|have)\b"),
    (Kind.NUMBER, r"第几|比例|比重|占比|标准是|额度|幅度|上限|下限|增速|[年岁][龄数]"),
    (Kind.NAME, r"(?:是|为)(?:什么|啥)\??$|\bwhat\b"),
    # A bare indicator, as in 2019年云溪市生产总值, asks for its figure.
    (Kind.NUMBER, r"(?:总值|总额|增加值|产值|产量|收入|支出|投资|面积|人口|人数|户数|规模|比率|[率额量])[\?。]?$"),
))

# Words that ask, politeness and filler: they name nothing that a report would say in the answer.
_ASKING = re.compile(
    r"请问|请教一?下?|(?:我)?想(?:要)?(?:知道|了解|问问?|咨询)(?:一下|下)?|问一?下|麻烦(?:您|你|问)?|劳驾|(?:能不能|能否|可以)?(?:告诉|跟)我(?:说)?"
    r"|帮我?(?:查|看|问|找)一?[下查看]?|[您你]好|谢谢[您你]?|谁知道|(?:说一?下|说说)|到底|究竟"
    r"|(?:是|有)?多少(?:钱)?|什么时[候侯间]|啥时[候侯间]?|什么地方|什么样的?|(?:是|有)?(?:什么|啥)|为(?:什么|何|啥)|多[久大长高远快]"
    r"|哪一?[些几个家项份部年天日月里儿位种类条]|哪[几两](?=[个家项类种])|哪里|何时|几时|如何|怎么[样办]?|怎样|咋[样办]?"
    r"|是否|能不能|可不可以|有没有|是不是|算不算|行不行|谁|了没有?|(?<![\u4e00-\u9fff]居)吗|呢|吧|呀|啊|[\?!]"
    r"|几(?=[个家项名位人天年月日号条件座处次种类批套所间户例倍])"
    r"|\b(?:what|which|who|whom|whose|when|where|why|how|many|much|the|an?|of|in|on|at|by|to|for|from|with|and|or|is|are|was|were"
    r"|be|been|do|does|did|has|have|had|can|could|will|would|should|may|must|please|tell|me|i|it|its|than|that|this|under"
    r"|according|there|their|any)\b|(?<=[a-z])'s?\b")


def kind_of(question: str) -> Kind:
    """What kind of answer a question asks for; ``OTHER`` where no words say it."""
    asked = fold(question)
    return next((kind for kind, pattern in _KINDS if pattern.search(asked)), Kind.OTHER)


def asking_spans(folded: str) -> Iterator[tuple[int, int]]:
    """Where the words that ask stand in a folded question."""
    return (match.span() for match in _ASKING.finditer(folded))


def content_of(question: str) -> str:
    """A question, folded, without the words that ask; empty where it says nothing else."""
    return " ".join(_ASKING.sub(" ", fold(question)).split())
