"""What tests share: the real material where it is present, a tiny corpus, a tiny deterministic encoder, and PDF files made on the spot."""

import io
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from qa.settings import Settings

hypothesis.settings.register_profile("patient", deadline=None)  # machines that run tests do other work
hypothesis.settings.load_profile("patient")

pytest_plugins = ["tests.postgresql"]

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

FONT = "STSong-Light"
CLAUSES = (
    "全市粮食总产量达到二百八十万吨", "新建高标准农田十五万亩", "城镇登记失业率控制在百分之四以内", "改造老旧小区三百二十个",
    "新增公办幼儿园学位八千个", "开通夜间公交线路十二条", "建成城市公园七处", "培育专精特新企业四十六家", "化解历史积案九十余件",
    "完成营造林面积六万亩", "发放惠民消费券五千万元", "整治河道一百一十公里",
)

REPORTS = {
    "growth.md": """---
title: 云溪市2021年政府工作报告
issuer: 云溪市人民政府
region: 云溪市
published: 2022-02-16
---
# 云溪市2021年政府工作报告

## 一、2021年工作回顾

2021年，全市生产总值完成1286.4亿元，比上年增长7.3%。规模以上工业增加值增长8.1%，社会消费品零售总额512.7亿元。
财政收入稳中有升，一般公共预算收入达到96.5亿元，其中税收占比71.2%。

## 二、2022年主要任务

新建改建农村公路180公里，开工建设市第三人民医院。全市计划新增城镇就业3.2万人。
""",
    "firms.md": """---
title: 云溪市支持中小企业发展若干措施
issuer: 云溪市工业和信息化局
region: 云溪市
published: 2020-04-09
---
# 云溪市支持中小企业发展若干措施

第一条 首次认定为高新技术企业的，一次性奖励20万元。
第二条 中小企业租用市属国有房产，免收三个月房租，再减半收取六个月房租。
第三条 贷款贴息由市财政局负责办理，申请材料应在每年10月31日前提交。
""",
    "trade.md": """---
title: 平川县外贸基地建设进展
issuer: 平川县商务局
region: 平川县
published: 2023-11-20
---
# 平川县外贸基地建设进展

平川县建成陶瓷、茶叶、木器三个出口基地。2023年前十个月，全县货物进出口总额27.9亿元，同比增长15.6%。
通往港口的班列每周开行四列，首列于2023年5月8日发车。
""",
    "talent.txt": """平川县引进人才住房补贴办法

2024年1月5日

平川县人力资源和社会保障局负责受理申请。博士每月补贴1500元，硕士每月补贴800元，补贴期限为三年。
申请人应当在本县缴纳社会保险满六个月。
""",
}


class BigramEncoder:
    """An :class:`embeddings.encoder.Encoder` that needs no model: the sum of one fixed random vector per bigram."""

    name = "test-bigrams"
    dimension = 64
    spreads = True

    def __init__(self) -> None:
        self._rows = np.random.default_rng(7).standard_normal((4096, self.dimension)).astype(np.float32)

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.stack([self._sum("".join(text.split())) for text in texts] or [self._sum("")])[:len(texts)]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)

    encode_queries = encode_passages

    def _sum(self, text: str) -> np.ndarray:
        rows = [zlib.crc32(text[i:i + 2].encode()) % len(self._rows) for i in range(len(text) - 1)]
        return self._rows[rows].sum(axis=0)


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
def shared() -> Path:
    """The folder of real reports and questions that lies beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder ../shared with real reports and questions")
    return SHARED


@pytest.fixture(scope="session")
def encoder() -> BigramEncoder:
    """A deterministic encoder of 64 dimensions that loads nothing."""
    return BigramEncoder()


@pytest.fixture
def tiny_reports(tmp_path: Path) -> Path:
    """A folder with four short invented reports of two places, three with front matter and one without."""
    return write_reports(tmp_path / "reports")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, encoder: BigramEncoder):
    """An open AnswerService over :data:`REPORTS` with the tiny encoder; not to be written to."""
    from qa.service import AnswerService  # here, so that tests of the other layers do without it

    folder = tmp_path_factory.mktemp("service")
    settings = Settings(home=folder / "data")
    AnswerService.index(settings, [write_reports(folder / "reports")], encoder=encoder)
    return AnswerService.open(settings, encoder)


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
def shipped_reports() -> Path:
    """The folder of the reports that ship."""
    return ROOT / "corpus" / "reports"


@pytest.fixture(scope="session")
def shipped_questions() -> list[dict]:
    """The questions about the reports that ship; tests/data/README.md says what each holds."""
    from qa.evaluation import read_questions

    return read_questions(ROOT / "tests" / "data" / "questions.jsonl")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory, shipped_reports: Path):
    """The AnswerService as it ships, every default, on the reports that ship; not to be written to."""
    from qa.service import AnswerService

    settings = Settings(home=tmp_path_factory.mktemp("shipped"))
    assert AnswerService.index(settings, [shipped_reports]).skipped == []
    return AnswerService.open(settings)


def write_reports(folder: Path) -> Path:
    """Write :data:`REPORTS` into a new folder."""
    folder.mkdir()
    for name, text in REPORTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
