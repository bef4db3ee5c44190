"""The table of `emqxctl top`: the columns that fit, the sort column and the selected row."""

from collections.abc import Mapping, Sequence

from emqxctl.commands.top._model import State
from emqxctl.commands.top._text import fit_text, pad_text
from emqxctl.output.ansi import paint
from emqxctl.output.formats.plain_table import COLUMN_GAP, make_cell_formatter, measure_width
from emqxctl.output.results import Row
from emqxctl.resource import Column
from emqxctl.text.escaping import escape_control_characters

MIN_KEY_WIDTH = 24  # cells


def draw_table(
    state: State, rows: Sequence[Row], width: int, *, color: bool, is_live: bool = False
) -> list[str]:
    """Return the heading and the rows with as many columns as fit, always with the sort column.

    `is_live`: the heading marks the sort column, and the selected row is highlighted.
    """
    formatters = [make_cell_formatter(column, relative=False) for column in state.view.columns]
    texts = [[escape_control_characters(format_cell(row)) for format_cell in formatters] for row in rows]
    columns = list(state.view.columns)
    headings = [mark_heading(state, column) if is_live else column.heading for column in columns]
    natural_widths = [
        max([measure_width(headings[index]), *(measure_width(line[index]) for line in texts)])
        for index in range(len(columns))
    ]
    widths = fit_columns(columns, natural_widths, state.sort_order[0], width - 2)
    heading = COLUMN_GAP.join(
        fit_text(headings[index], widths[index], align_right=column.align_right)
        for index, column in enumerate(columns)
        if index in widths
    )
    lines = [paint(f" {heading}".rstrip(), "bold", color=color)]
    for row, texts_of_row in zip(rows, texts, strict=True):
        is_selected = is_live and str(row.get(state.view.key)) == state.selected
        text = draw_row(columns, row, texts_of_row, widths, color=color and not is_selected)
        line = f"{'>' if is_selected else ' '}{text}".rstrip()
        lines.append(paint(pad_text(line, width), "reverse", color=color) if is_selected else line)
    return lines


def draw_row(
    columns: Sequence[Column], row: Row, texts: Sequence[str], widths: Mapping[int, int], *, color: bool
) -> str:
    """Return the cells of a row that fit, by the widths of their columns."""
    return COLUMN_GAP.join(
        style_cell(
            column,
            row,
            fit_text(texts[index], widths[index], align_right=column.align_right),
            color=color,
        )
        for index, column in enumerate(columns)
        if index in widths
    )


def mark_heading(state: State, column: Column) -> str:
    """Return a column's heading, with an arrow if the rows are sorted by it."""
    field_name, descending = state.sort_order
    return f"{column.heading}{'▼' if descending else '▲'}" if column.field == field_name else column.heading


def fit_columns(
    columns: Sequence[Column], natural_widths: Sequence[int], sort_field: str, width: int
) -> dict[int, int]:
    """Return the widths of the columns that fit, by index: from the left, and always the sort column.

    The first column, the name, gets the spare width or is narrowed.
    """
    key_width = min(natural_widths[0], MIN_KEY_WIDTH)
    required = [0] + [index for index, column in enumerate(columns) if column.field == sort_field and index]
    used_width = key_width + sum(natural_widths[index] + len(COLUMN_GAP) for index in required[1:])
    indexes = set(required)
    for index in range(1, len(columns)):
        if index in indexes:
            continue
        if used_width + len(COLUMN_GAP) + natural_widths[index] > width:
            break
        indexes.add(index)
        used_width += len(COLUMN_GAP) + natural_widths[index]
    spare_width = max(0, width - used_width)
    return {
        index: natural_widths[index] if index else min(natural_widths[0], key_width + spare_width)
        for index in sorted(indexes)
    }


def style_cell(column: Column, row: Row, text: str, *, color: bool) -> str:
    """Return a cell in the style of its column."""
    style = column.style(row.get(column.field)) if column.style else ""
    return paint(text, style, color=color)
