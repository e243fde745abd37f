"""What is on a newspaper page, in the order of extraction: frames of running text, headlines and picture captions."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from corpus.cleaning.columns import INDENT, SLACK, Block, Line, Run, continues, ends
from corpus.cleaning.headlines import (
    LONGEST_HEADLINE,
    is_bullet,
    is_byline,
    is_caption,
    is_credit,
    is_note_label,
    is_pen_name,
    is_subtitle,
    undouble,
)
from corpus.cleaning.seams import has_stop, has_unclosed, is_word_torn
from corpus.mapping import MappedText, concat

SHORTEST_HEADLINE = 4  # characters
LABEL_WIDTH = 4  # characters; narrower lines set one above the other are a label
COLUMN_PLAY = 2  # characters by which the lines of one column differ
WIDTH_CHANGE = 1.5  # so much wider or narrower is another column; less, one that gives way to a picture
LONGEST_SENTENCE_CAPTION = 45  # characters of a caption that does not say it is one

_MARKED = re.compile(r"(#{1,6})\s*(?=[^#\s])")  # a heading that the reader knew by the size of its type


@dataclass(slots=True, eq=False)
class Headline:
    """A headline with what belongs to it.

    :ivar lines: kicker and headline, in the order in which they are read.
    :ivar display: printed large, or signed: the headline of an article, not of a section.
    :ivar note: a label such as 编者按; what follows is the editors' note.
    """

    lines: list[MappedText] = field(default_factory=list)
    subtitle: MappedText | None = None
    byline: MappedText | None = None
    display: bool = False
    note: bool = False

    @property
    def title(self) -> MappedText:
        """The headline as one line, its phrases parted by spaces."""
        return concat([*self.lines, *([self.subtitle] if self.subtitle else [])])


@dataclass(slots=True, eq=False)
class Frame:
    """Running text that was set together.

    :ivar label: a heading set into the frame's corner.
    """

    runs: list[Run] = field(default_factory=list)
    label: MappedText | None = None

    @property
    def text(self) -> str:
        return "".join(run.text.text for run in self.runs)


@dataclass(slots=True, eq=False)
class Caption:
    """The words under a picture."""

    text: MappedText


Element = Headline | Frame | Caption


def elements(page: Sequence[Block]) -> list[Element]:
    """The elements of a page that was extracted as ``page``; torn sentences are whole again."""
    return _Reading([part for block in page for part in _parted(block)]).elements()


def _parted(block: Block) -> list[Block]:
    """A block with a doubled headline in it, cut where running text meets the headline's lines."""
    doubled = [at for at, line in enumerate(block.lines) if undouble(line.text)]
    if not doubled:
        return [block]
    start, end = doubled[0], doubled[-1] + 1
    if not any(ends(line.text.text) for line in block.lines[:start]):
        start = 0
    while end < len(block.lines) and (is_byline(following := block.lines[end].text.text) or is_subtitle(following)):
        end += 1
    if not any(ends(line.text.text) for line in block.lines[end:]):
        end = len(block.lines)
    return [Block(lines) for lines in (block.lines[:start], block.lines[start:end], block.lines[end:]) if lines]


