"""Who says it, of where and when, by rule: title, issuer, region, dates and document number of a document."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from corpus.dates import dates_in, explicit_years
from corpus.document import Metadata
from corpus.places import canonical, path_of, place_spans

HEAD = 500  # characters in which a document introduces itself
TAIL = 300  # characters in which it is signed
LONGEST_TITLE = 60

_BODY = ("人民政府(?:办公厅|办公室)?|人民代表大会(?:常务委员会)?|人民法院|人民检察院|国务院(?:办公厅)?|办公厅|办公室|委员会|管委会|指挥部|领导小组"
         "|总局|税务局|局|厅|部|委|署|银行|中心|协会|联合会|总队|支队|公司|大学|学院|医院")
_ORGAN = rf"(?:[\u4e00-\u9fff]{{0,24}}?(?:{_BODY})|国务院)"
_ORGANS = rf"{_ORGAN}(?:[、\s]{{1,3}}{_ORGAN})*"
_LABELLED_ISSUER = re.compile(rf"(?:发文机关|发文单位|发布机构|发布机关|发布单位|制定机关|印发机关|公布机关|主管部门)[:：]\s*(?P<issuer>{_ORGAN})(?=\s|\Z)")
_TITLED_ISSUER = re.compile(rf"(?:第.{{1,4}}届)?(?P<issuer>[^，。：:；《\n]{{0,60}}?(?:{_BODY}|[公学]会|[市省县区]委|司|等))(?:第.{{1,3}}次会议)?"
                            r"\s?(?:关于|印发|转发|公告|通告|令)")
_SPEAKER = re.compile(r"(?:^|[\s\d上，,）)]|会议上|大会上)(?P<issuer>[\u4e00-\u9fff]{2,14}?人民政府)\s?(?:代?市长|代?县长|代?区长|代?省长|代?州长|代?主席|代?盟长)")
_REPORTED_OF = re.compile(r"(?:\d{4}年)?(?P<place>[\u4e00-\u9fff]{2,12}?)(?:\d{4}年)?(?:人民)?政府工作报告")
_ASSEMBLY = re.compile(r"(?P<place>[\u4e00-\u9fff]{2,14}?)?(?:第|(?<=[市县区省]))[一二三四五六七八九十]{1,3}届(?P<national>全国)?"
                       r"(?P<body>人民代表大会(?:常务委员会)?|人大(?:常委会)?)")
_PAPER = re.compile(r"(?:来源[:：]\s*)?《?(?P<issuer>[\u4e00-\u9fff]{2,5}(?:日报|晚报|晨报|时报)|新华社|新华网|人民网)")

_DATELINE = re.compile(r"新华社[\u4e00-\u9fff、]{2,8}\d+月\d+日电")

_DATE = r"(?:[12一二][\d一二三四五六七八九零〇○ＯO]{3}\s?[年./-]\s?[\d一二三四五六七八九十]{1,3}\s?[月./-]\s?[\d一二三四五六七八九十]{1,3}\s?日?)"
_SIGNED = re.compile(rf"(?P<date>{_DATE})(?=\s|[（(]此件|\Z)")
_SIGNERS = re.compile(rf"(?:^|\s)(?P<organs>{_ORGANS})(?:（代）|（盖章）)?\s*\Z")
_DELIVERED = re.compile(rf"(?P<date>{_DATE})\s?[）)]?\s?在[^。\n]{{2,50}}(?:会议?|大会)")
_LABELLED_DATE = re.compile(rf"(?:发布时间|发布日期|成文日期|印发日期|发文日期|公布日期|时间|日期)[:：]\s*(?P<date>{_DATE})")
_BRACKETED_DATE = re.compile(rf"[（(]\s?(?P<date>{_DATE})[^）)\n]{{0,40}}[）)]")
_PASSED = re.compile(rf"(?P<date>{_DATE})[^。\n]{{2,60}}?(?:通过|批准|修正|修订|公布|发布)")
_BRACKETED_MONTH = re.compile(r"(?:^|\n)\s*[（(]\s?(?P<date>(?:19|20)\d\d年(?:\d{1,2}月)?)[^）)\n]{0,40}[）)]")
_ALONE = re.compile(rf"(?:^|\n)\s*(?P<date>{_DATE})(?:\s*星期.)?\s*(?=\n|\Z)")

_NUMBER = re.compile(
    r"(?:^|\s)[（(]?(?P<number>[\u4e00-\u9fff]{1,14}[〔\[（(【［](?:19|20)\d\d[〕\]）)】］]\s?第?\d{1,5}号|"
    r"[\u4e00-\u9fff]{2,14}(?:公告|令)\s?(?:(?:19|20)\d\d年)?第\s?\d{1,5}号)(?=[\s）)]|\Z)")
_POLICY = re.compile(r"通知|意见|办法|措施|方案|条例|规定|公告|通告|决定|细则|规划|指引|指南|政策|规则|解释|批复|函|令|计划|倡议书|紧急|法$")
_REPORT = re.compile(r"政府工作报告(?!的)|向大会报告工作|作政府工作报告")
_REVIEW_HEADING = re.compile(r"[一1][、.][^。；\n]{0,20}?(?P<year>(?:19|20)\d\d)年[^。；\n]{0,24}?(?:回顾|总结|成就|主要工作)")
_NATIONAL = re.compile(r"国务院|^(?:国家|财政部|全国|中国|最高)|^[\u4e00-\u9fff]{2,10}部$")


def describe(text: str, title: str | None, stated: Mapping[str, str]) -> Metadata:
    """The metadata of one document.

    What is stated goes before what the rules find, with one exception: where ``stated["published_by"]`` is
    ``listing``, the date of a listing yields to the delivery date in the head of a speech.

    :param text: clean text, with or without its title as the first line.
    :param title: the title as the splitter or the format found it, None if it found none.
    :param stated: front matter, HTML meta or notes of the splitter: any of ``title``, ``issuer``, ``region``,
        ``published``, ``published_by``, ``report_year``, ``number``, ``source`` and ``url``.
    """
    title = _clean_title(stated.get("title") or title or _first_line(text))
    issuer = stated.get("issuer") or _issuer(text, title)
    delivered = _delivered(text)
    listed = stated.get("published_by") == "listing"
    published = _stated_date(stated)
    if published is None or listed and delivered:
        published = delivered or _published(text, title)
    return Metadata(
        title=title,
        issuer=issuer,
        region=stated.get("region") or _region(text, title, issuer),
        published=published,
        report_year=_stated_year(stated) or _report_year(text, title, published, listed and not delivered),
        number=stated.get("number") or _number(text, title),
        origin=stated.get("source"),
        url=stated.get("url"),
    )


def _clean_title(title: str) -> str:
    """A title without Markdown marks, white space at line breaks, and the tag that a listing puts before it."""
    title = re.sub(r"^\s*#+\s*", "", title).strip()
    title = re.sub(r"(?<=[^\x00-\x7f])\s*\n\s*(?=[^\x00-\x7f])", "", title)
    return re.sub(r"^【[^】]{1,12}】\s*(?=\S)", "", " ".join(title.split()))


def _first_line(text: str) -> str:
    """The first line that looks like a title; else the beginning of the text up to a stop."""
    lines = [line.strip() for line in text[:HEAD].splitlines() if line.strip()]
    for line in lines[:4]:
        if len(line) <= LONGEST_TITLE and not re.search(r"[。；;，,：:]$", line) and re.search(r"[\u4e00-\u9fffA-Za-z]{2}", line):
            return line
    return re.split(r"[。！？\n]|\s{2,}", text.strip(), maxsplit=1)[0][:LONGEST_TITLE]


def _issuer(text: str, title: str) -> str | None:
    """Who speaks: the speaker's government, the organ in a title, a label or a signature, the assembly, a newspaper."""
    head = text[:HEAD]
    if (speaker := _SPEAKER.search(head)) and next(place_spans(speaker["issuer"]), None):
        return _from_place(speaker["issuer"])
    if _REPORT.search(title):
        if "国务院" in title or "国务院总理" in head:
            return "国务院"
        if found := _REPORTED_OF.search(title) or _ASSEMBLY.search(head):
            return _from_place(f"{found['place']}人民政府")
    for pattern, part in ((_TITLED_ISSUER, title), (_LABELLED_ISSUER, head)):
        if found := (pattern.match if part is title else pattern.search)(part):
            return " ".join(found["issuer"].split())
    if signed := next((organs for organs, _, _ in _signatures(text) if organs), None):
        return signed
    if (found := _ASSEMBLY.search(head)) and _PASSED.search(head):
        body = found["body"].replace("人大", "人民代表大会").replace("常委会", "常务委员会")
        place = found["national"] or found["place"] or next((name for name, _ in place_spans(title)), "")
        return place + body
    found = _PAPER.search(head[:200]) or _PAPER.search(text[-TAIL:])
    return found["issuer"] if found else None


