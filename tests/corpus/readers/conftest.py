"""Files of every kind, made on the spot."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
CLAUSES = (
    "全市粮食总产量达到二百八十万吨", "新建高标准农田十五万亩", "城镇登记失业率控制在百分之四以内", "改造老旧小区三百二十个",
    "新增公办幼儿园学位八千个", "开通夜间公交线路十二条", "建成城市公园七处", "培育专精特新企业四十六家", "化解历史积案九十余件",
    "完成营造林面积六万亩", "发放惠民消费券五千万元", "整治河道一百一十公里",
)


class Pen:
    """Draws on one page, in points from its top left corner."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def write(self, text: str, x: float, y: float, size: float = 12) -> None:
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(x, A4[1] - y, text)

    def column(self, text: str, x: float, y: float, width: int, size: float = 9, leading: float = 13) -> float:
        """Write lines of so many characters under one another; return the y under the last."""
        for at in range(0, len(text), width):
            self.write(text[at:at + width], x, y, size)
            y += leading
        return y


@pytest.fixture(scope="session")
def pdf() -> Callable[..., bytes]:
    """A function that makes a PDF: each argument draws one page with a :class:`Pen`."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))

    def made(*pages: Callable[[Pen], object], password: str | None = None) -> bytes:
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=A4, encrypt=password)
        for draw in pages:
            draw(Pen(canvas))
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()

    return made


@pytest.fixture(scope="session")
def prose() -> Callable[[int, int], str]:
    """A function that writes so many clauses, each with its number, so that their order can be checked."""

    def written(start: int, clauses: int) -> str:
        return "".join(f"{CLAUSES[at % len(CLAUSES)]}（{at:03}），" for at in range(start, start + clauses))[:-1] + "。"

    return written


@pytest.fixture(scope="session")
def numbers() -> Callable[[str], list[int]]:
    """A function that returns the numbers of the clauses in a text, in its order; hard wraps do not matter."""
    return lambda text: [int(number) for number in re.findall(r"（(\d{3})）", re.sub(r"\s", "", text))]


@pytest.fixture(scope="session")
def zipped() -> Callable[[Mapping[str, bytes]], bytes]:
    """A function that packs names and contents into a zip archive."""

    def made(members: Mapping[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return buffer.getvalue()

    return made