class _Reading:
    """Goes through the blocks of one page and remembers what a block's meaning depends on."""

    def __init__(self, page: Sequence[Block]) -> None:
        self._page = page
        self._lines = [line for block in page for line in block.lines]
        self._next_line = 0  # how many lines have been read
        self._first_caption = _trailing_captions(page)
        self._found: list[Element] = []
        self._run: Run | None = None  # the last paragraph of running text
        self._frame: Frame | None = None  # None where running text must begin a new frame
        self._apart = False  # a headline was printed since the last running text
        self._spaced_out = False  # the last line is one of a column with blank lines between its lines

    def elements(self) -> list[Element]:
        for at, block in enumerate(self._page):
            if not (self._read_headline(at, block) or self._read_caption(at, block)):
                for line in block.lines:
                    self._read_line(line)
                    self._next_line += 1
                self._spaced_out = self._is_column(at)
            else:
                self._next_line += len(block.lines)
        return self._found

    def _read_headline(self, at: int, block: Block) -> bool:
        doubled = [undouble(line.text) for line in block.lines]
        single = [copy or line.text for line, copy in zip(block.lines, doubled, strict=True)]
        if any(doubled) and not any(ends(line.text) for line in single if line not in doubled):
            self._add_headline(single, display=True)
        elif marked := _MARKED.match(block.text):
            heading = block.lines[0].text
            self._add_headline([heading.slice(marked.end(), len(heading)), *(line.text for line in block.lines[1:])],
                               display=len(marked[1]) == 1)
        elif self._is_label(block):
            self._frame = Frame(label=concat(line.text for line in block.lines))
            self._found.append(self._frame)
        elif is_note_label(block.text):
            self._add_headline([line.text for line in block.lines], note=True)
        elif not self._sign(at, block):
            if not self._is_headline(at, block):
                return False
            self._add_headline([line.text for line in block.lines])
        return True

    def _add_headline(self, lines: list[MappedText], display: bool = False, note: bool = False) -> None:
        """A kicker that ends in a dash is read before its headline, wherever it was extracted."""
        headline = Headline(display=display, note=note)
        for line in lines:
            if headline.lines and is_byline(line.text):
                headline.byline, headline.display = line, True
            elif headline.lines and is_subtitle(line.text):
                headline.subtitle, headline.display = line, True
            else:
                headline.lines.insert(0 if line.text.endswith("——") else len(headline.lines), line)
        self._found.append(headline)
        self._apart, self._frame = True, None

    def _sign(self, at: int, block: Block) -> bool:
        """Give a subtitle or a byline to the headline right before it."""
        headline = self._found[-1] if self._found else None
        if not isinstance(headline, Headline) or len(block.lines) > 1 or headline.note:
            return False
        line = block.lines[0].text
        if is_subtitle(line.text) and not headline.subtitle and not headline.byline and not ends(line.text):
            headline.subtitle = line
        elif not headline.byline and (is_byline(line.text) or (is_pen_name(line.text) and not self._is_column(at))):
            headline.byline = line
        else:
            return False
        headline.display = True
        return True

    def _is_label(self, block: Block) -> bool:
        lines = [line.text.text for line in block.lines]
        return (1 < len(lines) < 4 and self._closed() and "".join(lines).isalpha()
                and all(line.width <= LABEL_WIDTH for line in block.lines))

    def _is_headline(self, at: int, block: Block) -> bool:
        text = block.text
        if (not SHORTEST_HEADLINE <= len(text) <= LONGEST_HEADLINE or ends(text) or has_unclosed(text)
                or "。" in text or len(re.findall("[，,]", text)) > 1 or is_bullet(text) or is_caption(text) or text[-1] in "，、,"):
            return False
        if self._is_signed(at):
            return True
        return self._closed() and len(block.lines) == 1 and not self._is_column(at) and not self._is_torn_off(at)

    def _closed(self) -> bool:
        return self._run is None or self._apart or not self._run.open

    def _is_signed(self, at: int) -> bool:
        """Does a subtitle or a byline follow the block's first line?"""
        following = [line.text.text for line in self._page[at].lines[1:]]
        if not following and at + 1 < len(self._page):
            following = [self._page[at + 1].text]
        return any(is_byline(line) or (is_subtitle(line) and not ends(line)) for line in following)

    def _is_column(self, at: int) -> bool:
        """Is it the first line of a column that was extracted with a blank line after each of its lines?"""
        following = self._page[at:at + 4]
        first, *widths = [block.lines[0].width for block in following]
        return (len(following) == 4 and all(len(block.lines) == 1 for block in following)
                and not any(ends(block.text) for block in following) and max(widths) - min(widths) <= COLUMN_PLAY
                and 0 <= max(widths) - first <= INDENT + COLUMN_PLAY)

    def _is_torn_off(self, at: int) -> bool:
        """Is it the first line of a paragraph, alone at the foot of its column?"""
        line = self._page[at].lines[0]
        if at + 1 == len(self._page):
            return False
        following = self._page[at + 1].lines[0]
        if is_bullet(following.text.text) or is_caption(self._page[at + 1].text):
            return False
        fills = bool(line.column) and -SLACK < following.column - line.width < INDENT + 1
        return (is_word_torn(line.text.text, following.text.text)
                or (fills and following.full() and not following.indented)
                or (line.spaced and line.width > line.column - COLUMN_PLAY))

    def _read_caption(self, at: int, block: Block) -> bool:
        text = concat(line.text for line in block.lines)
        if at < self._first_caption and not is_caption(text.text):
            return False
        last = self._found[-1] if self._found else None
        if isinstance(last, Caption) and is_byline(text.text) and is_credit(text.text):
            last.text = concat([last.text, text])
        else:
            self._found.append(Caption(text))
        return True

    def _read_line(self, line: Line) -> None:
        bulleted = is_bullet(line.text.text)
        if not bulleted and self._continues(line):
            self._run.lines.append(line)
        else:
            if self._frame is None or line.starts_frame or self._column_changes():
                self._frame = Frame()
                self._found.append(self._frame)
            self._run = Run([line], bulleted)
            self._frame.runs.append(self._run)
        self._apart = self._spaced_out = False

    def _continues(self, line: Line) -> bool:
        if self._run is None or self._follows_bullets(line):
            return False
        return self._spaced_out or continues(self._run, line, self._apart)

    def _follows_bullets(self, line: Line) -> bool:
        """Is it the first line under bulleted phrases, which end without a full stop?"""
        runs = self._frame.runs[-2:] if self._frame else []
        return (len(runs) == 2 and all(run.bulleted and not has_stop(run.text.text) for run in runs)
                and has_stop(line.text.text))

    def _column_changes(self) -> bool:
        """Are the lines from here on set to another width than those before?"""
        runs = self._frame.runs[-3:]
        indented = widest(run.lines[0] for run in runs)
        before = max(indented and indented + INDENT, widest(line for run in runs for line in run.lines[1:][-6:]))
        after = widest(self._lines[self._next_line:self._next_line + 3])
        return bool(before and after) and not 1 / WIDTH_CHANGE < after / before < WIDTH_CHANGE


def widest(lines: Iterable[Line]) -> float:
    """The width of the widest line that fills its column as it is set, without stretching; 0 where there is none."""
    filled = (line for line in lines if line.column and not line.spaced and not ends(line.text.text))
    return max((line.width for line in filled), default=0)


def _trailing_captions(page: Sequence[Block]) -> int:
    """Where, at the end of the page, short sentences stand that can only be captions: the index of the first block.

    They come after a headline that has no text of its own, after a wide gap, or after a caption that says it is one.
    """
    start = len(page)
    while start and _is_short(page[start - 1]):
        start -= 1
    usual = median(block.lines[0].gap for block in page) if page else 0
    for at in range(start, len(page)):
        if is_caption(page[at].text) or page[at].lines[0].gap > usual + 1:
            return at
        if not ends(page[at].text) and len(page[at].lines) == 1:
            return at + 1
    return len(page)


def _is_short(block: Block) -> bool:
    return is_caption(block.text) or (len(block.text) <= LONGEST_SENTENCE_CAPTION and block.text[:-1].count("。") == 0)