def _from_place(organ: str) -> str:
    """An organ's full name, from its place on: ``会议上许昌人民政府`` gives ``许昌市人民政府``."""
    mentions = list(place_spans(organ))
    if not mentions:
        return organ
    name, offset = mentions[-1]
    inner = organ[offset:].removesuffix("人民政府")
    return f"{name}人民政府" if canonical(inner) == name else f"{organ[mentions[0][1]:]}"


def _signatures(text: str) -> Iterator[tuple[str | None, str, int]]:
    """Each date that stands at the end of a paragraph: the organs that sign above it, its ISO form, its offset."""
    for found in _SIGNED.finditer(text):
        before = text[max(0, found.start() - 80):found.start()]
        organs = _SIGNERS.search(before)
        if (organs or before[-1:].isspace() or not before) and (iso := _date(found["date"], full=True)):
            yield " ".join(organs["organs"].split()) if organs else None, iso, found.start()


def _region(text: str, title: str, issuer: str | None) -> str | None:
    """The place of the issuer, else of the title, else the one the text mostly speaks of; None for the whole country."""
    for part in (issuer or "", title):
        if names := [name for name, _ in place_spans(part)]:
            return max(names, key=lambda name: len(path_of(name)))
    if issuer and (found := re.match(r"[\u4e00-\u9fff]{2,6}?[省市县区州盟](?=人民政府|人民代表大会)", issuer)):
        return found[0]
    if issuer and _NATIONAL.search(issuer):
        return None
    return _spoken_of(Counter(name for name, _ in place_spans(_DATELINE.sub("", text[:8000]))))


