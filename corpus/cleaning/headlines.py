"""What newspapers print around running text: headlines, subtitles, bylines, editor's notes, picture captions."""

import re
from collections.abc import Iterator

from corpus.mapping import MappedText

LONGEST_HEADLINE = 40  # characters
LONGEST_CAPTION = 120

_STAFF = (r"(?:本报|本刊|本台|本网|新华社|[\u4e00-\u9fff]{2,6}(?:日报|晚报|晨报|时报|早报|周刊))?\s*"
          r"(?:全媒体|融媒体|首席|特约|见习|实习)*(?:记者|通讯员|评论员)")
_BYLINE = re.compile(rf"[□■◎○●◇☆]?\s*{_STAFF}[\u4e00-\u9fff ·、/／]{{2,30}}")
_WRITERS = re.compile(r"(?:[\u4e00-\u9fff]{2,4}\s*[/／][文图]\s*){1,4}|[文图][/／]\s*[\u4e00-\u9fff ]{2,20}")
_PEN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")
_NOTE = re.compile(r"【?(?:编者按|编者的话|编后|编者语|开栏语|开栏的话|核心提示|阅读提示|内容提要|导读|导语)】?[:：]?")
_CREDIT = re.compile(r"(?:(?<!拍)摄|摄影|摄影报道|供图|资料图片|资料图|（资料图片?）)$")
_FIGURE = re.compile(r"(?:[上下左右中]{1,2}|题|大|小|本版)?图(?:[一二三四五六①-⑨\d]{1,2})?(?:为|[:：])|图片(?:为|说明)")
_BULLET = re.compile(r"[●○■□◆◇▲△★☆▶►]")
_WORDS = re.compile(r"[\u3400-\u9fff]{2}")


def undouble(line: MappedText) -> MappedText | None:
    """A headline that was printed twice, run by run, with one copy of each run; None for any other line."""
    if len(line) > 4 * LONGEST_HEADLINE:
        return None
    copies = _copies(line.text, 0, set())
    return line.without(copies) if copies and any(_WORDS.search(line.text, *copy) for copy in copies) else None


def _copies(line: str, start: int, failed: set[int]) -> list[tuple[int, int]] | None:
    """The second copies of the runs of which the line from ``start`` on is made, as ``[start, end)`` spans; None where
    it is made otherwise. Longer runs are tried first.

    :param failed: starts from which the line is known to be made otherwise.
    """
    if start == len(line):
        return []
    for copy in _doubled_runs(line, start):
        if copy[1] not in failed and (rest := _copies(line, copy[1], failed)) is not None:
            return [copy, *rest]
    failed.add(start)
    return None


def _doubled_runs(line: str, start: int) -> Iterator[tuple[int, int]]:
    """The second copy of each run that begins at ``start`` and is printed twice, the longest first."""
    for length in range((len(line) - start) // 2, 0, -1):
        middle = start + length
        run = line[start:middle]
        for gap in ("", " "):
            if line.startswith(gap + run, middle):
                yield middle, middle + len(gap) + length


def is_byline(line: str) -> bool:
    """``本报记者 某某``, ``某某/文 某某/图`` and the like; running text can look so, where it is not alone on a line."""
    return len(line) <= LONGEST_HEADLINE and bool(_BYLINE.fullmatch(line) or _WRITERS.fullmatch(line))


def is_pen_name(line: str) -> bool:
    """Could the line be the short name under a commentary's headline?"""
    return bool(_PEN_NAME.fullmatch(line)) and not is_note_label(line)


def is_note_label(line: str) -> bool:
    """``编者按`` and the other labels of what the editors put before a story."""
    return bool(_NOTE.fullmatch(line))


def is_bullet(line: str) -> bool:
    """Does the line begin with a bullet?"""
    return bool(_BULLET.match(line))


def is_credit(text: str) -> bool:
    """Does the text end by naming the photographer or the source of a picture?"""
    return len(text) <= LONGEST_CAPTION and bool(_CREDIT.search(text))


def is_caption(text: str) -> bool:
    """Does the text say of itself that it belongs to a picture?"""
    return is_credit(text) or (len(text) <= LONGEST_CAPTION and bool(_FIGURE.match(text)))


def is_subtitle(line: str) -> bool:
    """``——`` and words, the second line of a headline; running text that begins so is told by what stands before it."""
    return bool(re.match(r"—{1,2}[^—]", line)) and len(line) <= LONGEST_HEADLINE
