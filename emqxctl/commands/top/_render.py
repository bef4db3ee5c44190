"""How `emqxctl top` looks: a state and a size in, lines out; nothing that a client sent is obeyed."""

from collections.abc import Sequence

from emqxctl.commands.top._model import FIGURES, State
from emqxctl.commands.top._views import SUBJECTS, count, per_second
from emqxctl.output.ansi import paint
from emqxctl.output.formats.plain_table import COLUMN_GAP, make_cell_formatter, measure_width
from emqxctl.output.results import Row
from emqxctl.resource import Column
from emqxctl.text.escaping import escape_control_characters

BARS = " ▁▂▃▄▅▆▇█"
TITLES = ("messages in/s", "messages out/s", "dropped/s", "clients")
KEY_LEAST = 24  # cells that the name of a row keeps
HELP = (
    ("1-5", "view"),
    ("s", "sort"),
    ("r", "reverse"),
    ("/", "filter"),
    ("space", "pause"),
    ("+-", "pace"),
    ("q", "quit"),
)


def page_size(state: State, height: int) -> int:
    """Give how many rows the screen holds."""
    figures = len(FIGURES) + 1 if state.view == "cluster" else 0
    return max(1, height - 5 - figures)


def frame(state: State, width: int, height: int, *, colour: bool, clock: str = "") -> list[str]:
    """Draw the whole screen: exactly `height` lines of at most `width` cells."""
    rows = state.rows()
    page = page_size(state, height)
    offset = min(state.offset, max(0, len(rows) - page))
    lines = [title(state, width, clock, colour=colour), tabs(state, width, colour=colour)]
    lines += figures(state, width, colour=colour) if state.view == "cluster" else []
    lines.append(told(state, rows, offset, page, width, colour=colour))
    lines += table(state, rows[offset : offset + page], width, colour=colour)
    lines = lines[: height - 1] + [""] * (height - 1 - len(lines))
    return [*lines, footer(state, width, colour=colour)]


def once(state: State, width: int, most: int, *, colour: bool) -> str:
    """Write what was seen a single time: no keys, and no lines left empty."""
    rows = state.rows()
    lines = figures(state, width, colour=colour) if state.view == "cluster" else []
    lines.append(told(state, rows, 0, most, width, colour=colour))
    lines += table(state, rows[:most], width, colour=colour)
    return "".join(f"{line}\n" for line in lines)


def title(state: State, width: int, clock: str, *, colour: bool) -> str:
    """Draw the top line: where, how often, when."""
    left = f" emqxctl top  {escape_control_characters(state.place)}"
    pace = "paused" if state.paused else f"every {state.interval:g} s"
    right = f"{pace}  {clock} "
    return paint(ends(left, right, width), "reverse bold" if not state.paused else "reverse", color=colour)


def ends(left: str, right: str, width: int) -> str:
    """Put two texts at the ends of a line; the right one goes first when there is no room."""
    room = width - measure_width(left) - measure_width(right)
    return left + " " * room + right if room >= 1 else pad(left, width)


def tabs(state: State, width: int, *, colour: bool) -> str:
    """Draw the views, the one that is shown brighter."""
    parts, used = [], 0
    for number, one in enumerate(SUBJECTS, 1):
        text = f" {number} {one.name} "
        if used + len(text) > width:
            break
        chosen = one.name == state.view
        mark = f"[{text.strip()}]" if chosen and not colour else text
        parts.append(paint(mark, "bold cyan" if chosen else "dim", color=colour))
        used += len(text)
    return "".join(parts)


def figures(state: State, width: int, *, colour: bool) -> list[str]:
    """Draw the cluster's rates, each with its course as a sparkline."""
    lines = []
    for name, heading in zip(FIGURES, TITLES, strict=True):
        values = [row.get(name) for row in state.history]
        last = values[-1] if values else None
        write = count if name == FIGURES[-1] else per_second
        now = write(last) if isinstance(last, int | float) else "-"
        room = width - 30 if len(values) > 1 else 0
        style = "red" if name.startswith("dropped") and last else "cyan"
        course = paint(sparkline(values, room), style, color=colour) if room > 0 else ""
        figure = cut(f"{now:>9}", max(0, width - 16))
        lines.append(
            f"{cut(f' {heading:<15}', width)}{paint(figure, 'bold', color=colour)}  {course}".rstrip()
        )
    return [*lines, ""]


def sparkline(values: Sequence[object], width: int) -> str:
    """Draw the last values as bars from nothing to the largest; a gap where there was no value."""
    seen = values[-width:]
    most = max((value for value in seen if isinstance(value, int | float)), default=0)
    return "".join(bar(value, most) for value in seen)


