"""Plain tables with colors: what `--color always` writes to a pipe or a file."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from emqxctl.output.ansi import paint
from emqxctl.output.formats.plain_table import (
    COLUMN_GAP,
    Layout,
    build_layout,
    cap_widths,
    format_fields,
    measure_width,
)
from emqxctl.output.formats.styles import HEADING_STYLE, choose_cell_style, choose_style
from emqxctl.output.query.fields import make_field_reader
from emqxctl.output.results import Row
from emqxctl.resource import Column
from emqxctl.text.escaping import escape_control_characters


def format_table(batches: Iterable[Sequence[Row]], columns: Sequence[Column]) -> Iterator[str]:
    """Yield a table; without its colors it is the plain one, so the first batch decides all widths."""
    source = iter(batches)
    first_batch = next(source, None)
    if first_batch is None:
        return
    layout = cap_widths(build_layout(columns, first_batch, relative=False))
    readers = [make_field_reader(column.field) for column in columns]

    def format_row(row: Row) -> str:
        styles = [
            choose_cell_style(column, row, read(row)) for column, read in zip(columns, readers, strict=True)
        ]
        return paint_line([format_cell(row) for format_cell in layout.cell_formatters], styles, layout)

    yield paint_line([column.heading for column in columns], [HEADING_STYLE] * len(columns), layout)
    for batch in chain([first_batch], source):
        yield "".join(map(format_row, batch))


def paint_line(cells: Sequence[str], styles: Sequence[str], layout: Layout) -> str:
    """Return a line of styled cells; the padding around them has no style, and none is after the last."""
    painted_cells: list[str] = []
    for text, style, width, align_right in zip(
        cells, styles, layout.widths, layout.right_aligned, strict=True
    ):
        cell = escape_control_characters(text)
        padding = " " * (width - measure_width(cell))
        is_last = len(painted_cells) == len(cells) - 1
        painted_cell = paint(cell, style, color=True)
        painted_cells.append(
            padding + painted_cell if align_right else painted_cell + ("" if is_last else padding)
        )
    return COLUMN_GAP.join(painted_cells) + "\n"


def format_record(data: Row, columns: Sequence[Column]) -> str:
    """Format one object, one field per line, as the plain table does."""
    styled_columns = {column.field: column for column in columns}
    lines = [("FIELD", "VALUE", HEADING_STYLE)]
    lines += [
        (name, text, choose_style(styled_columns.get(name, Column(name)), value))
        for name, text, value in format_fields(data, columns, relative=False)
    ]
    if len(lines) == 1:
        return ""
    width = max(measure_width(escape_control_characters(name)) for name, *_ in lines)
    layout = Layout((), (), (width, 0), (False, False))
    heading_styles = [HEADING_STYLE] + [""] * (len(lines) - 1)
    return "".join(
        paint_line((name, text), (heading_style, style), layout)
        for heading_style, (name, text, style) in zip(heading_styles, lines, strict=True)
    )
