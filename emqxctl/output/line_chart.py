"""A line chart of a time series as lines of text, with an axis of values and one of times; no colors."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from emqxctl.output.formats.plain_table import measure_width

DAY = 86_400.0
UNITS = (("G", 1e9), ("M", 1e6), ("K", 1e3))
# The dots of a braille character, by column and row from the top: two columns of four dots in one cell.
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
BLANK = 0x2800
DOTS_PER_COLUMN, DOTS_PER_LINE = 2, 4


class Point(NamedTuple):
    """A value at a time (epoch seconds); None is a gap in the line."""

    time: float
    value: float | None


class Series(NamedTuple):
    """A named time series, in the order of time."""

    title: str
    points: Sequence[Point]

    @property
    def values(self) -> list[float]:
        """The values without the gaps."""
        return [point.value for point in self.points if point.value is not None]


def draw_chart(series: Series, width: int, lines: int) -> list[str]:
    """Return a heading, `lines` lines of the curve, and the axis of times: each at most `width` cells.

    The axis of values starts at 0, or at the smallest value if all are large and close together.
    """
    values = series.values
    if not values or width < 20:
        return [fit_text(f"{series.title}  no values", width)]
    low, high = find_range(values)
    labels = [format_number(high), *[""] * (lines - 2), format_number(low)]
    margin = max(map(len, labels))
    columns = width - margin - 2
    canvas = draw_line(series.points, low, high, columns, lines)
    curve = [f"{label:>{margin}} │{text}".rstrip() for label, text in zip(labels, canvas, strict=True)]
    times = " " * (margin + 1) + "└" + draw_times(series.points[0].time, series.points[-1].time, columns)
    return [fit_text(describe_series(series), width), *curve, fit_text(times, width)]


def describe_series(series: Series) -> str:
    """Return the heading of a chart: the last, smallest and largest value."""
    values = series.values
    last, low, high = map(format_number, (values[-1], min(values), max(values)))
    return f"{series.title}  now {last}, min {low}, max {high}"


def find_range(values: Sequence[float]) -> tuple[float, float]:
    """Return the range of the axis: from 0, unless the values vary by less than a tenth of the largest."""
    smallest, largest = min(values), max(values)
    if smallest < 0 or (0 < largest - smallest < largest / 10):
        return smallest, largest
    return 0.0, largest if largest > 0 else 1.0


def draw_line(points: Sequence[Point], low: float, high: float, columns: int, lines: int) -> list[str]:
    """Return a line through the points in braille dots, from the first time to the last."""
    cells = [[0] * columns for _ in range(lines)]
    last_x, last_y = columns * DOTS_PER_COLUMN - 1, lines * DOTS_PER_LINE - 1
    start, span = points[0].time, (points[-1].time - points[0].time) or 1.0
    previous: tuple[int, int] | None = None
    for time, value in points:
        if value is None:
            previous = None
            continue
        x = round((time - start) / span * last_x)
        y = round((value - low) / ((high - low) or 1.0) * last_y)
        for dot_x, dot_y in connect_dots(previous or (x, y), (x, y)):
            row, dot_row = divmod(last_y - dot_y, DOTS_PER_LINE)
            cells[row][dot_x // DOTS_PER_COLUMN] |= DOTS[dot_x % DOTS_PER_COLUMN][dot_row]
        previous = x, y
    return ["".join(chr(BLANK + dots) if dots else " " for dots in row) for row in cells]


def connect_dots(first: tuple[int, int], last: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the dots of a straight line between two dots, both included."""
    steps = max(abs(last[0] - first[0]), abs(last[1] - first[1]))
    return [
        (
            round(first[0] + (last[0] - first[0]) * i / max(steps, 1)),
            round(first[1] + (last[1] - first[1]) * i / max(steps, 1)),
        )
        for i in range(steps + 1)
    ]


def draw_times(start: float, end: float, columns: int) -> str:
    """Return the axis of times: as many as fit, in the local time zone."""
    texts = [format_time(time, end - start) for time in (start, end)]
    size = len(texts[0])
    count = max(2, min(6, columns // (size + 6)))
    axis = list("─" * columns)
    for i in range(count):
        text = format_time(start + (end - start) * i / (count - 1), end - start)
        position = round(i * (columns - size) / (count - 1))
        axis[max(position, 0) : max(position, 0) + size] = text
    return "".join(axis)


def format_time(time: float, span: float) -> str:
    """Format a time for an axis: with seconds within an hour, with the date beyond a day."""
    form = "%H:%M:%S" if span <= 3600 else "%H:%M" if span <= DAY else "%m-%d %H:%M"
    return datetime.fromtimestamp(time).astimezone().strftime(form)


def format_number(value: float) -> str:
    """Format a number in at most five characters: `23.5`, `1200`, `12.5K`."""
    for unit, size in UNITS:
        if abs(value) >= size * (10 if unit == "K" else 1):
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def fit_text(text: str, width: int) -> str:
    """Return a text cut to a number of cells."""
    while measure_width(text) > width:
        text = text[:-1]
    return text
