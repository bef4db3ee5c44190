"""Parse and format durations, sizes, times and booleans."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Generic, ParamSpec

P = ParamSpec("P")

SECOND, MINUTE, HOUR, DAY, YEAR = 1, 60, 3600, 86400, 365 * 86400
UNIT_PAIRS = (
    (YEAR, "y", DAY, "d"),
    (DAY, "d", HOUR, "h"),
    (HOUR, "h", MINUTE, "m"),
    (MINUTE, "m", SECOND, "s"),
)
SECONDS_PER_UNIT = {"ms": 0.001, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY, "y": YEAR}
BYTES_PER_UNIT = {"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def format_boolean(value: bool) -> str:
    """Format a boolean for EMQX's query parameters: `true` or `false`."""
    return "true" if value else "false"


def format_duration(seconds: float) -> str:
    """Format seconds in the two largest units: `45s`, `3m 20s`, `2h 5m`, `12d 3h`, `69y 329d`."""
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f}ms"
    whole_seconds = int(seconds)
    for unit_seconds, unit, lower_seconds, lower_unit in UNIT_PAIRS:
        if whole_seconds >= unit_seconds:
            count, lower_count = whole_seconds // unit_seconds, whole_seconds % unit_seconds // lower_seconds
            return f"{count}{unit} {lower_count}{lower_unit}" if lower_count else f"{count}{unit}"
    return f"{whole_seconds}s"


def format_coarse_duration(seconds: float) -> str:
    """Format seconds in the largest unit alone: `45s`, `12d`, `69y`."""
    return format_duration(seconds).split()[0]


def format_milliseconds(value: float) -> str:
    """Format milliseconds as a duration (`uptime` of `/nodes`)."""
    return format_duration(value / 1000)


def parse_duration(text: str) -> float:
    """Parse `90`, `90s`, `5m`, `2h30m`, `1d`, `1y`, `250ms` into seconds.

    Raises ValueError with the text for anything else.
    """
    compact = text.strip().lower().replace(" ", "")
    if re.fullmatch(r"\d+(\.\d+)?", compact):
        return float(compact)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|[smhdwy])", compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        message = f"invalid duration {text!r}: expected a form like 90s, 5m, 2h30m or 1d"
        raise ValueError(message)
    return float(sum(float(number) * SECONDS_PER_UNIT[unit] for number, unit in parts))


def format_size(count: float) -> str:
    """Format a number of bytes in binary units: `512B`, `1.5K`, `23.5G`."""
    unit = "B"
    for unit in ("B", "K", "M", "G", "T"):
        if abs(count) < 1024 or unit == "T":
            break
        count /= 1024
    return f"{count:.0f}{unit}" if unit == "B" or count == int(count) else f"{count:.1f}{unit}"


def parse_size(text: str) -> float:
    """Parse `1.95G`, `512.00M`, `64KB`, `100` into bytes. Raises ValueError for anything else."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(i?B)?\s*", text, re.IGNORECASE)
    if not match:
        message = f"invalid size {text!r}: expected a form like 64K, 1.5M or 2G"
        raise ValueError(message)
    return float(match[1]) * BYTES_PER_UNIT[match[2].upper()]


def parse_rate(text: str) -> float:
    """Parse `50/s` or `50` into a number per second. Raises ValueError with the text for anything else."""
    try:
        rate = float(text.strip().removesuffix("/s"))
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e9:
        message = f"invalid rate {text!r}: expected a form like 50/s"
        raise ValueError(message)
    return rate


def parse_time(text: str) -> datetime:
    """Parse RFC 3339 (`2026-11-23T10:00:00+01:00`, `2026-11-23`), epoch seconds or ms; naive means local.

    Raises ValueError with the text for anything else.
    """
    stripped = text.strip()
    try:
        if re.fullmatch(r"\d{9,10}", stripped):
            return datetime.fromtimestamp(int(stripped), UTC)
        if re.fullmatch(r"\d{12,13}", stripped):
            return datetime.fromtimestamp(int(stripped) / 1000, UTC)
        return datetime.fromisoformat(stripped).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        message = f"invalid time {text!r}: expected a form like 2026-11-23T10:00:00Z"
        raise ValueError(message) from error


def parse_epoch(value: object) -> datetime | None:
    """Return the time of epoch seconds or milliseconds, None for anything else."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    if 1e9 <= value < 1e10:
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromtimestamp(value / 1000, UTC) if 1e12 <= value < 1e13 else None


def format_epoch(value: object) -> str:
    """Format epoch seconds or milliseconds as RFC 3339, as EMQX does; empty for anything else."""
    time = parse_epoch(value)
    return time.isoformat(timespec="milliseconds" if time.microsecond else "seconds") if time else ""


class RelativeFormatter(Generic[P]):
    """Marks a column's formatter (`@RelativeFormatter`) whose text depends on the current time (`5m ago`).

    Tables use it on a terminal only; elsewhere the value is printed as the server sent it.
    """

    __slots__ = ("formatter",)

    def __init__(self, formatter: Callable[P, str]) -> None:
        """Wrap a formatter."""
        self.formatter = formatter

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Format a value."""
        return self.formatter(*args, **kwargs)


@RelativeFormatter
def format_age(value: object, now: datetime | None = None) -> str:
    """Format a time (RFC 3339 or epoch) relative to now (`5m ago`, `in 2h`); any other value as it is."""
    time = parse_epoch(value)
    if time is None and not isinstance(value, str):
        return "" if value is None else str(value)
    try:
        time = time or datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    seconds = ((now or datetime.now(UTC)) - time.astimezone()).total_seconds()
    if abs(seconds) < 1:
        return "now"
    age = format_coarse_duration(abs(seconds))
    return f"{age} ago" if seconds > 0 else f"in {age}"
