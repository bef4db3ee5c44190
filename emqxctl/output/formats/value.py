"""A single object, or any JSON value: what a query returned, a nested document."""

from collections.abc import Iterator, Sequence

from emqxctl.output.formats.batches import batches
from emqxctl.output.formats.rows import format_delimited, render_listing
from emqxctl.output.query.fields import flatten_fields, format_cell, format_raw, keep_present_columns
from emqxctl.output.results import Row, Rows
from emqxctl.output.view import STRUCTURED_FORMATS, Chunk, Format, Note, View
from emqxctl.resource import Column
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.row_page import ParsedPage


def render_list(
    values: list[object], view: View, columns: Sequence[Column] = (), key: str = ""
) -> Iterator[Chunk]:
    """Yield a list of any values; `columns` and `key` are used if its objects still have those fields."""
    if not values or (view.format in STRUCTURED_FORMATS and not are_all(dict, values)):
        return render_mixed_list(values, view)
    rows = convert_to_rows(values)
    if rows is None:
        return render_scalars(values, view)
    key = key if key and key in rows[0] else ""
    result = Rows(rows, keep_present_columns(columns, rows), key)
    return render_listing([ParsedPage(rows)], result, view, has_rows=False)


def are_all(value_type: type, values: Sequence[object]) -> bool:
    """Return whether there are values and all are of one type."""
    return bool(values) and all(isinstance(value, value_type) for value in values)


def convert_to_rows(values: list[object]) -> list[Row] | None:
    """Return objects as rows, lists as rows with fields numbered from 0, and None for anything else."""
    rows: list[Row] = []
    if not are_all(dict, values) and not are_all(list, values):
        return None
    for value in values:
        if isinstance(value, dict):
            rows.append(value)
        elif isinstance(value, list):
            rows.append({str(index): item for index, item in enumerate(value)})
    return rows


def render_mixed_list(values: list[object], view: View) -> Iterator[Chunk]:
    """Yield an empty list, or for a program a list of values of several types."""
    if view.format in STRUCTURED_FORMATS:
        from emqxctl.output.formats.json import format_structured

        yield from format_structured(batches(values), view.format)
    elif view.format.is_human_readable and not view.quiet:
        yield Note("no results")


def render_scalars(values: list[object], view: View) -> Iterator[Chunk]:
    """Yield values one per line."""
    from emqxctl.output.formats import delimited

    match view.format:
        case Format.CSV | Format.MD:
            rows: list[Row] = [{"value": value} for value in values]
            yield from render_listing([ParsedPage(rows)], Rows(rows), view, has_rows=False)
        case Format.TSV:
            cells = [delimited.escape_formula(value) if view.csv_safe else value for value in values]
            yield "".join(delimited.format_tsv_cell(cell, view.is_terminal) + "\n" for cell in cells)
        case Format.NAME:
            yield delimited.format_name_lines([format_raw(value) for value in values], view.is_terminal)
        case _:
            yield "".join(escape_control_characters(format_cell(value)) + "\n" for value in values)


def render_scalar(value: object, view: View) -> Iterator[Chunk]:
    """Yield one value; text for a person keeps its line breaks."""
    if view.format in (Format.TABLE, Format.WIDE) and isinstance(value, str):
        yield "".join(escape_control_characters(line) + "\n" for line in value.split("\n"))
    elif view.format in STRUCTURED_FORMATS:
        from emqxctl.output.formats.json import format_structured_value

        yield format_structured_value(value, view.format)
    else:
        yield from render_scalars([value], view)


def format_record(data: Row, columns: Sequence[Column], view: View) -> str:
    """Format one object for a person, one field per line."""
    if view.is_terminal:
        from emqxctl.output.formats import rich_table

        return rich_table.format_record(data, columns, view)
    if view.color:
        from emqxctl.output.formats import colored_table

        return colored_table.format_record(data, columns)
    from emqxctl.output.formats import plain_table

    return plain_table.format_record(data, columns)


def format_object(data: Row, view: View, key: str = "") -> Iterator[Chunk]:
    """Yield one object in a delimited format, or as a Markdown table of its fields."""
    if view.format is Format.MD:
        from emqxctl.output.formats.delimited import format_markdown

        rows: list[Row] = [{"field": name, "value": value} for name, value in flatten_fields(data, {})]
        yield from format_markdown([rows] if rows else [], ["field", "value"], [False, False])
    elif view.format is Format.NAME and not (key or view.fields):
        from emqxctl.output.formats.delimited import format_name_lines

        yield format_name_lines(list(data), view.is_terminal)  # what has no name has names inside
    elif data:
        yield from format_delimited([[data]], [data], Rows([], key=key), view._replace(fields=()))
