"""Checks that are built from arguments: ranges, enums, unions, times."""

import re
from datetime import datetime

from emqxctl.sandbox.data import default_settings
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.types import (
    INFINITY,
    Check,
    InvalidError,
    check_object,
    invalid_value,
    union_mismatch,
)


def integer_between(expected: str, low: int, high: int | None = None) -> Check:
    """Return the check of an integer; `expected` is EMQX's name of the type."""

    def check(value: Json, path: str) -> int:
        if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or value < low or (high and value > high):
            raise invalid_value(value, {"expected": expected}, path)
        return value

    return check


def enum_of(*symbols: str, reason: str = "not_a_enum_symbol") -> Check:
    """Return the check of one of a few words."""

    def check(value: Json, path: str) -> str:
        if value not in symbols:
            raise invalid_value(value, reason, path)
        return str(value)

    return check


def constant(word: str) -> Check:
    """Return the check of one word only."""

    def check(value: Json, path: str) -> str:
        if value != word:
            raise invalid_value(value, f"Expected: {word}, got:{value}", path)
        return word

    return check


def either_constant(word: str, check: Check, expected: str, *, first: bool = False) -> Check:
    """Return the check of a word such as `disabled`, or what another check accepts.

    `expected` is EMQX's name of the other type; `first` says which mismatch is written first.
    """

    def accept(value: Json, path: str) -> Json:
        if value == word:
            return value
        try:
            return check(value, path)
        except InvalidError as invalid:
            mismatches = {
                expected: invalid.details,
                word: invalid_value(value, f"Expected: {word}, got:{value}", path).details,
            }
            if first:
                mismatches = dict(reversed(mismatches.items()))
            raise InvalidError(**union_mismatch(path, mismatches)) from None

    return accept


def template_or(check: Check) -> Check:
    """Return the check of a placeholder such as `${qos}`, or what another check accepts."""

    def accept(value: Json, path: str) -> Json:
        return value if isinstance(value, str) and value.startswith("${") else check(value, path)

    return accept


def object_over_defaults(name: str) -> Check:
    """Return the check of an object that is laid over default settings; its content is not checked."""

    def check(value: Json, path: str) -> Row:
        return default_settings(name) | check_object(value, path)

    return check


def timestamp_in(units: int) -> Check:
    """Return the check of RFC 3339 or an epoch time in `units` per second; returns the epoch time."""

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
            raise invalid_value(value, "bad_rfc3339_timestamp", path)
        return int(parsed.timestamp() * units)

    return check


def check_ban_end(value: Json, path: str) -> int | str:
    """Accept the end of a ban or a key: a time in seconds, or `infinity`."""
    check = either_constant(INFINITY, timestamp_in(1), "emqx_utils_calendar:epoch_second()", first=True)
    end: int | str = check(value, path)
    return end
