"""Rows of which msgspec decoded only some fields, and those fields column by column.

A partial row is read like a dict, and is a sixth of its size.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any

from emqxctl.text.json_rows import LIST_START, Row, make_decoder, scan_value

# From so many fields on, the other fields of a row are decoded as well. msgspec compares the name of a field
# with those of the type from the last one found on: if all are there in the order in which they arrive, with
# one of them, otherwise with all. 1.2 instead of 1.8 microseconds for 23 of the 60 fields of a client.
MANY_FIELDS = 12
# The other fields are those of the first row, unless it is larger; without long texts, which are copied.
FIRST_ROW_BYTES, LONG_TEXT = 1 << 14, 64
FIELD_NAME = r"[\w.-]+"

# The types of rows by the fields that are wanted; the first list that has many fields decides on the others.
row_types: dict[frozenset[str], Any] = {}


class Missing(Enum):
    """The type of MISSING."""

    MISSING = ""  # as msgspec encodes it


MISSING = Missing.MISSING  # what a row has in place of a field that the server did not send


def decode_fields(content: bytes, fields: frozenset[str]) -> tuple[list[Row], object] | None:
    """Decode some fields of all rows, and `meta`; None for what msgspec refuses."""
    row_type = row_types.get(fields)
    if row_type is None:
        other_fields = read_other_fields(content, fields) if len(fields) >= MANY_FIELDS else ()
        try:
            new_type = make_row_type(fields, other_fields)
        except ValueError:
            return None
        row_type = row_types.setdefault(fields, new_type)  # rows of two types would be read more slowly
    decoded: tuple[list[Row], object] | None = make_decoder(row_type)(content)
    return decoded


def read_other_fields(content: bytes, fields: frozenset[str]) -> Sequence[str]:
    """Return the names of the first row in their order, without those that are expensive to decode."""
    text = content[:FIRST_ROW_BYTES].decode("utf-8", "replace")
    start = LIST_START.match(text)
    try:
        row, _ = scan_value(text, start.end() if start else len(text))
    except (StopIteration, ValueError, RecursionError):
        return ()
    if not isinstance(row, dict):
        return ()
    return [
        name
        for name, value in row.items()
        if name in fields or (re.fullmatch(FIELD_NAME, name) and is_cheap(value))
    ]


def is_cheap(value: object) -> bool:
    """Return whether a value is decoded in less time than its name is compared with many others."""
    return not isinstance(value, dict | list | float) and len(str(value)) <= LONG_TEXT


def make_row_type(fields: frozenset[str], other_fields: Sequence[str] = ()) -> Any:  # noqa: ANN401  # a type
    """Return the type of a row with those of these fields that it has; for `a.b` also with `a`.

    Its objects are read like dicts. `other_fields` are decoded and cannot be read; they may repeat the
    fields, whose order they are in. `has_floats` becomes true with the first float in any field. Raises
    ValueError for names that msgspec does not find.
    """
    from msgspec import defstruct

    parts = [field.split(".") for field in fields]
    names = sorted({".".join(words[:count]) for words in parts for count in range(1, len(words) + 1)})
    all_names = dict.fromkeys([*other_fields, *names])
    attributes = {name: f"f{number}" for number, name in enumerate(all_names)}
    row_type = defstruct(
        "PartialRow",
        [(attribute, Any, MISSING) for attribute in attributes.values()],
        rename={attribute: name for name, attribute in attributes.items()},
        namespace={
            "attributes": {name: attributes[name] for name in names},
            "positions": {name: position for position, name in enumerate(all_names)},
            "has_floats": False,
            **PARTIAL_ROW_METHODS,
        },
        gc=False,
    )
    Mapping.register(row_type)
    return row_type


def get_field(row: Any, name: str, default: object = None) -> Any:  # noqa: ANN401  # JSON is Any
    """Return a field of a partial row."""
    attribute = row.attributes.get(name)
    value = MISSING if attribute is None else getattr(row, attribute)
    return default if value is MISSING else value


def has_field(row: Any, name: str) -> bool:  # noqa: ANN401  # a partial row
    """Return whether a partial row has a field."""
    return get_field(row, name, MISSING) is not MISSING


PARTIAL_ROW_METHODS = {"get": get_field, "__getitem__": get_field, "__contains__": has_field}


def read_columns(rows: Sequence[Any], fields: Sequence[str]) -> Sequence[Sequence[Any]] | None:
    """Return the values of fields of partial rows, MISSING where a row lacks one; None for other rows.

    A field is read by its name alone: `a.b` is not searched in `a`.
    """
    if not have_fields(rows, fields):
        return None
    if len(fields) == 1:
        return [list(map(attrgetter(rows[0].attributes[fields[0]]), rows))]
    return list(zip(*read_tuples(rows, fields), strict=True))


def read_cells(rows: Sequence[Any], fields: Sequence[str]) -> Iterable[tuple[Any, ...]] | None:
    """Return the values of at least two fields of partial rows, row by row; MISSING where a row lacks one.

    None for other rows, and if a field `a.b` may be in an object `a`.
    """
    if not have_fields(rows, fields):
        return None
    for parent in {field.partition(".")[0] for field in fields if "." in field}:
        columns = read_columns(rows, [parent])
        if columns is None or any(value is not MISSING and value for value in columns[0]):
            return None
    return read_tuples(rows, fields)


def have_fields(rows: Sequence[Any], fields: Sequence[str]) -> bool:
    """Return whether rows are partial rows of one type with these fields."""
    attributes = getattr(rows[0], "attributes", None) if rows and fields else None
    return attributes is not None and len(set(map(type, rows))) == 1 and attributes.keys() >= set(fields)


def read_tuples(rows: Sequence[Any], fields: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """Return the values of at least two fields of partial rows, row by row."""
    from msgspec.structs import astuple

    positions = rows[0].positions
    return map(itemgetter(*[positions[field] for field in fields]), map(astuple, rows))


def encode_cells(rows: Sequence[Any], cells: Iterable[tuple[Any, ...]]) -> bytes | None:
    """Return the cells of partial rows as one JSON array per row, each on a line, MISSING as empty text.

    None for other rows, and for those with floats, which msgspec writes in another form than json.
    """
    return None if getattr(rows[0], "has_floats", True) else build_line_encoder()(cells)


@cache
def build_line_encoder() -> Callable[[Iterable[tuple[Any, ...]]], bytes]:
    """Return the function that encodes each value as JSON on a line."""
    from msgspec.json import Encoder

    return Encoder().encode_lines
