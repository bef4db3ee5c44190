"""One thing, or any JSON value, in the format asked for: an object, what a query left, a nested document."""

from collections.abc import Iterator, Sequence

from emqxctl.output.formats.batches import batches
from emqxctl.output.formats.rows import format_delimited, render_listing
from emqxctl.output.query.fields import (
    flatten_fields,
    format_cell,
    format_raw,
    keep_fields,
    keep_present_columns,
)
from emqxctl.output.results import Row, Rows
from emqxctl.output.view import STRUCTURED_FORMATS, Chunk, Format, Note, View
from emqxctl.resource import Column
from emqxctl.text.escaping import escape_control_characters


def render_json_value(
    data: object, view: View, columns: Sequence[Column] = (), key: str = ""
) -> Iterator[Chunk]:
    """Write any JSON value; `columns` and `key` of the rows it came from are used where they still fit."""
    if isinstance(data, dict):
        return format_object(keep_fields(data, view.fields) if view.fields else data, view, key)
    if not isinstance(data, list):
        return render_scalar(data, view)
    if not data or (view.format in STRUCTURED_FORMATS and not are_all(dict, data)):
        return render_mixed_list(data, view)
    rows = convert_to_rows(data)
    if rows is None:
        return render_scalars(data, view)
    key = key if key and key in rows[0] else ""
    return render_listing(rows, Rows(rows, keep_present_columns(columns, rows), key), view, None)


def are_all(kind: type, values: Sequence[object]) -> bool:
    """Tell whether there are values, all of one kind."""
    return bool(values) and all(isinstance(value, kind) for value in values)


def convert_to_rows(values: list[object]) -> list[Row] | None:
    """Read objects as rows, and lists as rows whose fields are numbered from 0; None for anything else."""
    rows: list[Row] = []
    for value in values:
        match value:
            case dict() if are_all(dict, values):
                rows.append(value)
            case list() if are_all(list, values):
                rows.append({str(index): item for index, item in enumerate(value)})
            case _:
                return None
    return rows


def render_mixed_list(values: list[object], view: View) -> Iterator[Chunk]:
    """Write a list of no particular shape for a program, or one of nothing."""
    if view.format in STRUCTURED_FORMATS:
        from emqxctl.output.formats.json import format_structured

        yield from format_structured(batches(values), view.format)
    elif view.format.is_human_readable and not view.quiet:
        yield Note("Nothing found.")


def render_scalars(values: list[object], view: View) -> Iterator[Chunk]:
    """Write values one a line."""
    from emqxctl.output.formats import delimited

    match view.format:
        case Format.CSV | Format.MD:
            rows: list[Row] = [{"value": value} for value in values]
            yield from render_listing(rows, Rows(rows), view, None)
        case Format.TSV:
            cells = [delimited.disarm_formula(value) if view.csv_safe else value for value in values]
            yield "".join(delimited.format_tsv_cell(cell, view.is_terminal) + "\n" for cell in cells)
        case Format.NAME:
            yield delimited.format_name_lines([format_raw(value) for value in values], view.is_terminal)
        case _:
            yield "".join(escape_control_characters(format_cell(value)) + "\n" for value in values)


def render_scalar(value: object, view: View) -> Iterator[Chunk]:
    """Write one value; text for a person keeps its lines."""
    if view.format in (Format.TABLE, Format.WIDE) and isinstance(value, str):
        yield "".join(escape_control_characters(line) + "\n" for line in value.split("\n"))
    elif view.format in STRUCTURED_FORMATS:
        from emqxctl.output.formats.json import format_structured_value

        yield format_structured_value(value, view.format)
    else:
        yield from render_scalars([value], view)


def format_record(data: Row, columns: Sequence[Column], view: View) -> str:
    """Write one thing for a person, a field a line."""
    if view.is_terminal:
        from emqxctl.output.formats import rich_table

        return rich_table.format_record(data, columns, view)
    from emqxctl.output.formats.plain_table import format_record

    return format_record(data, columns)


def format_object(data: Row, view: View, key: str = "") -> Iterator[Chunk]:
    """Write one object in a format for programs, or as a table of its fields in Markdown."""
    if view.format in STRUCTURED_FORMATS or view.format in (Format.TABLE, Format.WIDE):
        from emqxctl.output.formats.json import format_structured_value

        yield format_structured_value(data, view.format if view.format in STRUCTURED_FORMATS else Format.JSON)
    elif view.format is Format.MD:
        from emqxctl.output.formats.delimited import format_markdown

        rows: list[Row] = [{"field": name, "value": value} for name, value in flatten_fields(data, {})]
        yield from format_markdown([rows] if rows else [], ["field", "value"], [False, False])
    elif data:
        yield from format_delimited([[data]], [data], Rows([], key=key), view._replace(fields=()))
