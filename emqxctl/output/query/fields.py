"""The fields of rows: where one stands, what stands there as plain text, and which are shown as columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from emqxctl.output.results import Row
from emqxctl.resource import Column

MISSING = object()
Read = Callable[[Row], object]


def lookup(row: Mapping[str, object], field: str) -> object:
    """Find a field: the exact key first (`recv_msg.dropped` is one), then a path into objects and lists.

    `a.0.b` counts from 0. Returns MISSING when it is nowhere.
    """
    value = row.get(field, MISSING)
    return descend(row, field) if value is MISSING and "." in field else value


def descend(value: object, path: str) -> object:
    """Follow a dotted path; at each object the longest key that fits is taken first."""
    if isinstance(value, Mapping):
        return descend_object(value, path)
    step, _, rest = path.partition(".")
    if isinstance(value, list) and step.isdecimal() and step.isascii() and int(step) < len(value):
        return descend(value[int(step)], rest) if rest else value[int(step)]
    return MISSING


def descend_object(value: Mapping[str, object], path: str) -> object:
    """Take the longest leading part of the path that is a key, and follow the rest from there."""
    if path in value:
        return value[path]
    cut = path.rfind(".")
    while cut > 0:
        head, rest = path[:cut], path[cut + 1 :]
        if head in value:
            found = descend(value[head], rest)
            if found is not MISSING:
                return found
        cut = path.rfind(".", 0, cut)
    return MISSING


def reader(field: str) -> Read:
    """Make the function that reads a field of a row; what is missing reads as None."""
    if "." not in field:
        return lambda row: row.get(field)

    def read(row: Row) -> object:
        value = lookup(row, field)
        return None if value is MISSING else value

    return read


def narrow(row: Row, fields: Sequence[str]) -> Row:
    """Keep the fields asked for, in that order; what a row lacks is null, so all rows have the same keys."""
    found = ((field, lookup(row, field)) for field in fields)
    return {field: None if value is MISSING else value for field, value in found}


def union(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """List the fields of all rows, in the order of first appearance."""
    return list(dict.fromkeys(field for row in rows for field in row))


def flatten(
    data: Mapping[str, object], known: Mapping[str, Column], prefix: str = ""
) -> Iterator[tuple[str, object]]:
    """Yield the fields of nested objects as `a.b`; a column that writes an object whole gets it whole."""
    for key, value in data.items():
        name = prefix + key
        if isinstance(value, Mapping) and value and name not in known:
            yield from flatten(value, known, name + ".")
        else:
            yield name, value


def raw(value: object) -> str:
    """Write a value as it was sent: null as nothing, booleans and nested values as compact JSON."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[return-value]  # `type is` is twice as fast as isinstance, but narrows nothing
    if kind is int:
        return str(value)
    return "" if value is None else as_json(value)


def as_json(value: object) -> str:
    """Write a boolean, a number or a nested value as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    from emqxctl.output.formats.json import compact

    return compact(value)


def plain(value: object) -> str:
    """Write a value for a table, never as nothing: null is `-`, empty text `""`, a list of words `a,b`."""
    kind = type(value)
    if kind is str:
        return value or '""'  # type: ignore[return-value]  # as in raw()
    if kind is int:
        return str(value)
    if value is None:
        return "-"
    if isinstance(value, list) and value and not any(isinstance(item, list | dict) for item in value):
        return ",".join(plain(item) for item in value)
    return as_json(value)


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


def numeric(field: str, rows: Iterable[Row]) -> bool:
    """Tell whether a field holds numbers and nothing else (but null)."""
    read = reader(field)
    kinds = {type(read(row)) for row in rows} - {type(None)}
    return bool(kinds) and kinds <= {int, float}
