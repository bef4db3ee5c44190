"""Rows field by field: a column has mostly values of one type, so it is formatted in one go."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emqxctl.output.query.fields import make_field_reader
from emqxctl.output.results import Row
from emqxctl.text.json_rows import MISSING, Missing
from emqxctl.text.json_rows import read_columns as read_partial_rows

ToText = Callable[[Any], str]
NULL = type(None)
BOOLEANS: Mapping[bool, str] = {True: "true", False: "false"}


def read_columns(rows: Sequence[Row], fields: Sequence[str]) -> Sequence[Sequence[object]]:
    """Return the values of each field, None or MISSING where a row does not have it."""
    columns = read_partial_rows(rows, fields)
    if columns is not None:
        return columns
    return [list(map(make_field_reader(field), rows)) for field in fields]


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
