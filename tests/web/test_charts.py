"""Charts: what is drawn is in proportion, and inside."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from web.charts import HEIGHT, WIDTH, bars, lines, spark

DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(4)]


def test_a_column_is_as_high_as_its_number_and_stands_on_the_one_below():
    chart = bars(DAYS, [[1, 0, 2, 0], [3, 0, 0, 4]])
    assert [tick.label for tick in chart.y] == ["0", "2", "4"]
    heights = {(bar.series, round(bar.x // (WIDTH / 4))): (bar.y, bar.height) for bar in chart.bars}
    assert heights == {(0, 0): (135, 45), (1, 0): (0, 135), (0, 2): (90, 90), (1, 3): (0, 180)}
    assert [tick.label for tick in chart.x] == ["1-01", "1-02", "1-03", "1-04"]


def test_a_line_is_broken_where_nothing_is_known():
    path, = lines(DAYS, [[10, None, 5, 10]]).paths
    assert path == "M90.0 0.0h.01M450.0 90.0h.01L630.0 0.0"


def test_a_spark_has_a_stroke_for_each_day_with_a_value():
    assert spark([0, 4, 0, 1]) == "M1.5 1V0M3.5 1V0.75"
    assert spark([0, 0]) == spark([]) == ""


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=400))
def test_nothing_is_drawn_outside(values):
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(len(values))]
    chart = bars(days, list(zip(*values)))
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH and bar.y >= -0.01 and bar.y + bar.height <= HEIGHT + 0.01 for bar in chart.bars)
    assert all(0 <= tick.at <= WIDTH for tick in chart.x)
    assert len(chart.x) <= 6
