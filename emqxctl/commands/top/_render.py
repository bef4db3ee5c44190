"""The frames of `emqxctl top`: lines for a state and a screen size; text from clients is escaped."""

from collections.abc import Sequence

from emqxctl.commands.top._model import CLUSTER_FIGURES, State
from emqxctl.commands.top._table import draw_table
from emqxctl.commands.top._text import justify_ends, truncate_text
from emqxctl.commands.top._views import VIEWS, format_count, format_rate
from emqxctl.output.ansi import paint
from emqxctl.output.results import Row
from emqxctl.text.escaping import escape_control_characters

BARS = " ▁▂▃▄▅▆▇█"
FIGURE_TITLES = ("messages in/s", "messages out/s", "dropped/s", "clients")
KEY_HELP = (
    ("1-5", "view"),
    ("s", "sort"),
    ("/", "filter"),
    ("space", "pause"),
    ("enter", "why"),
    ("?", "help"),
    ("q", "quit"),
)
KEY_DESCRIPTIONS = (
    ("1-5, Tab", "Select the view: cluster, clients, topics, rules or actions."),
    ("s, S", "Sort by the next or previous column."),
    ("r", "Reverse the order."),
    ("/", "Filter by name. Esc removes the filter."),
    ("Space, p", "Pause, or continue."),
    ("+, -", "Refresh more or less often."),
    ("Up, Down", "Select a row. Page Up, Page Down, Home and End also work."),
    ("Enter, w", "Explain the selected row: clients why, topics who, rules why ..."),
    ("x", "Kick the selected client, after confirmation."),
    ("t", "Trace the selected client, topic or rule, after confirmation."),
    ("Esc", "Remove the selection."),
    ("?", "Show or hide this help."),
    ("q", "Quit."),
)


def count_page_rows(state: State, height: int) -> int:
    """Return the number of visible rows."""
    figure_lines = len(CLUSTER_FIGURES) + 1 if state.view_name == "cluster" else 0
    return max(1, height - 5 - figure_lines)


def draw_frame(state: State, width: int, height: int, *, color: bool, clock: str = "") -> list[str]:
    """Return a frame: exactly `height` lines of at most `width` cells."""
    rows = state.sorted_rows()
    page_rows = count_page_rows(state, height)
    offset = min(state.offset, max(0, len(rows) - page_rows))
    lines = [draw_title(state, width, clock, color=color), draw_tabs(state, width, color=color)]
    lines += draw_figures(state, width, color=color) if state.view_name == "cluster" else []
    lines.append(describe_rows(state, rows, offset, page_rows, width, color=color))
    if state.is_help_shown:
        lines = [*lines[:2], "", *draw_help(width, color=color)]
    else:
        lines += draw_table(state, rows[offset : offset + page_rows], width, color=color, is_live=True)
    lines = lines[: height - 1] + [""] * (height - 1 - len(lines))
    return [*lines, draw_footer(state, width, color=color)]


def draw_once(state: State, width: int, max_rows: int, *, color: bool) -> str:
    """Return one snapshot as text, without keys and empty lines."""
    rows = state.sorted_rows()
    lines = draw_figures(state, width, color=color) if state.view_name == "cluster" else []
    lines.append(describe_rows(state, rows, 0, max_rows, width, color=color))
    lines += draw_table(state, rows[:max_rows], width, color=color)
    return "".join(f"{line}\n" for line in lines)


def draw_title(state: State, width: int, clock: str, *, color: bool) -> str:
    """Return the title line: cluster, interval, time."""
    title = f" emqxctl top  {escape_control_characters(state.target_name)}"
    refresh = "paused" if state.is_paused else f"every {state.interval:g} s"
    right = f"{refresh}  {clock} "
    return paint(
        justify_ends(title, right, width), "reverse bold" if not state.is_paused else "reverse", color=color
    )


def draw_tabs(state: State, width: int, *, color: bool) -> str:
    """Return the line of views, the current one highlighted."""
    parts, used_width = [], 0
    for number, view in enumerate(VIEWS, 1):
        text = f" {number} {view.name} "
        if used_width + len(text) > width:
            break
        is_current = view.name == state.view_name
        label = f"[{text.strip()}]" if is_current and not color else text
        parts.append(paint(label, "bold cyan" if is_current else "dim", color=color))
        used_width += len(text)
    return "".join(parts)


