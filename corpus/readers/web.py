"""Web pages: the article without the page around it, headings as ``#`` lines, tables one row a line."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.document import RawText
from corpus.readers import problems, table, webtable
from corpus.readers.reading import Problem, Reading
from corpus.readers.text import decode

TAG = re.compile(r"<[a-zA-Z!/][^>]*>")
CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
CHINESE_SETS = ("gb2312", "gbk", "gb_2312-80", "x-gbk", "hz-gb-2312")
REMOVED = (
    "script, style, noscript, template, svg, canvas, iframe, object, button, select, input, textarea, dialog, nav, footer, "
    "aside, menu, [hidden], [role=navigation], [role=banner], [role=contentinfo], [role=search], [role=complementary], "
    "[style*='display:none'], [style*='display: none']"
)
FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation|i)?|menu|breadcrumbs?|crumbs?|foot(?:er)?|sidebar|side|copyright|share|social|toolbar|"
    r"pagination|pager|paging|related|recommend(?:ed|ation)?|advert(?:isement)?|ads?|banner|login|search|comments?|qrcode|"
    r"friendlink|links|weizhi|location|position|print|skip(?:-link)?)(?:$|[\s_\d-])", re.IGNORECASE,
)
CONTENT = (
    "#zoom", ".TRS_Editor", ".TRS_UEDITOR", "#UCAP-CONTENT", "#vsb_content", ".v_news_content", "[itemprop=articleBody]",
    "article", "main", "[role=main]", "#article", ".article-content", ".article_content", ".entry-content", ".content-text",
    "#content", ".content", ".article", "#main",
)
MAIN_SHARE = 0.6  # of the page's text; a container with less is one of several parts of the content
LINK_SHARE = 0.7  # of a block's text; more makes it a list of links
LINK_COUNT = 3
BLOCKS = frozenset((
    "address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "form", "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary", "table", "td", "th", "tr", "ul",
    "h1", "h2", "h3", "h4", "h5", "h6",
))
HEADINGS = {f"h{level}": level for level in range(1, 7)}
PAGE_LINE = re.compile(
    r"(?:【?\s*(?:打印|关闭|打印本页|关闭窗口|关闭本页|返回顶部|收藏|分享到?|字[体号]|大|中|小|上一篇|下一篇)[:：]?.{0,2}\s*】?\s*)+"
    r"|当前位置\s*[:：].*|您(?:现在)?(?:所在)?的?位置\s*[:：].*|扫一扫.{0,20}|(?:浏览|阅读|点击)(?:次数|量)\s*[:：]\s*\d*\s*次?"
)
STATED = (
    ("title", ("articletitle", "og:title", "dc.title", "twitter:title")),
    ("issuer", ("issuer", "dc.publisher", "publisher")),
    ("published", ("pubdate", "article:published_time", "publishdate", "dc.date", "date", "datepublished")),
    ("number", ("documentnumber", "filenumber")),
    ("source", ("contentsource", "source", "dc.source")),
    ("url", ("og:url", "url")),
)
PUBLISHED = re.compile(r"发[布表]\s*(?:时间|日期)\s*[:：]\s*(\d{4}[-年/.]\d{1,2}[-月/.]\d{1,2}日?)")
SOURCE = re.compile(r"(?:信息|文章|稿件)?来源\s*[:：]\s*([^\s:：，。；【\[|]{2,30})")
SPACE = re.compile(r"\s+")
SITE_NAME = re.compile(r"\s*[-_|–—]+\s*")


def read(name: str, data: bytes) -> Reading:
    """Read a web page. Title and meta tags become metadata.

    :raises DocumentError: ``wrong_type`` where there is no tag in it, or it is text in no known encoding.
    """
    text, flaw = decode(data, _declared(data))
    if not TAG.search(text):
        raise problems.wrong_type(".html", "text")
    tree = LexborHTMLParser(text)
    body = tree.body
    if body is None:
        raise problems.empty()
    metadata = _metadata(tree)
    _remove(body.css(REMOVED))
    whole = _article(body)
    _remove(_furniture(body))
    raw = RawText(name, _article(_main(body)) or whole, "html", metadata=_dated(whole) | metadata)
    return Reading((raw,), (Problem(name, flaw),) if flaw else ())


def _declared(data: bytes) -> str | None:
    """Python's name for the encoding in the page's meta tag; GB2312 and GBK are read as their superset."""
    stated = CHARSET.search(data[:4096])
    if stated is None:
        return None
    charset = stated[1].decode("ascii").lower()
    try:
        return "gb18030" if charset in CHINESE_SETS else codecs.lookup(charset).name
    except LookupError:
        return None


def _metadata(tree: LexborHTMLParser) -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag in tree.css("meta[content]"):
        key = tag.attributes.get("name") or tag.attributes.get("property") or tag.attributes.get("itemprop") or ""
        tags.setdefault(key.strip().lower(), (tag.attributes["content"] or "").strip())
    stated = {field: next(filter(None, (tags.get(key) for key in keys)), "") for field, keys in STATED}
    canonical = tree.css_first("link[rel=canonical][href]")
    if canonical is not None:
        stated["url"] = canonical.attributes["href"] or stated["url"]
    stated["title"] = stated["title"] or _title(tree)
    return {field: value for field, value in stated.items() if value}


def _dated(text: str) -> dict[str, str]:
    """What the line under a headline states, for pages that state it in no meta tag."""
    published, source = PUBLISHED.search(text), SOURCE.search(text)
    return ({"published": published[1]} if published else {}) | ({"source": source[1]} if source else {})


def _title(tree: LexborHTMLParser) -> str:
    """The only h1; else the title tag, without the site's name after it."""
    headlines = [text for node in tree.css("h1") if (text := _inline(node))]
    if len(headlines) == 1:
        return headlines[0]
    node = tree.css_first("title")
    return SITE_NAME.split(_inline(node))[0] if node is not None else ""