def _spoken_of(mentions: Counter[str]) -> str | None:
    """The innermost place that most mentions are of, or of what lies in it; None where they are few or scattered."""
    counts: Counter[str] = Counter()
    inside: dict[str, set[str]] = {"": set()}
    for name, count in mentions.items():
        path = path_of(name) or (name,)
        for outer, place in zip(("", *path), path):
            inside.setdefault(outer, set()).add(place)
            counts[place] += count
    found, share = "", 0.6
    while nested := inside.get(found):
        place = max(nested, key=lambda name: counts[name])
        if counts[place] < max(2, share * (counts[found] if found else mentions.total())):
            break
        found, share = place, 0.5
    return found or None


def _date(written: str, full: bool = False) -> str | None:
    """The ISO date that a text begins with or holds first; with ``full`` only one with a day."""
    return next((found for found, _ in dates_in(written) if not full or len(found) == 10), None)


def _stated_date(stated: Mapping[str, str]) -> str | None:
    """The stated date in ISO form; one that is no date is passed over like one that is missing."""
    written = stated.get("published", "")
    if re.fullmatch(r"(?:19|20)\d\d(?:-\d\d)?", written):
        return written
    return _date(written)


def _stated_year(stated: Mapping[str, str]) -> int | None:
    found = re.match(r"(?:19|20)\d\d", stated.get("report_year", ""))
    return int(found[0]) if found else None


def _delivered(text: str) -> str | None:
    """The date on which a speech was given, from its head."""
    found = _DELIVERED.search(text[:HEAD])
    return _date(found["date"], full=True) if found else None


def _published(text: str, title: str) -> str | None:
    """The date of a label, of the last adoption or amendment, of the signature or of the head; else the number's year."""
    return next(_publication_dates(text, title), None)


def _publication_dates(text: str, title: str) -> Iterator[str]:
    head, tail = text[:HEAD], text[-TAIL:]
    for found in (*_LABELLED_DATE.finditer(head), *_LABELLED_DATE.finditer(tail)):
        if iso := _date(found["date"], full=True):
            yield iso
    passed = [iso for found in _PASSED.finditer(head) if (iso := _date(found["date"], full=True))]
    if passed:
        yield max(passed)
    yield from (iso for organs, iso, offset in _signatures(text) if organs or offset > len(text) - TAIL)
    for pattern in (_BRACKETED_DATE, _ALONE):
        for found in pattern.finditer(head):
            if iso := _date(found["date"], full=True):
                yield iso
    yield from (iso for found in _BRACKETED_MONTH.finditer(head) if (iso := _date(found["date"])))
    yield from re.findall(r"(?:19|20)\d\d", _number(text, title) or "")
    if _REPORT.search(title):
        yield from map(str, explicit_years(title))


def _report_year(text: str, title: str, published: str | None, listed: bool) -> int | None:
    """The year a work report reviews, the year of a policy's publication, the year an article mostly speaks of."""
    year = int(published[:4]) if published and not listed else None
    if _REPORT.search(title) or _REPORT.search(text[:HEAD]):
        if found := _REVIEW_HEADING.search(text[:8000]):
            return int(found["year"])
        return year - 1 if year else min(explicit_years(title), default=None)
    if year and (_POLICY.search(title) or _number(text, title)):
        return year
    written = Counter(int(found) for found in re.findall(r"(?<!\d)((?:19|20)\d\d)(?=年)", title + text))
    if year is not None:
        written = Counter({spoken: count for spoken, count in written.items() if spoken <= year})
        return year if written[year] or not written or max(written.values()) < 3 else written.most_common(1)[0][0]
    return next((spoken for spoken, count in written.most_common(1) if count * 2 >= written.total()), None)


def _number(text: str, title: str) -> str | None:
    """The document's own number, which stands by itself in the head; numbers cited in sentences are others'."""
    for part in (title, text[:HEAD]):
        if found := _NUMBER.search(part):
            return "".join(found["number"].split())
    return None
