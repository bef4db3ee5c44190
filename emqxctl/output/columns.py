"""Which columns a list is shown with."""

from collections.abc import Mapping, Sequence

from emqxctl.output.fields import MISSING, lookup, union
from emqxctl.output.results import Row
from emqxctl.resource import Column


def choose(
    fields: Sequence[str], columns: Sequence[Column], rows: Sequence[Row], *, wide: bool
) -> list[Column]:
    """Take the fields asked for, else the columns of the result, else whatever fields the rows have."""
    by_field: Mapping[str, Column] = {column.field: column for column in columns}
    if fields:
        return [by_field.get(field, Column(field)) for field in fields]
    return [column for column in columns if wide or not column.wide] or [
        Column(field) for field in union(rows)
    ]


def known(field: str, columns: Sequence[Column], rows: Sequence[Row]) -> bool:
    """Tell whether a field is one of the columns, or in any of the rows."""
    if any(column.field == field for column in columns):
        return True
    return any(lookup(row, field) is not MISSING for row in rows)


def present(columns: Sequence[Column], rows: Sequence[Row]) -> list[Column]:
    """Keep the columns that the rows still have after a query."""
    return [column for column in columns if known(column.field, (), rows)]


def name_field(key: str, fields: Sequence[str], columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Choose the field that `-o name` writes: the key, else the first one asked for, shown or there."""
    return key or next(iter([*fields, *(column.field for column in columns), *union(rows)]), "")
