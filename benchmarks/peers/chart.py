"""Latency and memory against passages, ours and the peers', as a drawing."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.peers.asking import OURS
from benchmarks.sets import ROOT

PICTURE = ROOT / "docs" / "images" / "peers.svg"
COLOURS = {OURS: "#0369a1", "bm25s": "#b45309", "txtai": "#15803d", "milvus-lite": "#7c3aed", "rank_bm25": "#be123c", "haystack": "#475569"}
NAMES = {OURS: "ours 本系统", "bm25s": "bm25s + FAISS", "rank_bm25": "rank_bm25 + FAISS", "haystack": "Haystack"}
WIDTH, HEIGHT = 1160, 470
LINE = 15  # between the lines of text of two labels

Point = tuple[float, float]

HEAD = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title desc"
     font-family="system-ui, 'Noto Sans CJK SC', sans-serif" font-size="13">
  <title id="title">Latency and memory against passages</title>
  <desc id="desc">{{desc}}</desc>
  <style>
    .grid {{{{ stroke: #e2e8f0 }}}} .tick {{{{ fill: #64748b; font-size: 12px }}}} .name {{{{ fill: #0f172a; font-weight: 600; font-size: 15px }}}}
    .label {{{{ stroke: #fff; stroke-width: 4px; stroke-linejoin: round; paint-order: stroke }}}} .mid {{{{ text-anchor: middle }}}} .end {{{{ text-anchor: end }}}}
  </style>
  <rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>
"""


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart with both axes logarithmic.

    :ivar left: in pixels from the left of the drawing.
    :ivar lines: by side, its points: passages, and the figure there.
    """

    name: str
    unit: str
    left: float
    lines: Mapping[str, Sequence[Point]]

    width, height, top = 300, 340, 64  # of the field in which the lines are

    def draw(self) -> str:
        """As SVG."""
        every = [point for line in self.lines.values() for point in line]
        x = _scale([point[0] for point in every], self.left, self.left + self.width)
        y = _scale([point[1] for point in every], self.top + self.height, self.top)
        return "\n".join([f'<text class="name" x="{self.left}" y="{self.top - 30}">{self.name}</text>',
                          *self._grid(x, y, every), *self._lines(x, y), *self._labels(x, y)])

    def _grid(self, x: Callable[[float], float], y: Callable[[float], float], every: Sequence[Point]) -> Iterable[str]:
        right, bottom = self.left + self.width, self.top + self.height
        for value in _powers([point[1] for point in every]):
            yield f'<path class="grid" d="M{self.left} {y(value):.1f}H{right}"/>'
            yield f'<text class="tick end" x="{self.left - 8}" y="{y(value) + 4:.1f}">{_short(value)} {self.unit}</text>'
        for value in sorted({point[0] for point in every}):
            yield f'<path class="grid" d="M{x(value):.1f} {self.top}V{bottom}"/>'
            yield f'<text class="tick mid" x="{x(value):.1f}" y="{bottom + 20}">{_short(value)}</text>'
        yield f'<text class="tick mid" x="{self.left + self.width / 2}" y="{bottom + 42}">passages 段落数</text>'

    def _lines(self, x: Callable[[float], float], y: Callable[[float], float]) -> Iterable[str]:
        for side, points in self.lines.items():
            at = [f"{x(passages):.1f} {y(value):.1f}" for passages, value in points]
            width = 3.5 if side == OURS else 1.8
            yield f'<path d="M{"L".join(at)}" fill="none" stroke="{COLOURS[side]}" stroke-width="{width}"/>'
            yield from (f'<circle cx="{each.split()[0]}" cy="{each.split()[1]}" r="{width + 1}" fill="{COLOURS[side]}"/>' for each in at)

    def _labels(self, x: Callable[[float], float], y: Callable[[float], float]) -> Iterable[str]:
        for last in {points[-1][0] for points in self.lines.values()}:
            ends = {side: points[-1][1] for side, points in self.lines.items() if points[-1][0] == last}
            for (side, value), height in zip(ends.items(), apart(list(map(y, ends.values())), LINE)):
                weight = ' font-weight="600"' if side == OURS else ""
                yield (f'<text class="label" x="{x(last) + 10:.1f}" y="{height + 4:.1f}" fill="{COLOURS[side]}"{weight}>'
                       f"{escape(NAMES.get(side, side))} {_short(value)} {self.unit}</text>")


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """The same heights in the same order, pushed down where they are nearer to each other than a gap."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    moved = list(heights)
    for above, below in zip(order, order[1:]):
        moved[below] = max(moved[below], moved[above] + gap)
    return moved


def draw(sizes: Iterable[Mapping]) -> str:
    """The drawing of what was measured at several sizes, as SVG; see :mod:`benchmarks.peers.results`."""
    sizes = sorted(sizes, key=lambda size: size["passages"])
    sides = [side for side in COLOURS if any(side in size["sides"] for size in sizes)]

    def lines(figure: str) -> dict[str, list[Point]]:
        return {side: [(size["passages"], size["sides"][side]["search"][figure]) for size in sizes if side in size["sides"]] for side in sides}

    panels = (Panel("Retrieval, median 检索延迟（中位数）", "ms", 80, lines("p50")), Panel("Memory 内存", "MB", 650, lines("rss_mb")))
    desc = "; ".join(f"{side} " + ", ".join(f"{_short(value)} ms at {_short(passages)} passages" for passages, value in points)
                     for side, points in panels[0].lines.items())
    return HEAD.format(desc=escape(desc)) + "\n".join(panel.draw() for panel in panels) + "\n</svg>\n"


def _scale(values: Sequence[float], begin: float, end: float) -> Callable[[float], float]:
    """Where a value stands between two ends, the powers of ten around all values being at these."""
    low, high = math.log10(min(values)), math.log10(max(values))
    pad = max(0.05 * (high - low), 0.05)
    return lambda value: begin + (end - begin) * (math.log10(value) - low + pad) / (high - low + 2 * pad)


def _powers(values: Sequence[float]) -> Iterable[float]:
    """Round values between the least and the greatest."""
    for power in range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1):
        yield from (digit * 10.0 ** power for digit in (1, 2, 5) if min(values) <= digit * 10.0 ** power <= max(values))


def _short(value: float) -> str:
    """A number with two or three digits: 0.85, 14, 163k, 1.0M."""
    for factor, letter in ((1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * factor and (letter == "M" or value >= 9950):
            return f"{value / factor:.3g}{letter}"
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.2g}"
