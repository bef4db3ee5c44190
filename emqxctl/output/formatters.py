"""Cell formatters and colors for table columns, for whatever the server sent."""

from collections.abc import Callable

from emqxctl.text.units import (
    RelativeFormatter,
    format_age,
    format_duration,
    format_milliseconds,
    format_size,
    parse_size,
)

GOOD_STATES = frozenset({"running", "connected", "true", "enabled", "started", "allow", "ok", "on", "passed"})
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
    {
        "connecting",
        "inconsistent",
        "idle",
        "pending",
        "unknown",
        "skipped",
        "isolated",
        "active",
        "warning",
    }
)


def format_plain(value: object) -> str:
    """Format a value without a formatter of its own: nothing as `-`, booleans in lower case."""
    if value is None or value == "":
        return "-"
    return str(value).lower() if isinstance(value, bool) else str(value)


def format_names(value: object) -> str:
    """Format a list of names on one line, `-` if there are none."""
    return ", ".join(map(str, value)) if isinstance(value, list) and value else format_plain(value or None)


def number_formatter(format_number: Callable[[float], str]) -> Callable[[object], str]:
    """Return a cell formatter for numbers in a field that may also contain a word (`infinity`) or nothing."""

    def format_value(value: object) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return format_number(float(value))
        return format_plain(value)

    return format_value


def format_memory(value: object) -> str:
    """Format a size that EMQX sends as text (`708.12M`) or as a number of bytes, like all other sizes."""
    try:
        return format_size(parse_size(str(value)))
    except ValueError:
        return format_plain(value)


format_duration_ms = number_formatter(format_milliseconds)  # the unit of /nodes uptime and /alarms duration
format_duration_seconds = number_formatter(format_duration)
format_byte_count = number_formatter(format_size)


@RelativeFormatter
def format_relative_time(value: object) -> str:
    """Format a time as its distance from now."""
    return format_plain(value) if value in (None, "", "infinity", "undefined") else format_age(value)


def color_state(value: object) -> str:
    """Return the color of a state: green for good, red for bad, yellow in between, empty if unknown."""
    word = format_plain(value).lower()
    if word in GOOD_STATES:
        return "green"
    if word in BAD_STATES:
        return "red"
    return "yellow" if word in UNCERTAIN_STATES else ""
