"""Parameter types of options and arguments: durations, sizes, times, rates and positions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from typer._click.types import ParamType  # Typer vendors Click since 0.26 and has no public place for it

from emqxctl.errors import UsageError
from emqxctl.text.units import parse_duration, parse_rate, parse_size, parse_time

DURATION_UNITS = tuple("smhdw")


class UnitType(ParamType):
    """A type whose text is parsed by a function that raises ValueError.

    `metavar` is the placeholder of the value in help, `example` is a valid text, `hint` follows the error.
    """

    def __init__(self, metavar: str, parse: Callable[[str], object], *, example: str, hint: str = "") -> None:
        """Keep the parser and its texts."""
        self.name = metavar.lower()
        self.metavar, self.parse, self.example = metavar, parse, example
        self.hint = hint or f"such as {example}"

    def get_metavar(self, param: Any, ctx: Any) -> str:  # noqa: ANN401, ARG002  # Typer's own types are private
        """Return the placeholder of the value in help."""
        return self.metavar

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401, ARG002  # as above
        """Parse the text of an option or argument. Raises UsageError that names it."""
        if not isinstance(value, str):
            return value
        try:
            return self.parse(value)
        except (ValueError, OverflowError) as error:
            message = f"{parameter_label(param)}: {error}" if param is not None else str(error)
            raise UsageError(message, hint=self.hint) from error


def parameter_label(parameter: Any) -> str:  # noqa: ANN401  # Typer's own types are private
    """Return how messages name a parameter: `--since`, or the metavar of an argument."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name.upper())


def parse_positive_duration(text: str) -> float:
    """Parse a duration that is longer than 0, in seconds. Raises ValueError."""
    seconds = parse_duration(text)
    if seconds <= 0:
        message = f"{text!r} must be greater than 0"
        raise ValueError(message)
    return seconds


def parse_byte_count(text: str) -> int:
    """Parse a size as a whole number of bytes. Raises ValueError."""
    return int(parse_size(text))


def parse_past_time(text: str) -> datetime:
    """Parse a time, or a duration before now such as `15m`. Raises ValueError."""
    return datetime.now(UTC) - parse_offset(text) if is_duration(text) else parse_time(text)


def parse_future_time(text: str) -> datetime:
    """Parse a time, or a duration after now such as `90d`; both must be in the future. Raises ValueError."""
    time = datetime.now(UTC) + parse_offset(text) if is_duration(text) else parse_time(text)
    if time <= datetime.now(UTC):
        message = f"{text!r} is in the past"
        raise ValueError(message)
    return time.astimezone(UTC)


def is_duration(text: str) -> bool:
    """Return whether a text is a duration by its unit, and not a time."""
    compact = text.strip()
    return compact[:1].isdigit() and compact.endswith(DURATION_UNITS)


def parse_offset(text: str) -> timedelta:
    """Parse a duration as a difference of times. Raises ValueError."""
    return timedelta(seconds=parse_duration(text))


def parse_position(text: str) -> str:
    """Check `front`, `rear`, `before:NAME` or `after:NAME`: EMQX answers 500 otherwise. Raises ValueError."""
    side, colon, anchor = text.partition(":")
    if text in {"front", "rear"} or (side in {"before", "after"} and colon and anchor):
        return text
    message = f"{text!r} is not a position"
    raise ValueError(message)


DURATION = UnitType("TIME", parse_duration, example="90s", hint="a duration, such as 30s, 5m or 2h")
POSITIVE_DURATION = UnitType(
    "TIME", parse_positive_duration, example="90s", hint="a duration, such as 30s, 5m or 2h"
)
SIZE = UnitType("SIZE", parse_byte_count, example="64K", hint="a size, such as 64K, 1.5M or 2G")
TIME = UnitType(
    "TIME", parse_time, example="2026-11-23T10:00:00Z", hint="a time, such as 2026-11-23T10:00:00Z"
)
PAST_TIME = UnitType(
    "TIME",
    parse_past_time,
    example="15m",
    hint="a time, such as 2026-11-23T10:00:00Z, or a duration before now, such as 15m",
)
FUTURE_TIME = UnitType(
    "TIME",
    parse_future_time,
    example="90d",
    hint="a time, such as 2026-11-23T10:00:00Z, or a duration from now, such as 90d",
)
RATE = UnitType("N/s", parse_rate, example="50/s", hint="targets per second, such as 50/s")
POSITION = UnitType(
    "POSITION", parse_position, example="front", hint="one of: front, rear, before:NAME, after:NAME"
)
