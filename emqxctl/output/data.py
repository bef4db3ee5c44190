"""Any JSON value in the format asked for: what a query left, or a document without a known shape."""

from collections.abc import Iterator, Sequence

from emqxctl.output import delimited, documents
from emqxctl.output.batches import batches
from emqxctl.output.columns import present
from emqxctl.output.fields import narrow, plain, raw
from emqxctl.output.formats import Chunk, Format, Note, View
from emqxctl.output.listing import render_listing, structured
from emqxctl.output.objects import one_object
from emqxctl.output.results import Row, Rows
from emqxctl.resource import Column
from emqxctl.values import visible

STRUCTURED = frozenset({Format.JSON, Format.JSONL, Format.YAML})


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
        yield from structured(batches(values), view.format)
    elif view.format.human and not view.quiet:
        yield Note("Nothing found.")


def render_scalars(values: list[object], view: View) -> Iterator[Chunk]:
    """Write values one a line."""
    match view.format:
        case Format.CSV | Format.MD:
            rows: list[Row] = [{"value": value} for value in values]
            yield from render_listing(rows, Rows(rows), view, None)
        case Format.TSV:
            yield "".join(delimited.tsv_cell(value, view.terminal) + "\n" for value in values)
        case Format.NAME:
            yield delimited.named_lines([raw(value) for value in values], view.terminal)
        case _:
            yield "".join(visible(plain(value)) + "\n" for value in values)


def render_scalar(value: object, view: View) -> Iterator[Chunk]:
    """Write one value; text for a person keeps its lines."""
    if view.format in (Format.TABLE, Format.WIDE) and isinstance(value, str):
        yield "".join(visible(line) + "\n" for line in value.split("\n"))
    elif view.format is Format.JSON:
        yield documents.document(value)
    elif view.format is Format.JSONL:
        yield documents.compact(value) + "\n"
    elif view.format is Format.YAML:
        from emqxctl.output import yaml

        yield yaml.block(value)
    else:
        yield from render_scalars([value], view)
