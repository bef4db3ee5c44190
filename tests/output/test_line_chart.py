"""Line charts: the curve, the axes, gaps, and any width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.output.formats.plain_table import measure_width
from emqxctl.output.line_chart import Point, Series, draw_chart, find_range, format_number, format_time


def make_series(*values: float | None) -> Series:
    """Return a series with one value per 10 s."""
    return Series("received/s", [Point(1_795_390_940.0 + 10 * i, value) for i, value in enumerate(values)])


def test_a_chart_has_a_heading_a_curve_and_the_times() -> None:
    lines = draw_chart(make_series(0, 10, 20, 30), 40, 4)
    assert lines[0] == "received/s  now 30, min 0, max 30"
    assert lines[1].startswith("30 │")
    assert lines[4].startswith(" 0 │")
    assert lines[5].startswith("   └")
    assert len(lines) == 6


def test_a_rising_line_rises() -> None:
    lines = draw_chart(make_series(0, 10, 20, 30), 40, 4)[1:5]
    firsts = [len(line) - len(line[4:].lstrip()) for line in lines]
    assert firsts == sorted(firsts, reverse=True)
    assert lines[0].rstrip()[-1] != " "


def test_a_gap_interrupts_the_line() -> None:
    bottom = draw_chart(make_series(5, 5, None, None, None, 5, 5), 40, 4)[1]
    assert "   " in bottom[4:].strip()
    whole = draw_chart(make_series(5, 5, 5, 5, 5, 5, 5), 40, 4)[1]
    assert " " not in whole[4:].strip()


@pytest.mark.parametrize(
    ("values", "expected"),
    [([5, 9], (0, 9)), ([1000, 1010], (1000, 1010)), ([0, 0], (0, 1)), ([7, 7], (0, 7)), ([-3, 2], (-3, 2))],
)
def test_the_axis_starts_at_0_unless_the_values_are_close_together(
    values: list[float], expected: tuple[float, float]
) -> None:
    assert find_range(values) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (23.456, "23.5"), (1200, "1200"), (12_500, "12.5K"), (3_400_000, "3.4M"), (5e9, "5G")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert format_number(value) == text


def test_times_are_as_precise_as_the_span() -> None:
    assert len(format_time(0.0, 60)) == len("10:00:00")
    assert len(format_time(0.0, 7200)) == len("10:00")
    assert len(format_time(0.0, 200_000)) == len("11-24 10:00")


@pytest.mark.parametrize("series", [make_series(), make_series(None, None)])
def test_a_series_without_values_says_so(series: Series) -> None:
    assert draw_chart(series, 40, 4) == ["received/s  no values"]


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1e12)), min_size=1, max_size=300),
    st.integers(1, 200),
    st.integers(2, 8),
)
def test_no_line_is_wider_than_the_screen(values: list[float | None], width: int, lines: int) -> None:
    assert all(measure_width(line) <= width for line in draw_chart(make_series(*values), width, lines))
