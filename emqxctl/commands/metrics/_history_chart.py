"""The series of `emqxctl metrics history` as line charts for a terminal. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from emqxctl.output.ansi import paint
from emqxctl.output.formats.plain_table import measure_width
from emqxctl.output.line_chart import Point, Series, draw_chart
from emqxctl.output.results import Row
from emqxctl.text.nouns import count_noun

TIME_FIELD = "time_stamp"
# Counts of one interval, drawn as rates: samples of different age have intervals of different length.
RATES = {
    "received": "received/s",
    "sent": "sent/s",
    "dropped": "dropped/s",
    "persisted": "persisted/s",
    "validation_succeeded": "validation succeeded/s",
    "validation_failed": "validation failed/s",
    "transformation_succeeded": "transformation succeeded/s",
    "transformation_failed": "transformation failed/s",
    "rules_matched": "rules matched/s",
    "actions_executed": "actions executed/s",
    "actions_messages": "action messages/s",
}
TITLES = {"live_connections": "connections", "connections": "sessions"} | RATES
ALWAYS_DRAWN = ("received", "sent", "dropped", "live_connections", "connections", "subscriptions", "topics")
CHART_LINES = 4
WIDE_SCREEN = 100  # minimum width in cells for two charts side by side
GAP = 3  # cells between them


def draw_history(samples: Sequence[Row], fields: Sequence[str], width: int, *, color: bool) -> str:
    """Return a chart of each series; `fields` selects them, else those that are never 0 only are left out."""
    rows = [row for row in samples if len(row) > 1 and is_number(row.get(TIME_FIELD))]
    if len(rows) < 2:
        return "No samples: EMQX keeps one per 10 s.\n"
    names = list(fields) or list_drawn_fields(rows)
    is_wide = width >= WIDE_SCREEN and len(names) > 1
    chart_width = (width - GAP) // 2 if is_wide else width
    charts = [draw_chart(read_series(rows, name), chart_width, CHART_LINES) for name in names]
    lines = [describe_span(rows), ""]
    for i in range(0, len(charts), 2 if is_wide else 1):
        lines += [*join_charts(charts[i : i + 2] if is_wide else [charts[i]], chart_width, color=color), ""]
    return "".join(f"{line}\n" for line in lines[:-1])


def list_drawn_fields(rows: Sequence[Row]) -> list[str]:
    """Return the series to draw: the usual ones, and further ones that have a value above 0."""
    names = dict.fromkeys(name for row in rows for name in row if name != TIME_FIELD)
    further = [
        name
        for name in names
        if name not in ALWAYS_DRAWN and name in RATES and any(row.get(name) for row in rows)
    ]
    return [*(name for name in ALWAYS_DRAWN if name in names), *further]


def read_series(rows: Sequence[Row], name: str) -> Series:
    """Return a series: counts as rates per second of the time since the sample before."""
    times = [to_seconds(row) for row in rows]
    intervals = [last - first for first, last in pairwise(times)]
    intervals = [intervals[0], *intervals]
    points = []
    for time, interval, row in zip(times, intervals, rows, strict=True):
        value = row.get(name)
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        if number is not None and name in RATES:
            number /= interval or 1.0
        points.append(Point(time, number))
    return Series(TITLES.get(name, name.replace("_", " ")), points)


def is_number(value: object) -> bool:
    """Return whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def to_seconds(row: Mapping[str, object]) -> float:
    """Return the time of a sample in epoch seconds; EMQX sends milliseconds."""
    return float(str(row[TIME_FIELD])) / 1000


def describe_span(rows: Sequence[Row]) -> str:
    """Return the first and the last time, with the time zone, which the axes leave out."""
    first, last = (datetime.fromtimestamp(to_seconds(row)).astimezone() for row in (rows[0], rows[-1]))
    return f"{first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S %z}, {count_noun(len(rows), 'sample')}"


def join_charts(charts: Sequence[Sequence[str]], width: int, *, color: bool) -> list[str]:
    """Return charts side by side; their headings are bold."""
    height = max(map(len, charts))
    lines = []
    for i in range(height):
        texts = [chart[i] if i < len(chart) else "" for chart in charts]
        padded = [text + " " * (width - measure_width(text) + GAP) for text in texts[:-1]]
        line = "".join([*padded, texts[-1]])
        lines.append(paint(line, "bold", color=color) if i == 0 else line)
    return lines