def bar(value: object, most: float) -> str:
    """Draw one value."""
    if not isinstance(value, int | float):
        return " "
    if most <= 0 or value <= 0:
        return BARS[1]
    return BARS[max(1, min(8, round(value / most * 8)))]


def told(state: State, rows: Sequence[Row], offset: int, page: int, width: int, *, colour: bool) -> str:
    """Say what is shown, of how much, or what went wrong."""
    subject, (name, descending) = state.subject, state.order
    if state.trouble:
        return paint(cut(f" {escape_control_characters(state.trouble)}", width), "red", color=colour)
    if state.sample is None:
        return paint(" ...", "dim", color=colour)
    if not rows and subject.hint and not state.wanted:
        return paint(cut(f" no {subject.nouns}: {subject.hint}", width), "dim", color=colour)
    total = state.sample.total or 0
    heading = next((one.heading for one in subject.columns if one.field == name), name)
    shown = f"{offset + 1}-{offset + len(rows[offset : offset + page])} of " if len(rows) > page else ""
    text = f" {shown}{count(len(rows))} {subject.nouns} by {heading}{'' if descending else ', upwards'}"
    if total > len(rows):
        text += f"; only the first {count(len(rows))} of {count(total)} were looked at"
    if state.wanted:
        text += f"; with {escape_control_characters(state.wanted)!r}"
    return paint(cut(text, width), "dim", color=colour)


def table(state: State, rows: Sequence[Row], width: int, *, colour: bool) -> list[str]:
    """Draw heading and rows: as many columns as fit, what was sorted by always among them."""
    cells = [make_cell_formatter(one, relative=False) for one in state.subject.columns]
    texts = [[escape_control_characters(write(row)) for write in cells] for row in rows]
    columns = list(state.subject.columns)
    wanted = [
        max([measure_width(one.heading), *(measure_width(line[index]) for line in texts)])
        for index, one in enumerate(columns)
    ]
    widths = fit(columns, wanted, state.order[0], width - 2)
    heading = COLUMN_GAP.join(
        put(one.heading, widths[n], right=one.align_right) for n, one in enumerate(columns) if n in widths
    )
    lines = [paint(f" {heading}".rstrip(), "bold", color=colour)]
    for row, line in zip(rows, texts, strict=True):
        parts = [
            styled(one, row, put(line[n], widths[n], right=one.align_right), colour=colour)
            for n, one in enumerate(columns)
            if n in widths
        ]
        lines.append(f" {COLUMN_GAP.join(parts)}".rstrip())
    return lines


def fit(columns: Sequence[Column], wanted: Sequence[int], order: str, width: int) -> dict[int, int]:
    """Choose columns from the left, the one sorted by too; the name gets what is left, or gives some up."""
    most = min(wanted[0], KEY_LEAST)
    must = [0] + [n for n, one in enumerate(columns) if one.field == order and n]
    used = most + sum(wanted[n] + len(COLUMN_GAP) for n in must[1:])
    chosen = set(must)
    for n in range(1, len(columns)):
        if n in chosen:
            continue
        if used + len(COLUMN_GAP) + wanted[n] > width:
            break
        chosen.add(n)
        used += len(COLUMN_GAP) + wanted[n]
    spare = max(0, width - used)
    return {n: wanted[n] if n else min(wanted[0], most + spare) for n in sorted(chosen)}


def styled(column: Column, row: Row, text: str, *, colour: bool) -> str:
    """Colour a cell as its column wants."""
    style = column.style(row.get(column.field)) if column.style else ""
    return paint(text, style, color=colour)


def put(text: str, width: int, *, right: bool) -> str:
    """Bring a text to a width, on its side."""
    text = cut(text, width)
    blanks = " " * (width - measure_width(text))
    return blanks + text if right else text + blanks


def pad(text: str, width: int) -> str:
    """Bring a text to a width."""
    return put(text, width, right=False)


def cut(text: str, width: int) -> str:
    """Cut a text to so many cells, with an ellipsis where something is missing."""
    if measure_width(text) <= width:
        return text
    kept, used = "", 0
    for one in text:
        used += measure_width(one)
        if used > width - 1:
            break
        kept += one
    return kept + "…" if width > 0 else ""


def footer(state: State, width: int, *, colour: bool) -> str:
    """Draw the line of keys, or the filter while it is typed."""
    if state.typing is not None:
        return cut(f" /{escape_control_characters(state.typing)}▏  enter: show, esc: leave it", width)
    parts, used = [], 0
    for key, does in HELP:
        size = len(key) + len(does) + 4
        if used + size > width:
            break
        parts.append(f" {paint(key, 'bold', color=colour)} {paint(does, 'dim', color=colour)} ")
        used += size
    return "".join(parts).rstrip()
