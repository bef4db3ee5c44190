"""Facts about the fields of a list's rows, known before a request: names and types of values."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache


class FieldType(StrEnum):
    """The types of values; `map` is an object with keys that users choose, `any` is not known."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    LIST = "list"
    OBJECT = "object"
    MAP = "map"
    ANY = "any"


Types = frozenset[FieldType]
ANYTHING: Types = frozenset({FieldType.ANY})


@cache
def field_types(path: str) -> Mapping[str, Types]:
    """Give the fields of a list's rows with their types, by its path; none for a path without facts."""
    from emqxctl.emqx.row_fields_data import FIELDS

    return {
        name: frozenset(FieldType(one) for one in types.split("|"))
        for types, names in FIELDS.get(path, {}).items()
        for name in names.split()
    }


def type_of(value: object) -> FieldType | None:
    """Give the type of a value of a row; None for null."""
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


def parent_types(field: str, types: Mapping[str, Types]) -> Types:
    """Give the types of the longest known field that a dotted name lies in; empty if there is none."""
    cut = field.rfind(".")
    while cut > 0:
        if field[:cut] in types:
            return types[field[:cut]]
        cut = field.rfind(".", 0, cut)
    return frozenset()


def close_names(field: str, names: Iterable[str]) -> list[str]:
    """Give up to three names that were probably meant."""
    from difflib import get_close_matches

    return get_close_matches(field, sorted(set(names)), n=3, cutoff=0.6)
