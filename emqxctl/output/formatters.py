"""How the fields of EMQX's answers read in a table: writers for whatever was sent, and colours."""

from collections.abc import Callable

from emqxctl.text.units import Relative, ago, duration, milliseconds, size

GOOD = frozenset({"running", "connected", "true", "enabled", "started", "allow", "ok", "on"})
BAD = frozenset(
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
UNSURE = frozenset(
    {"connecting", "inconsistent", "idle", "pending", "unknown", "skipped", "apart", "active", "warning"}
)


def plain(value: object) -> str:
    """Write a value that no writer knows: nothing as `-`, booleans in lower case."""
    if value is None or value == "":
        return "-"
    return str(value).lower() if isinstance(value, bool) else str(value)


def number(write: Callable[[float], str]) -> Callable[[object], str]:
    """Make a writer of numbers one of fields, which may hold a word (`infinity`) or nothing."""

    def written(value: object) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return write(float(value)) if is_number else plain(value)  # type: ignore[arg-type]  # seen to be a number

    return written


in_milliseconds = number(milliseconds)  # /nodes gives uptime so, /alarms duration
in_seconds = number(duration)
in_bytes = number(size)


@Relative
def since(value: object) -> str:
    """Write a time as its distance from now."""
    return plain(value) if value in (None, "", "infinity", "undefined") else ago(value)


def state(value: object) -> str:
    """Give the colour of a state: green when good, red when bad, yellow in between, none when unknown."""
    word = plain(value).lower()
    if word in GOOD:
        return "green"
    if word in BAD:
        return "red"
    return "yellow" if word in UNSURE else ""
