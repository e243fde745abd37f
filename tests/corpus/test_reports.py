"""The shipped reports: well formed, in words of their own, and every figure checked against its source."""

import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from corpus import articles, passages, readers

REPORTS = Path(__file__).resolve().parents[2] / "corpus" / "reports"
PATHS = sorted(REPORTS.glob("*.md"))

# Where the original that a report's front matter names is kept: a file, and the article in it by its headline.
ORIGINALS = {
    "《许昌市政府工作报告》，许昌市人民政府，2021年3月23日": ("004_8f3753a4c6dcbcd8.txt", "【许昌招商】许昌市政府工作报告"),
    "《2020年许昌市政府工作报告》，许昌市人民政府，2020年5月13日": ("004_8f3753a4c6dcbcd8.txt", "【许昌招商】2020年许昌市"),
    "《2020年长葛市政府工作报告》，长葛市人民政府，2020年5月28日": ("004_8f3753a4c6dcbcd8.txt", "【长葛市招商】"),
    "《许昌出台25项纾困举措》，许昌招商，2025年7月7日": ("004_8f3753a4c6dcbcd8.txt", "【许昌招商】许昌出台25项"),
    "《许昌数字贸易云展会助推跨境企业合作》，许昌招商，2025年7月7日": ("004_8f3753a4c6dcbcd8.txt", "【许昌招商】许昌数字贸易"),
    "《许昌聚力项目引擎构筑产业新高地》，许昌招商，2025年7月2日": ("004_8f3753a4c6dcbcd8.txt", "许昌聚力项目引擎"),
    "《许昌硅碳新材料产业集群》，许昌招商，2025年7月2日": ("004_8f3753a4c6dcbcd8.txt", "许昌硅碳新材料"),
    "《许昌深度融入郑州都市圈》，许昌招商，2025年7月2日": ("004_8f3753a4c6dcbcd8.txt", "许昌深度融入郑州"),
    "《全力激发高质量发展动力活力》，许昌市报纸专版，2022年": ("000_964d0b81b67963d0.txt", None),
    "《改革兴许百业盛——2020年我市全面深化改革工作掠影》，许昌市报纸专版，2021年": ("001_1d0f409f1b087746.txt", None),
    "《改革创新潮头立 奏响发展最强音》，许昌市报纸专版，2022年": ("002_86022b60b579602f.txt", None),
    "《中国式现代化的“许昌实践”》，许昌市报纸专版，2023年": ("003_dd628d811d60faf7.txt", None),
}

NAME = re.compile(r"《[^》]*》|“[^”]*”")
FIGURE = re.compile(r"第\d+|\d+(?:\.\d+)?(?:余|多)?(?:万亿|[万亿千百])?(?:[A-Za-z]+|%|[^\W\d_])?")
NOT_FIGURE = re.compile(r"\d{4}年|PM(?:2\.5|10)|5G|[A-Z]股")
# Words that stand in nearly every sentence and so say nothing about what a figure counts.
COMMON = re.compile("计划|目标|预期|完成|达到|增长|以上|亿元")


@cache
def read(path: Path) -> tuple[dict[str, str], str]:
    """A report's front matter and the text under it."""
    [raw] = readers.read(path.name, path.read_bytes()).texts
    return raw.metadata, raw.text


def sentences(body: str) -> list[str]:
    text = re.sub(r"^#.*$", "", body, flags=re.MULTILINE)
    return [text[start:end] for start, end in passages.sentences(text)]


