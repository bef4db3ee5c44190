"""How values are written and read: durations, bytes, times, booleans, and text that may be hostile."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Generic, ParamSpec

P = ParamSpec("P")

SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86400
STEPS = ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "m"), (MINUTE, "m", SECOND, "s"))
UNITS = {"ms": 0.001, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
SIZES = {"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

# What a terminal would obey rather than show: C0 and C1 controls, DEL, zero-width and bidirectional marks,
# line and paragraph separators, the byte-order mark, tags, and lone surrogates (which no encoding can hold).
HOSTILE_CHARACTERS = (
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@cache
def hostile(but: str = "") -> re.Pattern[str]:
    """Give the pattern of one hostile character; `but` takes a part of HOSTILE_CHARACTERS out of it.

    Compiled when it is first needed: that takes longer than importing this module.
    """
    return re.compile(HOSTILE_CHARACTERS.replace(but, ""))


def visible(text: str) -> str:
    r"""Write hostile characters as escapes (`\x1b`, `\n`, `\u202e`), for a terminal to show, not obey."""
    # Every hostile character is unprintable to Python as well, and asking that is ten times as fast.
    return text if text.isprintable() else hostile().sub(escape_character, text)


def escape_character(match: re.Match[str]) -> str:
    r"""Write one character as `\n`, `\x1b`, `\u202e` or `\U000e0001`."""
    character = match.group()
    number = ord(character)
    if character in NAMED_ESCAPES:
        return NAMED_ESCAPES[character]
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def json_escape(match: re.Match[str]) -> str:
    r"""Write one character as JSON does: `\u001b`, or a surrogate pair above the basic plane."""
    number = ord(match.group())
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def boolean(value: bool) -> str:
    """Write a boolean as EMQX's query parameters want it: `true` or `false`, in lower case."""
    return "true" if value else "false"


def duration(seconds: float) -> str:
    """Write a number of seconds in its two largest units: `45s`, `3m 20s`, `2h 5m`, `12d 3h`."""
    if seconds < 0:
        return "-" + duration(-seconds)
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f}ms"
    whole = int(seconds)
    for large, unit, small, lower in STEPS:
        if whole >= large:
            rest = whole % large // small
            return f"{whole // large}{unit} {rest}{lower}" if rest else f"{whole // large}{unit}"
    return f"{whole}s"


def milliseconds(value: float) -> str:
    """Write a number of milliseconds as a duration (`/nodes` gives `uptime` so)."""
    return duration(value / 1000)


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
    return float(sum(float(number) * UNITS[unit] for number, unit in parts))


def size(count: float) -> str:
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
    return float(found[1]) * SIZES[found[2].upper()]


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


class Relative(Generic[P]):
    """Mark a column's writer (`@Relative`) whose words depend on the time of reading (`5m ago`).

    Tables use it on a terminal only; elsewhere the value stands as the server sent it.
    """

    __slots__ = ("write",)

    def __init__(self, write: Callable[P, str]) -> None:
        """Wrap a writer."""
        self.write = write

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Write a value."""
        return self.write(*args, **kwargs)


@Relative
def ago(value: object, now: datetime | None = None) -> str:
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
    return f"{duration(distance).split()[0]} ago" if distance > 0 else f"in {duration(-distance).split()[0]}"
