"""The fields of a list's rows, known before a request: names and types."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache


class FieldType(StrEnum):
    """The type of a field; `map` is an object whose keys users choose, `any` is unknown."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    LIST = "list"
    OBJECT = "object"
    MAP = "map"
    ANY = "any"


FieldTypes = frozenset[FieldType]


@cache
def get_field_types(path: str) -> Mapping[str, FieldTypes]:
    """Return the fields of a list's rows with their types, by its path; empty for an unknown path."""
    from emqxctl.emqx.row_fields_data import FIELDS

    return {
        name: frozenset(map(FieldType, types.split("|")))
        for types, names in FIELDS.get(path, {}).items()
        for name in names.split()
    }


def get_field_type(value: object) -> FieldType | None:
    """Return the type of a value; None for null."""
    match value:
        case None:
            return None
        case bool():
            return FieldType.BOOLEAN
        case int() | float():
            return FieldType.NUMBER
        case str():
            return FieldType.TEXT
        case list():
            return FieldType.LIST
        case _:
            return FieldType.OBJECT


def get_parent_types(field: str, types: Mapping[str, FieldTypes]) -> FieldTypes:
    """Return the types of the longest known field that contains a dotted name; empty if there is none."""
    dot = field.rfind(".")
    while dot > 0:
        if field[:dot] in types:
            return types[field[:dot]]
        dot = field.rfind(".", 0, dot)
    return frozenset()


def find_close_names(field: str, names: Iterable[str]) -> list[str]:
    """Return up to three similar names."""
    from difflib import get_close_matches

    return get_close_matches(field, sorted(set(names)), n=3, cutoff=0.6)