def draw_figures(state: State, width: int, *, color: bool) -> list[str]:
    """Return a line for each rate of the cluster, with a sparkline."""
    lines = []
    for name, heading in zip(CLUSTER_FIGURES, FIGURE_TITLES, strict=True):
        values = [row.get(name) for row in state.history]
        last_value = values[-1] if values else None
        format_value = format_count if name == CLUSTER_FIGURES[-1] else format_rate
        value_text = format_value(last_value) if isinstance(last_value, int | float) else "-"
        sparkline_width = width - 30 if len(values) > 1 else 0
        style = "red" if name.startswith("dropped") and last_value else "cyan"
        curve = (
            paint(draw_sparkline(values, sparkline_width), style, color=color) if sparkline_width > 0 else ""
        )
        figure = truncate_text(f"{value_text:>9}", max(0, width - 16))
        lines.append(
            f"{truncate_text(f' {heading:<15}', width)}{paint(figure, 'bold', color=color)}  {curve}".rstrip()
        )
    return [*lines, ""]


def draw_sparkline(values: Sequence[object], width: int) -> str:
    """Return the last values as bars from 0 to the largest; a missing value is a gap."""
    shown_values = values[-width:]
    largest = max((value for value in shown_values if isinstance(value, int | float)), default=0)
    return "".join(draw_bar(value, largest) for value in shown_values)


def draw_bar(value: object, largest: float) -> str:
    """Return the bar of one value."""
    if not isinstance(value, int | float):
        return " "
    if largest <= 0 or value <= 0:
        return BARS[1]
    return BARS[max(1, min(8, round(value / largest * 8)))]


def describe_rows(
    state: State, rows: Sequence[Row], offset: int, page_rows: int, width: int, *, color: bool
) -> str:
    """Return the line that describes the rows: range, total, sort order and filter; or the error."""
    view, (field_name, descending) = state.view, state.sort_order
    if state.error:
        return paint(truncate_text(f" {escape_control_characters(state.error)}", width), "red", color=color)
    if state.sample is None:
        return paint(" ...", "dim", color=color)
    if not rows and view.hint and not state.filter_text:
        return paint(truncate_text(f" no {view.plural_noun}: {view.hint}", width), "dim", color=color)
    total = state.sample.total or 0
    heading = next((column.heading for column in view.columns if column.field == field_name), field_name)
    shown_range = (
        f"{offset + 1}-{offset + len(rows[offset : offset + page_rows])} of " if len(rows) > page_rows else ""
    )
    order = heading if descending else f"{heading} (ascending)"
    text = f" {shown_range}{format_count(len(rows))} {view.plural_noun} by {order}"
    if total > len(rows):
        text += f"; only the first {format_count(len(rows))} of {format_count(total)} were fetched"
    if state.filter_text:
        text += f"; filter: {escape_control_characters(state.filter_text)!r}"
    return paint(truncate_text(text, width), "dim", color=color)


def draw_help(width: int, *, color: bool) -> list[str]:
    """Return the keys and what they do."""
    return [
        f" {paint(f'{keys:<12}', 'bold', color=color)} {truncate_text(text, max(0, width - 14))}"
        for keys, text in KEY_DESCRIPTIONS
    ]


def draw_footer(state: State, width: int, *, color: bool) -> str:
    """Return the line of keys; or the filter while it is typed, a question, or a notice."""
    if state.typed_filter is not None:
        return truncate_text(
            f" /{escape_control_characters(state.typed_filter)}▏  enter: apply, esc: cancel", width
        )
    if state.pending_action is not None:
        question = f" run {escape_control_characters(state.pending_action.text)}? y: run, other key: cancel"
        return paint(truncate_text(question, width), "bold", color=color)
    if state.notice:
        return paint(truncate_text(f" {state.notice}", width), "bold", color=color)
    parts, used_width = [], 0
    for key, action in KEY_HELP:
        item_width = len(key) + len(action) + 4
        if used_width + item_width > width:
            break
        parts.append(f" {paint(key, 'bold', color=color)} {paint(action, 'dim', color=color)} ")
        used_width += item_width
    return "".join(parts).rstrip()
