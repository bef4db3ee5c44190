"""Parse and format durations, sizes, times and booleans."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Generic, ParamSpec

P = ParamSpec("P")


SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86400


UNIT_PAIRS = ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "m"), (MINUTE, "m", SECOND, "s"))


SECONDS_PER_UNIT = {"ms": 0.001, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


BYTES_PER_UNIT = {"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def format_boolean(value: bool) -> str:
    """Write a boolean as EMQX's query parameters want it: `true` or `false`, in lower case."""
    return "true" if value else "false"


def format_duration(seconds: float) -> str:
    """Write a number of seconds in its two largest units: `45s`, `3m 20s`, `2h 5m`, `12d 3h`."""
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f}ms"
    whole = int(seconds)
    for large, unit, small, lower in UNIT_PAIRS:
        if whole >= large:
            rest = whole % large // small
            return f"{whole // large}{unit} {rest}{lower}" if rest else f"{whole // large}{unit}"
    return f"{whole}s"


def format_milliseconds(value: float) -> str:
    """Write a number of milliseconds as a duration (`/nodes` gives `uptime` so)."""
    return format_duration(value / 1000)


def parse_duration(text: str) -> float:
    """Read `90`, `90s`, `5m`, `2h30m`, `1d`, `250ms` as seconds.

    Raises ValueError naming the text when it is none of these.
    """
    compact = text.strip().lower().replace(" ", "")
    if re.fullmatch(r"\d+(\.\d+)?", compact):
        return float(compact)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|[smhdw])", compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        message = f"{text!r} is not a duration like 90s, 5m, 2h30m or 1d"
        raise ValueError(message)
    return float(sum(float(number) * SECONDS_PER_UNIT[unit] for number, unit in parts))


def format_size(count: float) -> str:
    """Write a number of bytes in binary units: `512B`, `1.5K`, `23.5G`."""
    unit = "B"
    for unit in ("B", "K", "M", "G", "T"):
        if abs(count) < 1024 or unit == "T":
            break
        count /= 1024
    return f"{count:.0f}{unit}" if unit == "B" or count == int(count) else f"{count:.1f}{unit}"


def parse_size(text: str) -> float:
    """Read `1.95G`, `512.00M`, `64KB`, `100` as bytes. Raises ValueError naming the text otherwise."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(i?B)?\s*", text, re.IGNORECASE)
    if not found:
        message = f"{text!r} is not a size like 64K, 1.5M or 2G"
        raise ValueError(message)
    return float(found[1]) * BYTES_PER_UNIT[found[2].upper()]


def parse_rate(text: str) -> float:
    """Parse `50` or `50/s` as a number per second. Raises ValueError naming the text otherwise."""
    try:
        rate = float(text.strip().removesuffix("/s"))
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e9:
        message = f"{text!r} is not a rate like 50/s"
        raise ValueError(message)
    return rate


def parse_time(text: str) -> datetime:
    """Read RFC 3339 (`2026-11-23T10:00:00+01:00`, `2026-11-23`) or epoch seconds or ms; naive means local.

    Raises ValueError naming the text otherwise.
    """
    stripped = text.strip()
    try:
        if re.fullmatch(r"\d{9,10}", stripped):
            return datetime.fromtimestamp(int(stripped), UTC)
        if re.fullmatch(r"\d{12,13}", stripped):
            return datetime.fromtimestamp(int(stripped) / 1000, UTC)
        return datetime.fromisoformat(stripped).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        message = f"{text!r} is not a time like 2026-11-23T10:00:00Z"
        raise ValueError(message) from error


class RelativeFormatter(Generic[P]):
    """Mark a column's writer (`@Relative`) whose words depend on the time of reading (`5m ago`).

    Tables use it on a terminal only; elsewhere the value stands as the server sent it.
    """

    __slots__ = ("formatter",)

    def __init__(self, write: Callable[P, str]) -> None:
        """Wrap a writer."""
        self.formatter = write

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Write a value."""
        return self.formatter(*args, **kwargs)


@RelativeFormatter
def format_age(value: object, now: datetime | None = None) -> str:
    """Write an RFC 3339 time as its distance from now (`5m ago`, `in 2h`); what is no time stays as it is."""
    if not isinstance(value, str):
        return "" if value is None else str(value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    distance = ((now or datetime.now(UTC)) - moment.astimezone()).total_seconds()
    if abs(distance) < 1:
        return "now"
    return (
        f"{format_duration(distance).split()[0]} ago"
        if distance > 0
        else f"in {format_duration(-distance).split()[0]}"
    )
