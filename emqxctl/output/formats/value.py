"""One thing, or any JSON value, in the format asked for: an object, what a query left, a nested document."""

from collections.abc import Iterator, Sequence

from emqxctl.output.formats.rows import batches, delimited_listing, render_listing
from emqxctl.output.query.fields import flatten, narrow, plain, present, raw
from emqxctl.output.results import Row, Rows
from emqxctl.output.view import STRUCTURED, Chunk, Format, Note, View
from emqxctl.resource import Column
from emqxctl.text.escaping import visible


def render_data(data: object, view: View, columns: Sequence[Column] = (), key: str = "") -> Iterator[Chunk]:
    """Write any JSON value; `columns` and `key` of the rows it came from are used where they still fit."""
    if isinstance(data, dict):
        return one_object(narrow(data, view.fields) if view.fields else data, view, key)
    if not isinstance(data, list):
        return render_scalar(data, view)
    if not data or (view.format in STRUCTURED and not all_are(dict, data)):
        return render_values(data, view)
    rows = as_rows(data)
    if rows is None:
        return render_scalars(data, view)
    key = key if key and key in rows[0] else ""
    return render_listing(rows, Rows(rows, present(columns, rows), key), view, None)


def all_are(kind: type, values: Sequence[object]) -> bool:
    """Tell whether there are values, all of one kind."""
    return bool(values) and all(isinstance(value, kind) for value in values)


def as_rows(values: list[object]) -> list[Row] | None:
    """Read objects as rows, and lists as rows whose fields are numbered from 0; None for anything else."""
    rows: list[Row] = []
    for value in values:
        match value:
            case dict() if all_are(dict, values):
                rows.append(value)
            case list() if all_are(list, values):
                rows.append({str(index): item for index, item in enumerate(value)})
            case _:
                return None
    return rows


def render_values(values: list[object], view: View) -> Iterator[Chunk]:
    """Write a list of no particular shape for a program, or one of nothing."""
    if view.format in STRUCTURED:
        from emqxctl.output.formats.json import structured

        yield from structured(batches(values), view.format)
    elif view.format.human and not view.quiet:
        yield Note("Nothing found.")


def render_scalars(values: list[object], view: View) -> Iterator[Chunk]:
    """Write values one a line."""
    from emqxctl.output.formats import delimited

    match view.format:
        case Format.CSV | Format.MD:
            rows: list[Row] = [{"value": value} for value in values]
            yield from render_listing(rows, Rows(rows), view, None)
        case Format.TSV:
            cells = [delimited.disarmed(value) if view.csv_safe else value for value in values]
            yield "".join(delimited.tsv_cell(cell, view.terminal) + "\n" for cell in cells)
        case Format.NAME:
            yield delimited.named_lines([raw(value) for value in values], view.terminal)
        case _:
            yield "".join(visible(plain(value)) + "\n" for value in values)


def render_scalar(value: object, view: View) -> Iterator[Chunk]:
    """Write one value; text for a person keeps its lines."""
    if view.format in (Format.TABLE, Format.WIDE) and isinstance(value, str):
        yield "".join(visible(line) + "\n" for line in value.split("\n"))
    elif view.format in STRUCTURED:
        from emqxctl.output.formats.json import structured_one

        yield structured_one(value, view.format)
    else:
        yield from render_scalars([value], view)


def record_table(data: Row, columns: Sequence[Column], view: View) -> str:
    """Write one thing for a person, a field a line."""
    if view.terminal:
        from emqxctl.output.formats import rich_table

        return rich_table.record(data, columns, view)
    from emqxctl.output.formats.plain_table import record

    return record(data, columns)


def one_object(data: Row, view: View, key: str = "") -> Iterator[Chunk]:
    """Write one object in a format for programs, or as a table of its fields in Markdown."""
    if view.format in STRUCTURED or view.format in (Format.TABLE, Format.WIDE):
        from emqxctl.output.formats.json import structured_one

        yield structured_one(data, view.format if view.format in STRUCTURED else Format.JSON)
    elif view.format is Format.MD:
        from emqxctl.output.formats.delimited import markdown

        rows: list[Row] = [{"field": name, "value": value} for name, value in flatten(data, {})]
        yield from markdown([rows] if rows else [], ["field", "value"], [False, False])
    elif data:
        yield from delimited_listing([[data]], [data], Rows([], key=key), view._replace(fields=()))
