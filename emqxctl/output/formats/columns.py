"""Rows field by field: a column has mostly values of one type, so it is formatted in one go."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emqxctl.output.query.fields import follow_path, make_field_reader
from emqxctl.output.results import Row
from emqxctl.text.partial_rows import MISSING, Missing
from emqxctl.text.partial_rows import read_columns as read_partial_rows

ToText = Callable[[Any], str]
NULL = type(None)
BOOLEANS: Mapping[bool, str] = {True: "true", False: "false"}


def read_columns(rows: Sequence[Row], fields: Sequence[str]) -> Sequence[Sequence[object]]:
    """Return the values of each field, None or MISSING where a row does not have it."""
    top_fields = dict.fromkeys(name for field in fields for name in (field, field.partition(".")[0]))
    columns = read_partial_rows(rows, [*top_fields])
    if columns is None:
        return [list(map(make_field_reader(field), rows)) for field in fields]
    values = dict(zip(top_fields, columns, strict=True))
    return [
        values[field] if "." not in field else read_nested_column(rows, field, values) for field in fields
    ]


def read_nested_column(
    rows: Sequence[Row], field: str, values: Mapping[str, Sequence[Any]]
) -> Sequence[object]:
    """Return the values of `a.b`, in most rows a member of the object `a`."""
    parent, _, member = field.partition(".")
    if "." in member:
        return list(map(make_field_reader(field), rows))
    return [
        value
        if value is not MISSING
        else container.get(member)
        if type(container) is dict
        else follow_path(container, member)
        for value, container in zip(values[field], values[parent], strict=True)
    ]


def format_column(values: Sequence[Any], by_type: Mapping[type, ToText], other: ToText) -> Sequence[str]:
    """Format values by their exact type, and values of all further types by `other`.

    `str` leaves text as it is.
    """
    types = set(map(type, values))
    if Missing in types:
        values = [None if value is MISSING else value for value in values]
        types = set(map(type, values))
    if len(types) == 1:
        format_value = by_type.get(only_type := types.pop(), other)
        return values if only_type is str is format_value else list(map(format_value, values))
    formats = {value_type: by_type.get(value_type, other) for value_type in types}
    return [formats[type(value)](value) for value in values]


def join_columns(columns: Sequence[Sequence[str]], separator: str) -> list[str]:
    """Return the lines of columns of cells."""
    return list(map(separator.join, zip(*columns, strict=True)))
