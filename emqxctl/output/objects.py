"""One thing in the format asked for."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from emqxctl.output import delimited, documents, plain
from emqxctl.output.columns import name_field
from emqxctl.output.formats import Format, View
from emqxctl.output.listing import separated
from emqxctl.output.results import Row
from emqxctl.resource import Column


def record_table(data: Row, columns: Sequence[Column], view: View) -> str:
    """Write one thing for a person, a field a line."""
    if not view.terminal:
        return plain.record(data, columns, relative=False)
    from emqxctl.output.table import bold

    return plain.record(data, columns, relative=True, bold=bold if view.colour else str)


def one_object(data: Row, view: View, key: str = "") -> Iterator[str]:
    """Write one object in a format for programs, or as a table of its fields in Markdown."""
    match view.format:
        case Format.JSON | Format.TABLE | Format.WIDE:
            yield documents.document(data)
        case Format.JSONL:
            yield documents.compact(data) + "\n"
        case Format.YAML:
            from emqxctl.output import yaml

            yield yaml.block(data)
        case Format.MD:
            rows: list[Row] = [{"field": name, "value": value} for name, value in plain.flatten(data, {})]
            yield from delimited.markdown([rows] if rows else [], ["field", "value"], [False, False])
        case Format.CSV | Format.TSV:
            yield from separated([[data]], [Column(field) for field in data], [data], view) if data else ()
        case Format.NAME:
            yield from delimited.names([[data]], name_field(key, view.fields, (), [data]), view.terminal)
        case _:
            assert_never(view.format)