def folded(text: str) -> str:
    """Full and half width made one, quotation marks too, white space gone."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text.translate({0x22: "“", 0x2236: ":"})))


@cache
def original(shared: Path, source: str) -> str:
    name, headline = ORIGINALS[source]
    text = (shared / "source-reports" / name).read_text(encoding="utf-8")
    if headline is None:
        return folded(text)
    listed = [entry.strip() for entry in re.split(r"^-$", text, flags=re.MULTILINE)]
    return folded(next(entry for entry in listed if entry.startswith(headline)))


def blanked(pattern: re.Pattern[str], text: str) -> str:
    """The text with every match of the pattern replaced, offsets kept."""
    return pattern.sub(lambda match: "_" * len(match[0]), text)


def figures(sentence: str) -> list[tuple[str, int]]:
    """The figures of a folded sentence, each with its unit, and where it begins; years and names are left out."""
    return [(match[0], match.start()) for match in FIGURE.finditer(blanked(NOT_FIGURE, sentence))]


def occurrences(figure: str, text: str) -> list[int]:
    """Where a figure stands in a text, not as a part of a longer number."""
    end = r"(?!\.?\d)" if figure[-1].isdigit() else ""
    return [match.start() for match in re.finditer(rf"(?<![\d.]){re.escape(figure)}{end}", text)]


def key_terms(sentence: str, at: int, region: str) -> set[str]:
    """Pairs of Chinese characters in the words around a figure, without those that are everywhere."""
    telling = blanked(COMMON, blanked(NOT_FIGURE, sentence)).replace(region, "_" * len(region))
    window = telling[max(0, at - 20):at + 20]
    return {window[i:i + 2] for i in range(len(window) - 1) if re.fullmatch(r"[一-鿿]{2}", window[i:i + 2])}


def nameless(text: str) -> str:
    """The text without digits, with a break where a name was."""
    return re.sub(r"[\d.]+", "", NAME.sub("\0", text))


def longest_common_run(ours: str, theirs: str) -> str:
    """The longest string without names and digits that stands in both."""
    ours, theirs = nameless(ours), nameless(theirs)
    best = ""
    for start in range(len(ours)):
        while start + len(best) < len(ours):
            longer = ours[start:start + len(best) + 1]
            if "\0" in longer or longer not in theirs:
                break
            best = longer
    return best


each_report = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def test_enough_to_be_useful():
    bodies = [read(path)[1] for path in PATHS]
    assert len(bodies) >= 12
    assert sum(len(re.sub(r"\s", "", body)) for body in bodies) >= 25_000


@each_report
def test_front_matter(path):
    stated, body = read(path)
    assert {"title", "issuer", "region", "published", "source"} <= stated.keys()
    assert all(stated.values())
    assert re.fullmatch(r"20\d\d(-\d\d){0,2}", stated["published"])
    assert 2019 <= int(stated.get("report_year", 2020)) <= 2024
    assert len(re.findall(r"^## \S", body, flags=re.MULTILINE)) >= 2


@each_report
def test_is_one_article_that_needs_no_repair(path):
    [raw] = readers.read(path.name, path.read_bytes()).texts
    [article] = articles.split(raw)
    assert article.text == raw.text.strip()


@each_report
def test_every_sentence_stands_alone(path):
    region = read(path)[0]["region"]
    for sentence in sentences(read(path)[1]):
        assert re.search(r"20\d\d年|“十[三四五]五”", sentence), sentence
        assert re.search(r"[市县镇区省]|郑州|许昌", sentence) or region in sentence, sentence
        assert len(sentence) <= 110, sentence


def test_no_sentence_twice():
    everything = [s for path in PATHS for s in sentences(read(path)[1])]
    assert sorted(everything) == sorted(set(everything))


@each_report
def test_every_figure_is_in_the_source(path, shared):
    stated, body = read(path)
    source = original(shared, stated["source"])
    for sentence in map(folded, sentences(body)):
        missing = [figure for figure, _ in figures(sentence) if not occurrences(figure, source)]
        assert not missing, sentence


@each_report
def test_figures_stand_with_the_same_words_in_the_source(path, shared):
    stated, body = read(path)
    source = original(shared, stated["source"])
    for sentence in map(folded, sentences(body)):
        for figure, at in figures(sentence):
            terms = key_terms(sentence, at, stated["region"])
            around = [source[max(0, i - 30):i + len(figure) + 30] for i in occurrences(figure, source)]
            assert max(sum(t in near for t in terms) for near in around) >= min(3, len(terms)), (figure, sentence)


@each_report
def test_no_sentence_is_copied(path, shared):
    stated, body = read(path)
    run = longest_common_run(folded(body), original(shared, stated["source"]))
    assert len(run) <= 22, run
