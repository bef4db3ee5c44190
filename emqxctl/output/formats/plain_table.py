"""Tables as text: columns aligned, every value whole, nothing that a terminal would obey."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from emqxctl.output.query.fields import flatten_fields, format_cell, is_numeric, make_field_reader
from emqxctl.output.results import Row
from emqxctl.resource import Column
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.units import RelativeFormatter

CellFormatter = Callable[[Row], str]
COLUMN_GAP = "  "
# No value widens a column further: beyond it the one line is out of step, not all lines full of blanks.
MAX_COLUMN_WIDTH = 60
# What a writer raises when the server sent something else than it expects; the value is then shown as it is.
FORMAT_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# Rows in a chunk: a reader who is gone is noticed at the next one.
ROWS_PER_CHUNK = 100


def make_value_formatter(column: Column, relative: bool) -> Callable[[object], str]:
    """Make the function that writes a column's values; `relative` allows times told from now."""
    format_value = column.format
    if format_value is None or (isinstance(format_value, RelativeFormatter) and not relative):
        return format_cell

    def format_or_dash(value: object) -> str:
        if value is None:
            return "-"
        try:
            return format_value(value) or "-"
        except FORMAT_ERRORS:
            return format_cell(value)

    return format_or_dash


def make_cell_formatter(column: Column, relative: bool) -> CellFormatter:
    """Make the function that writes a column's cell of a row (not yet escaped)."""
    format_value = make_value_formatter(column, relative)
    if "." in column.field:
        read = make_field_reader(column.field)
        return lambda row: format_value(read(row))
    field = column.field
    return lambda row: format_value(row.get(field))


def measure_width(text: str) -> int:
    """Count the terminal cells of a text: East Asian wide characters and emoji take two, marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(
        2
        if east_asian_width(character) in "WF"
        else 0
        if combining(character) or "\ufe00" <= character <= "\ufe0f"
        else 1
        for character in text
    )


class Layout(NamedTuple):
    """The columns of a table: how each is written, how wide it is, and on which side its values stand."""

    columns: Sequence[Column]
    cell_formatters: Sequence[CellFormatter]
    widths: Sequence[int]
    right_aligned: Sequence[bool]

    def pad_cells(self, cells: Sequence[str]) -> str:
        """Bring cells to their widths and put one line together; the last gets no blanks after it."""
        last = len(cells) - 1
        parts = []
        for index, (cell, width, right) in enumerate(
            zip(cells, self.widths, self.right_aligned, strict=True)
        ):
            blanks = " " * (width - measure_width(cell))
            parts.append(blanks + cell if right else cell if index == last else cell + blanks)
        return COLUMN_GAP.join(parts)

    def build_template(self) -> str:
        """Make the `%` template that does the same as pad() for ASCII, ten times as fast."""
        last = len(self.columns) - 1
        return COLUMN_GAP.join(
            f"%{width}s" if right else "%s" if index == last else f"%-{width}s"
            for index, (width, right) in enumerate(zip(self.widths, self.right_aligned, strict=True))
        )


def build_layout(
    columns: Sequence[Column],
    rows: Sequence[Row],
    relative: bool,
    measure: Callable[[str], int] = measure_width,
) -> Layout:
    """Fit the columns to the rows at hand: numbers stand right, all else left."""
    cell_formatters = [make_cell_formatter(column, relative) for column in columns]
    widths = [
        max(
            measure(escape_control_characters(column.heading)),
            *(measure(escape_control_characters(format_cell(row))) for row in rows),
        )
        for column, format_cell in zip(columns, cell_formatters, strict=True)
    ]
    return Layout(columns, cell_formatters, widths, [is_right_aligned(column, rows) for column in columns])


def is_right_aligned(column: Column, rows: Sequence[Row]) -> bool:
    """Tell on which side a column's values stand: numbers right, as those that say so."""
    return column.align_right or (column.format is None and is_numeric(column.field, rows))


def cap_widths(layout: Layout) -> Layout:
    """Keep single long values from widening their columns for all the others."""
    return layout._replace(widths=[min(width, MAX_COLUMN_WIDTH) for width in layout.widths])


def format_table(batches: Iterable[Sequence[Row]], columns: Sequence[Column]) -> Iterator[str]:
    """Write a table: the first batch settles the widths, the rest streams through them."""
    source = iter(batches)
    first_batch = next(source, None)
    if first_batch is None:
        return
    layout = cap_widths(build_layout(columns, first_batch, relative=False))
    template = layout.build_template()
    heading = layout.pad_cells([escape_control_characters(column.heading) for column in columns]) + "\n"
    for batch in chain([first_batch], source):
        for start in range(0, len(batch), ROWS_PER_CHUNK):
            yield heading + format_body(batch[start : start + ROWS_PER_CHUNK], layout, template)
            heading = ""


def format_body(rows: Iterable[Row], layout: Layout, template: str) -> str:
    """Write rows as lines."""
    cells = layout.cell_formatters
    lines = []
    for row in rows:
        written = [cell(row) for cell in cells]
        line = template % tuple(written)
        if not (line.isascii() and line.isprintable()):
            line = layout.pad_cells([escape_control_characters(cell) for cell in written])
        lines.append(line)
    return "\n".join(lines) + "\n"


def format_record(data: Row, columns: Sequence[Column]) -> str:
    """Write one thing, a field a line: the columns first, then whatever else it has."""
    lines = [("FIELD", "VALUE")]
    lines += [
        (escape_control_characters(name), escape_control_characters(text))
        for name, text, _ in format_fields(data, columns, relative=False)
    ]
    if len(lines) == 1:
        return ""
    width = max(measure_width(name) for name, _ in lines)
    return "".join(f"{name}{' ' * (width - measure_width(name))}{COLUMN_GAP}{text}\n" for name, text in lines)


def format_fields(data: Row, columns: Sequence[Column], relative: bool) -> Iterator[tuple[str, str, object]]:
    """Yield each field's name, its value as its column writes it (not yet escaped), and the value."""
    columns_by_field = {column.field: column for column in columns}
    for name, value in flatten_fields(data, columns_by_field):
        yield name, make_value_formatter(columns_by_field.get(name, Column(name)), relative)(value), value
