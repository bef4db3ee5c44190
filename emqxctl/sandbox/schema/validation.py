"""EMQX's schema checks of queries and bodies, with the very texts of its refusals."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from emqxctl.sandbox.messages import AnswerNow, Json, Row, answer_error, erlang_json
from emqxctl.text.units import parse_size

# What io_lib:printable_unicode_list/1 does not let through. Compiled when first needed: that takes 8 ms.
UNPRINTABLE = "[^\b\t\n\v\f\r\x1b\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
Check = Callable[[Json, str], Json]


class InvalidError(Exception):
    """A value that the schema refuses, with the details that EMQX gives."""

    def __init__(self, **details: Json) -> None:
        """Keep the details in the order EMQX writes them."""
        super().__init__(details)
        self.details = details


def refuse(value: Json, reason: Json, path: str) -> InvalidError:
    """Make the usual refusal of one value."""
    return InvalidError(value=value, reason=reason, path=path, kind="validation_error")


@dataclass(frozen=True)
class Field:
    """One query parameter or one field of a body."""

    name: str
    check: Check
    required: bool = False
    default: Json = None
    many: bool = False  # a query parameter that may be repeated
    single: bool = False  # one that must not be; of all others the last counts


@dataclass(frozen=True)
class Body:
    """The schema of a JSON body: the fields of an object, or of each object of an array.

    `loose` is for the schemas that EMQX checks field by field: their paths lack the `root.`, and unknown
    fields pass.
    """

    fields: tuple[Field, ...] = ()
    array: bool = False
    element: Check | None = None
    loose: bool = False


def is_printable(value: str) -> bool:
    """Tell whether EMQX takes a text as printable; ESC, tab and line ends pass, BEL and NUL do not."""
    return (value.isascii() and value.isprintable()) or not re.search(UNPRINTABLE, value)


def text(value: Json, path: str) -> str:
    """Take printable text; numbers and booleans are written out, as EMQX does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str) or not is_printable(value):
        raise refuse(value, {"expected": "binary()"}, path)
    return value


def whole(expected: str, low: int, high: int | None = None) -> Check:
    """Take a whole number between `low` and `high`; `expected` is EMQX's name for that type."""

    def check(value: Json, path: str) -> int:
        if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or value < low or (high and value > high):
            raise refuse(value, {"expected": expected}, path)
        return value

    return check


def boolean(value: Json, path: str) -> bool:
    """Take `true` or `false`, in lower case."""
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise refuse(value, "Unable to parse boolean value", path)


def one_of(*symbols: str, reason: str = "not_a_enum_symbol") -> Check:
    """Take one of a few words."""

    def check(value: Json, path: str) -> str:
        if value not in symbols:
            raise refuse(value, reason, path)
        return str(value)

    return check


def quality(value: Json, path: str) -> int:
    """Take a QoS of 0, 1 or 2."""
    if value in (0, 1, 2, "0", "1", "2") and not isinstance(value, bool):
        return int(value)
    raise refuse(value, "Unable to parse string", path)


def byte_size(value: Json, path: str) -> float:
    """Take a size such as `1MB` or `20B`."""
    try:
        return parse_size(str(value))
    except ValueError:
        raise refuse(value, "Not a valid bytesize", path) from None


