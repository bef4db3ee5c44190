"""Checks of single values: each returns the value as EMQX keeps it, or raises InvalidError."""

import re
from collections.abc import Callable

from emqxctl.sandbox.messages import Json, Row
from emqxctl.text.units import parse_duration, parse_size

# What io_lib:printable_unicode_list/1 does not let through. Compiled when first needed: that takes 8 ms.
UNPRINTABLE = "[^\b\t\n\v\f\r\x1b\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
DURATION = r"(?:\d+(?:\.\d+)?(?:ms|d|h|m|s))+"
SIZE = r"\d+(?:\.\d+)?(?:[KMG]B|B)?"
PERCENTAGE = r"\d+(?:\.\d+)?%"
NAME = r"^[A-Za-z]+[A-Za-z0-9-_]*$"
INFINITY = "infinity"
RESOURCE_NAME = r"[0-9a-zA-Z][-0-9a-zA-Z_]*"
BAD_RESOURCE_NAME = (
    "Invalid name format. The name must begin with a letter or number (0-9, a-z, A-Z) and can only include "
    "underscores and hyphens as non-initial characters. Got: "
)
LOG_LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency", "all", "none"]
Check = Callable[[Json, str], Json]


class InvalidError(Exception):
    """A value that the schema refuses, with the details that EMQX gives."""

    def __init__(self, **details: Json) -> None:
        """Store the details in the order EMQX writes them."""
        super().__init__(details)
        self.details = details


def invalid_value(value: Json, reason: Json, path: str) -> InvalidError:
    """Build the usual error for one value."""
    return InvalidError(value=value, reason=reason, path=path, kind="validation_error")


def union_mismatch(path: str, mismatches: Row) -> Row:
    """Return the details of a value that is of no member of a union, in EMQX's order."""
    return {
        "reason": "matched_no_union_member",
        "path": path,
        "mismatches": mismatches,
        "kind": "validation_error",
    }


def is_printable(value: str) -> bool:
    """Return whether EMQX takes a text as printable; ESC, tab and line ends pass, BEL and NUL do not."""
    return (value.isascii() and value.isprintable()) or not re.search(UNPRINTABLE, value)


def check_any(value: Json, _path: str) -> Json:
    """Accept any value."""
    return value


def check_text(value: Json, path: str) -> str:
    """Accept printable text; numbers and booleans are written out, as EMQX does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str) or not is_printable(value):
        raise invalid_value(value, {"expected": "binary()"}, path)
    return value


def check_boolean(value: Json, path: str) -> bool:
    """Accept `true` or `false`, in lower case."""
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise invalid_value(value, "Unable to parse boolean value", path)


def check_object(value: Json, path: str) -> Row:
    """Accept any object."""
    if not isinstance(value, dict):
        raise invalid_value(value, {"expected": "map()"}, path)
    return value


def check_array(value: Json, path: str) -> list[Json]:
    """Accept any array."""
    if not isinstance(value, list):
        raise invalid_value(value, {"expected": "array()"}, path)
    return value


def check_qos(value: Json, path: str) -> int:
    """Accept a QoS of 0, 1 or 2."""
    if value in (0, 1, 2, "0", "1", "2") and not isinstance(value, bool):
        return int(value)
    raise invalid_value(value, "Unable to parse string", path)


def check_qos_levels(value: Json, path: str) -> list[int]:
    """Accept a QoS or several of them; return an array."""
    levels = value if isinstance(value, list) else str(value).split(",")
    if not all(str(level) in ("0", "1", "2") for level in levels):
        raise invalid_value(value, "Unable to parse string", path)
    return [int(level) for level in levels]


def check_retain_scope(value: Json, path: str) -> Json:
    """Accept whether retained messages are meant: `all` or a boolean."""
    return value if value == "all" else check_boolean(value, path)


def check_duration(value: Json, path: str) -> Json:
    """Accept a duration such as `15s`, and keep it as written."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(DURATION, value):
        return value
    raise invalid_value(value, "Not a valid duration", path)


def check_reconnect_interval(value: Json, path: str) -> Json:
    """Accept the time before a connection is tried again, or `false`."""
    return False if value in (False, "false") else check_duration(value, path)


def check_limit(value: Json, path: str) -> int:
    """Accept a limit; 0 is no limit."""
    if isinstance(value, bool) or not str(value).isdecimal():
        raise invalid_value(value, "Unable to parse integer value", path)
    return int(value)


def check_byte_size(value: Json, path: str) -> float:
    """Accept a size such as `1MB` or `20B`; return bytes."""
    try:
        return parse_size(str(value))
    except ValueError:
        raise invalid_value(value, "Not a valid bytesize", path) from None


def check_size(value: Json, path: str) -> Json:
    """Accept a size such as `1MB`, and keep it as written."""
    if isinstance(value, int) or re.fullmatch(SIZE, str(value).upper()):
        return value
    raise invalid_value(value, "Not a valid bytesize", path)


def check_percentage(value: Json, path: str) -> Json:
    """Accept a percentage or a fraction."""
    if isinstance(value, int | float) or re.fullmatch(PERCENTAGE, str(value)):
        return value
    raise invalid_value(value, "Not a valid percentage", path)


def check_log_level(value: Json, path: str) -> Json:
    """Accept a log level."""
    if value not in LOG_LEVELS:
        raise invalid_value(value, "unable_to_convert_to_enum_symbol", path)
    return value


def check_port(value: Json, path: str) -> Json:
    """Accept a port, alone or after an address and a colon."""
    port = str(value).rpartition(":")[2]
    if not re.fullmatch(r"\d{1,5}", port) or int(port) > 65_535:
        raise invalid_value(value, "bad_port_number", path)
    return value


def check_resource_name(value: Json, path: str) -> str:
    """Accept a name of letters, digits, `-` and `_` that begins with a letter or digit."""
    if isinstance(value, str) and re.fullmatch(RESOURCE_NAME, value):
        return value
    raise invalid_value(value, {"reason": f"{BAD_RESOURCE_NAME}{value}", "kind": "validation_error"}, path)


def check_topics(value: Json, path: str) -> list[Json]:
    """Accept one topic or several; return an array."""
    return value if isinstance(value, list) else [check_text(value, path)]


def check_milliseconds_duration(value: Json, path: str) -> Json:
    """Accept a duration; return milliseconds."""
    check_duration(value, path)
    return value if isinstance(value, int) else int(parse_duration(value) * 1000)


def check_byte_limits(value: Json, path: str) -> Row:
    """Accept limits of which one is a size; return it in bytes."""
    limits = check_object(value, path)
    size = limits.get("max_shard_message_bytes", INFINITY)
    return {
        **limits,
        "max_shard_message_bytes": size if size == INFINITY else int(check_byte_size(size, path)),
    }


def check_trace_name(value: Json, path: str) -> str:
    """Accept a name of letters, digits, `-` and `_` that begins with a letter."""
    if not isinstance(value, str) or not re.match(NAME, value):
        raise invalid_value(value, f"Name should be {NAME}", path)
    return value
