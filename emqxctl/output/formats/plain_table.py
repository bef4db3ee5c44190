"""Tables as plain text: aligned columns, whole values, control characters escaped."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any, NamedTuple

from emqxctl.output.formats.columns import BOOLEANS, NULL, ToText, format_column, read_columns
from emqxctl.output.query.fields import flatten_fields, format_cell, is_numeric, make_field_reader
from emqxctl.output.results import Row
from emqxctl.resource import Column
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.units import RelativeFormatter, format_epoch

CellFormatter = Callable[[Row], str]
COLUMN_GAP = "  "
# A longer value shifts its own line only, so that the other lines are not full of spaces.
MAX_COLUMN_WIDTH = 60
# What a formatter raises for a value of an unexpected type, which is then shown unformatted.
FORMAT_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# A closed pipe is noticed at the next chunk.
ROWS_PER_CHUNK = 500
# No value of one of these types equals one of another, so that what was formatted once can be used again.
REPEATING_TYPES = (frozenset({str, int, NULL}), frozenset({bool, NULL}))
PRINTABLE_ASCII = bytes(range(0x20, 0x7F))
# As `format_cell` does, without looking at each value.
PLAIN_CELLS: Mapping[type, ToText] = {
    str: lambda text: text or "-",
    int: repr,
    bool: BOOLEANS.__getitem__,
    NULL: lambda _: "-",
}


def make_value_formatter(column: Column, relative: bool) -> Callable[[object], str]:
    """Return the function that formats a column's values; `relative` allows times as distances from now."""
    format_value = column.format
    is_relative = isinstance(format_value, RelativeFormatter)
    if (is_relative and not relative) or (format_value is None and is_time_field(column.field)):
        return format_time_cell
    if format_value is None:
        return format_cell

    def format_or_dash(value: object) -> str:
        if value is None:
            return "-"
        try:
            return format_value(value) or "-"
        except FORMAT_ERRORS:
            return format_cell(value)

    return format_or_dash


def is_time_field(field: str) -> bool:
    """Return whether a field holds a time by its name: `created_at`, `timestamp`."""
    return field.endswith(("_at", "timestamp", "time_stamp"))


def format_time_cell(value: object) -> str:
    """Format a time the same way whether EMQX sent it as RFC 3339 or as a number."""
    return format_epoch(value) or format_cell(value)


def make_cell_formatter(column: Column, relative: bool) -> CellFormatter:
    """Return the function that formats a column's cell of a row (not yet escaped)."""
    format_value = make_value_formatter(column, relative)
    if "." in column.field:
        read = make_field_reader(column.field)
        return lambda row: format_value(read(row))
    field = column.field
    return lambda row: format_value(row.get(field))


def measure_width(text: str) -> int:
    """Return the terminal cells of a text: two for East Asian wide characters and emoji, none for marks."""
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
    """The columns of a table with their formatters, widths and alignment."""

    columns: Sequence[Column]
    cell_formatters: Sequence[CellFormatter]
    widths: Sequence[int]
    right_aligned: Sequence[bool]

    def pad_cells(self, cells: Sequence[str]) -> str:
        """Return a line of cells padded to their widths, without spaces at the end."""
        last = len(cells) - 1
        parts = []
        for index, (cell, width, align_right) in enumerate(
            zip(cells, self.widths, self.right_aligned, strict=True)
        ):
            padding = " " * (width - measure_width(cell))
            parts.append(padding + cell if align_right else cell if index == last else cell + padding)
        return COLUMN_GAP.join(parts)

    def pad_column(self, index: int, cells: Sequence[str]) -> Sequence[str]:
        """Return the cells of a column padded as pad_cells() does, if they are ASCII."""
        if self.right_aligned[index]:
            return list(map(str.rjust, cells, repeat(self.widths[index])))
        if index == len(self.widths) - 1:
            return cells
        return list(map(str.ljust, cells, repeat(self.widths[index])))


def build_layout(
    columns: Sequence[Column],
    rows: Sequence[Row],
    relative: bool,
    measure: Callable[[str], int] = measure_width,
) -> Layout:
    """Return the layout that fits the rows: numbers aligned right, everything else left."""
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
    """Return whether a column is aligned right: its values are numbers, or it is declared so."""
    return column.align_right or (column.format is None and is_numeric(column.field, rows))


def cap_widths(layout: Layout) -> Layout:
    """Limit the column widths, so that single long values do not widen all lines."""
    return layout._replace(widths=[min(width, MAX_COLUMN_WIDTH) for width in layout.widths])


def format_table(batches: Iterable[Sequence[Row]], columns: Sequence[Column]) -> Iterator[str]:
    """Yield a table; the first batch decides the widths for all rows."""
    source = iter(batches)
    first_batch = next(source, None)
    if first_batch is None:
        return
    layout = cap_widths(build_layout(columns, first_batch, relative=False))
    fields = [column.field for column in layout.columns]
    value_formatters = [make_value_formatter(column, relative=False) for column in layout.columns]
    heading = layout.pad_cells([escape_control_characters(column.heading) for column in columns]) + "\n"
    for batch in chain([first_batch], source):
        for start in range(0, len(batch), ROWS_PER_CHUNK):
            values = read_columns(batch[start : start + ROWS_PER_CHUNK], fields)
            yield heading + format_body(values, value_formatters, layout)
            heading = ""


def format_body(
    columns: Sequence[Sequence[object]], value_formatters: Sequence[ToText], layout: Layout
) -> str:
    """Format columns of values as lines."""
    padded_columns = [
        format_padded_cells(values, format_value, partial(layout.pad_column, index))
        for index, (values, format_value) in enumerate(zip(columns, value_formatters, strict=True))
    ]
    lines = list(map(COLUMN_GAP.join, zip(*padded_columns, strict=True)))
    text = "\n".join(lines) + "\n"
    # Only the line feeds are left of printable ASCII: three times as fast as str.isprintable().
    if text.isascii() and text.encode().translate(None, PRINTABLE_ASCII) == b"\n" * len(lines):
        return text
    cells = map(format_cells, columns, value_formatters)
    lines = [
        layout.pad_cells([escape_control_characters(cell) for cell in row_cells])
        for row_cells in zip(*cells, strict=True)
    ]
    return "\n".join(lines) + "\n"


def format_padded_cells(
    values: Sequence[Any], format_value: ToText, pad: Callable[[Sequence[str]], Sequence[str]]
) -> Sequence[str]:
    """Format the values of a column with padding; each value only once if most of them repeat."""
    types = set(map(type, values))
    if any(types <= repeating_types for repeating_types in REPEATING_TYPES):
        distinct_values = [*set(values)]
        if len(distinct_values) * 2 <= len(values):
            cells = pad(format_cells(distinct_values, format_value))
            return list(map(dict(zip(distinct_values, cells, strict=True)).__getitem__, values))
    return pad(format_cells(values, format_value))


def format_cells(values: Sequence[Any], format_value: ToText) -> Sequence[str]:
    """Format the values of a column; whole numbers, text and nothing mostly need no format."""
    return format_column(values, PLAIN_CELLS if format_value is format_cell else {}, format_value)


def format_record(data: Row, columns: Sequence[Column]) -> str:
    """Format one object, one field per line: the columns first, then the other fields."""
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
    """Yield the name, the formatted value (not yet escaped) and the value of each field."""
    columns_by_field = {column.field: column for column in columns}
    for name, value in flatten_fields(data, columns_by_field):
        yield name, make_value_formatter(columns_by_field.get(name, Column(name)), relative)(value), value
