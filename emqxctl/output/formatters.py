"""How the fields of EMQX's answers read in a table: writers for whatever was sent, and colours."""

from collections.abc import Callable

from emqxctl.text.units import (
    RelativeFormatter,
    format_age,
    format_duration,
    format_milliseconds,
    format_size,
)

GOOD_STATES = frozenset({"running", "connected", "true", "enabled", "started", "allow", "ok", "on"})
BAD_STATES = frozenset(
    {
        "stopped",
        "disconnected",
        "failed",
        "deny",
        "down",
        "error",
        "false",
        "off",
        "missing",
        "expired",
        "critical",
    }
)
UNCERTAIN_STATES = frozenset(
    {"connecting", "inconsistent", "idle", "pending", "unknown", "skipped", "apart", "active", "warning"}
)


def format_plain(value: object) -> str:
    """Write a value that no writer knows: nothing as `-`, booleans in lower case."""
    if value is None or value == "":
        return "-"
    return str(value).lower() if isinstance(value, bool) else str(value)


def number_formatter(format_number: Callable[[float], str]) -> Callable[[object], str]:
    """Make a writer of numbers one of fields, which may hold a word (`infinity`) or nothing."""

    def format_value(value: object) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return format_number(float(value)) if is_number else format_plain(value)  # type: ignore[arg-type]  # seen to be a number

    return format_value


format_duration_ms = number_formatter(format_milliseconds)  # /nodes gives uptime so, /alarms duration
format_duration_seconds = number_formatter(format_duration)
format_byte_count = number_formatter(format_size)


@RelativeFormatter
def format_relative_time(value: object) -> str:
    """Write a time as its distance from now."""
    return format_plain(value) if value in (None, "", "infinity", "undefined") else format_age(value)


def color_state(value: object) -> str:
    """Give the colour of a state: green when good, red when bad, yellow in between, none when unknown."""
    word = format_plain(value).lower()
    if word in GOOD_STATES:
        return "green"
    if word in BAD_STATES:
        return "red"
    return "yellow" if word in UNCERTAIN_STATES else ""