def moment(unit: int) -> Check:
    """Take RFC 3339 or an epoch in `unit` parts of a second, as an epoch number of that unit."""

    def check(value: Json, path: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isdecimal():
            return int(value)
        try:
            parsed = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            parsed = None
        if parsed is None or parsed.tzinfo is None or "T" not in value.upper():
            raise refuse(value, "bad_rfc3339_timestamp", path)
        return int(parsed.timestamp() * unit)

    return check


def until(value: Json, path: str) -> int | str:
    """Take the end of a ban: a moment in seconds, or `infinity`."""
    if value == "infinity":
        return "infinity"
    try:
        return int(moment(1)(value, path))
    except InvalidError as invalid:
        endless = refuse(value, f"Expected: infinity, got:{value}", path).details
        raise InvalidError(
            reason="matched_no_union_member",
            path=path,
            mismatches={"infinity": endless, "emqx_utils_calendar:epoch_second()": invalid.details},
            kind="validation_error",
        ) from None


def anything(value: Json, _path: str) -> Json:
    """Take whatever comes."""
    return value


def check_query(fields: tuple[Field, ...], pairs: list[tuple[str, str]]) -> Row:
    """Check the known parameters and drop all others.

    Raises AnswerNow (400 BAD_REQUEST) at the first refusal.
    """
    values: Row = {}
    for field in fields:
        given = [value for name, value in pairs if name == field.name]
        try:
            if field.single and len(given) > 1:
                raise refuse(given, "converter_crashed", field.name)
            if not given:
                values[field.name] = [] if field.many else field.default
            elif field.many:
                values[field.name] = [
                    field.check(value, f"{field.name}.{at}") for at, value in enumerate(given, 1)
                ]
            else:
                values[field.name] = field.check(given[-1], field.name)
        except InvalidError as invalid:
            raise AnswerNow(answer_error(400, "BAD_REQUEST", erlang_json(invalid.details))) from None
    return values


def check_body(schema: Body, body: Json) -> Json:
    """Check a decoded body. Raises AnswerNow (400 BAD_REQUEST, or 415 for a JSON string)."""
    if isinstance(body, str):
        raise AnswerNow(answer_error(415, "UNSUPPORTED_MEDIA_TYPE", "content-type:application/json Required"))
    refusals: list[Row] = []
    if schema.array:
        checked = check_array(schema, body, refusals)
    elif schema.loose:
        checked = check_loosely(schema, body)
    else:
        checked = check_struct(schema.fields, body, "root", refusals)
    if refusals:
        found = refusals if len(refusals) > 1 else refusals[0]
        raise AnswerNow(answer_error(400, "BAD_REQUEST", erlang_json(found)))
    return checked


def check_array(schema: Body, body: Json, refusals: list[Row]) -> Json:
    """Check an array and each of its elements; element paths count from 1."""
    if isinstance(body, dict) and body:
        details = {"path": "root", "kind": "validation_error", "bad_array_index_keys": list(body)}
        refusals.append(details)
        return []
    if not isinstance(body, list):
        return []
    checked = []
    for at, value in enumerate(body, 1):
        if schema.element is None:
            checked.append(check_struct(schema.fields, value, f"root.{at}", refusals))
            if not isinstance(value, dict):
                break  # EMQX looks no further then
            continue
        try:
            checked.append(schema.element(value, f"root.{at}"))
        except InvalidError as invalid:
            refusals.append(invalid.details)
    return checked


def check_loosely(schema: Body, body: Json) -> Row:
    """Check field by field, stopping at the first refusal; unknown fields are kept."""
    given = body if isinstance(body, dict) else {}
    checked = dict(given)
    for field in schema.fields:
        try:
            checked[field.name] = check_field(field, given, "")
        except InvalidError as invalid:
            raise AnswerNow(answer_error(400, "BAD_REQUEST", erlang_json(invalid.details))) from None
    return checked


def check_struct(fields: tuple[Field, ...], body: Json, path: str, refusals: list[Row]) -> Row:
    """Check an object, gathering all refusals; unknown fields are refused before any other check."""
    if not isinstance(body, dict):
        refusals.append(refuse(body, "bad_value_for_struct", path).details)
        return {}
    names = {field.name for field in fields}
    if unknown := [name for name in body if name not in names]:
        unmatched = sorted(names - set(body))
        listed = ",".join(unmatched[:2]) + (",..." if len(unmatched) > 2 else "")
        details = {"unmatched": listed or "none", "unknown": ",".join(unknown), "reason": "unknown_fields"}
        refusals.append({**details, "path": path, "kind": "validation_error"})
        return {}
    checked = {}
    for field in fields:
        try:
            checked[field.name] = check_field(field, body, f"{path}.")
        except InvalidError as invalid:
            refusals.append(invalid.details)
    return checked


def check_field(field: Field, body: Row, prefix: str) -> Json:
    """Check one field of an object, or give its default."""
    value = body.get(field.name)
    if value is not None:
        return field.check(value, prefix + field.name)
    if field.required:
        raise InvalidError(reason="required_field", path=prefix + field.name, kind="validation_error")
    return field.default
