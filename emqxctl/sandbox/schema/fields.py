"""The fields of objects and queries, and their rows in `data/schemas.json`.

A row is `[name, type]`, `[name, type, default]` or `"+schema"`, which takes in the rows of another schema. A
type is a word of CHECKS or a factory with its arguments (`enum get post`); `!` after it means required, `*`
repeatable. A default `@name` is the object of that name in `data/setting_defaults.json`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from emqxctl.sandbox.data import default_settings, read_table
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema import factories, types
from emqxctl.sandbox.schema.types import Check, InvalidError, invalid_value

CHECKS: dict[str, Check] = {
    name.removeprefix("check_"): check for name, check in vars(types).items() if name.startswith("check_")
} | {
    "ban_end": factories.check_ban_end,
    "natural": factories.integer_between("non_neg_integer()", 0),
    "positive": factories.integer_between("pos_integer()", 1),
    "seconds": factories.timestamp_in(1),
    "milliseconds": factories.timestamp_in(1000),
    "microseconds": factories.timestamp_in(1_000_000),
}


@dataclass(frozen=True)
class Field:
    """One query parameter or one field of a body."""

    name: str
    check: Check
    required: bool = False
    default: Json = None
    many: bool = False  # a query parameter that may be repeated
    single: bool = False  # one that must not be; of all others the last counts


@cache
def fields_of(schema: str) -> tuple[Field, ...]:
    """Return the fields of a schema of `data/schemas.json`; a later row replaces one of the same name."""
    fields: dict[str, Field] = {}
    for row in read_table("schemas")[schema]:
        if isinstance(row, str):
            fields |= {field.name: field for field in fields_of(row[1:])}
        else:
            fields[row[0]] = build_field(*row)
    return tuple(fields.values())


def build_field(name: str, kind: str, default: Json = None) -> Field:
    """Build the field of one row."""
    word = kind.rstrip("!*")
    if isinstance(default, str) and default.startswith("@"):
        default = default_settings(default[1:])
    elif default is None and word.startswith("defaults ") and not kind.endswith("!"):
        default = default_settings(word.split()[1])
    return Field(name, build_check(word), kind.endswith("!"), default, kind.endswith("*"))


def build_check(kind: str) -> Check:  # noqa: PLR0911 - one return for each factory
    """Build the check of a type as the rows write it."""
    word, *arguments = kind.split()
    match word, arguments:
        case "enum", _:
            return factories.enum_of(*arguments)
        case "symbol", _:
            return factories.enum_of(*arguments, reason="unable_to_convert_to_enum_symbol")
        case "constant", [constant]:
            return factories.constant(constant)
        case "integer", [low]:
            return factories.integer_between("integer()", int(low))
        case "range", [low, high]:
            return factories.integer_between(f"{low}..{high}", int(low), int(high))
        case "template", [other]:
            return factories.template_or(CHECKS[other])
        case "or", [constant, other, expected]:
            return factories.either_constant(constant, CHECKS[other], expected)
        case "defaults", [name]:
            return factories.object_over_defaults(name)
        case "fields", [schema]:
            return object_of(schema)
    return CHECKS[word]


def object_of(schema: str) -> Check:
    """Return the check of an object of a schema's fields."""

    def check(value: Json, path: str) -> Row:
        errors: list[Row] = []
        checked = check_struct(fields_of(schema), value, path, errors)
        if errors:
            raise InvalidError(**abridge(errors[0]))
        return without_none(checked)

    return check


def without_none(values: Row) -> Row:
    """Leave out what was not given."""
    return {name: value for name, value in values.items() if value is not None}


def abridge(details: Row) -> Row:
    """Name only the first two of many unknown fields, as EMQX does."""
    unknown = details.get("unknown", "").split(",")
    if len(unknown) > 2:
        return details | {"unknown": ",".join(sorted(unknown)[:2]) + ",..."}
    return details


def check_struct(fields: Iterable[Field], body: Json, path: str, errors: list[Row]) -> Row:
    """Check an object and collect all errors; unknown fields are refused before any other check."""
    fields = tuple(fields)
    if not isinstance(body, dict):
        errors.append(invalid_value(body, "bad_value_for_struct", path).details)
        return {}
    names = {field.name for field in fields}
    if unknown := [name for name in body if name not in names]:
        unmatched = sorted(names - set(body))
        listed = ",".join(unmatched[:2]) + (",..." if len(unmatched) > 2 else "")
        details = {"unmatched": listed or "none", "unknown": ",".join(unknown), "reason": "unknown_fields"}
        errors.append({**details, "path": path, "kind": "validation_error"})
        return {}
    checked = {}
    for field in fields:
        try:
            checked[field.name] = check_field(field, body, f"{path}.")
        except InvalidError as invalid:
            errors.append(invalid.details)
    return checked


def check_field(field: Field, body: Row, prefix: str) -> Json:
    """Check one field of an object, or return its default."""
    value = body.get(field.name)
    if value is not None:
        return field.check(value, prefix + field.name)
    if field.required:
        raise InvalidError(reason="required_field", path=prefix + field.name, kind="validation_error")
    return field.default