def _remove(nodes: list[LexborNode]) -> None:
    """Remove nodes and what is under them: the outermost only, for a removed node's children must not be touched."""
    chosen = {node.mem_id for node in nodes}
    outermost = [node for node in nodes if not any(parent.mem_id in chosen for parent in _ancestors(node))]
    for node in outermost:
        node.decompose()


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    while (node := node.parent) is not None:
        yield node


@dataclass(slots=True)
class Measure:
    """Characters under a node without white space, those of them in links, and how many links there are."""

    length: int = 0
    linked: int = 0
    links: int = 0


def _measures(root: LexborNode) -> dict[int, Measure]:
    """The measures of a node and all under it, by their ``mem_id``, in one walk."""
    order: list[tuple[LexborNode, int | None]] = [(root, None)]
    for node, _ in order:
        order += [(child, node.mem_id) for child in node.iter(include_text=True)]
    made = {node.mem_id: Measure() for node, _ in order}
    for node, parent in reversed(order):
        own = made[node.mem_id]
        if node.tag == "-text":
            own.length = len(SPACE.sub("", node.text_content or ""))
        elif node.tag == "a" and "href" in node.attributes:
            own.linked, own.links = own.length, 1
        if parent is not None:
            above = made[parent]
            above.length, above.linked, above.links = above.length + own.length, above.linked + own.linked, above.links + own.links
    return made


def _furniture(body: LexborNode) -> list[LexborNode]:
    """What its class, its id or its links show to be no part of the article."""
    measures = _measures(body)
    enough = MAIN_SHARE * measures[body.mem_id].length
    nodes = body.css("header, div, ul, ol, dl, section, table, p, span")
    return [node for node in nodes if _is_furniture(node, measures[node.mem_id], enough)]


def _is_furniture(node: LexborNode, measure: Measure, enough: float) -> bool:
    names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
    if FURNITURE.search(names) and measure.length < enough:
        return True
    if node.tag == "header":
        return node.css_first("h1") is None
    return measure.links >= LINK_COUNT and measure.linked > LINK_SHARE * measure.length


def _main(body: LexborNode) -> LexborNode:
    """The container that holds most of the text, by the names that content management systems give it."""
    measures = _measures(body)
    enough = MAIN_SHARE * measures[body.mem_id].length
    return next((node for selector in CONTENT for node in body.css(selector) if measures[node.mem_id].length > enough), body)


def _inline(node: LexborNode) -> str:
    return SPACE.sub(" ", node.text()).strip()


def _article(root: LexborNode) -> str:
    """The blocks of text under a node, parted by blank lines."""
    return "\n\n".join(block for block in _blocks(root) if not PAGE_LINE.fullmatch(block))


def _blocks(root: LexborNode) -> Iterator[str]:
    """Paragraphs, headings and tables in order. Walks with a stack of its own: pages nest deeper than Python may."""
    prefix, buffer = "", []
    pending: list[LexborNode | None] = [root]
    while pending:
        node = pending.pop()
        if node is not None and node.tag == "-text":
            buffer.append(SPACE.sub(" ", node.text_content or ""))
        elif node is not None and node.tag == "br":
            buffer.append("\n")
        elif node is None or node.tag in BLOCKS:
            if block := _trimmed("".join(buffer)):
                yield prefix + block
                prefix = ""
            buffer = []
        if node is None or node.tag == "-text":
            continue
        if node.tag == "table" and (grid := webtable.cells(node)):
            yield "\n".join(table.lines(*grid))
            continue
        if node.tag in BLOCKS:
            prefix = _prefix(node) or (prefix if node.tag == "p" else "")
            pending.append(None)
        pending += reversed(list(node.iter(include_text=True)))
    if block := _trimmed("".join(buffer)):
        yield prefix + block


def _prefix(node: LexborNode) -> str:
    """What stands before a block: the marks of a heading, the number of a list item."""
    if node.tag in HEADINGS:
        return "#" * HEADINGS[node.tag] + " "
    if node.tag == "li" and node.parent is not None and node.parent.tag == "ol":
        items = [item.mem_id for item in node.parent.iter() if item.tag == "li"]
        start = node.parent.attributes.get("start") or "1"
        return f"{(int(start) if start.isdecimal() else 1) + items.index(node.mem_id)}. "
    return ""


def _trimmed(text: str) -> str:
    lines = (" ".join(line.split(" ")).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
