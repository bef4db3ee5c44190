"""The checks of `emqxctl check`: names, units and thresholds."""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

from emqxctl.errors import UsageError
from emqxctl.text.units import DAY, format_duration, parse_duration

OFF = "off"
DEFAULT_SECONDS = 5.0  # to measure over: shorter than the time limit of most monitoring systems
CONFIGURATIONS = "node configurations"  # the part: what differs, by node
NEEDS_LOGIN = "api-keys"  # only runs by itself if the options name a dashboard user


class Level(IntEnum):
    """The status of a check; the numbers are the exit codes of Nagios plugins."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3

    @property
    def word(self) -> str:
        """The level as a word."""
        return self.name.lower()


SEVERITY_ORDER = (Level.OK, Level.UNKNOWN, Level.WARNING, Level.CRITICAL)


def find_worst(levels: Iterable[Level]) -> Level:
    """Return the most severe level; unknown is less severe than warning."""
    return max(levels, key=SEVERITY_ORDER.index, default=Level.OK)


class Check(NamedTuple):
    """One check: `part` is the response it needs, `unit` the unit of its values (`%`, `s` or none).

    `warn` and `crit` are the default thresholds. `lower_is_worse`: values below a threshold are not ok.
    """

    part: str
    summary: str
    unit: str = ""
    warn: float | None = None
    crit: float | None = None
    lower_is_worse: bool = False


CHECKS = {
    "nodes": Check("nodes", "running nodes; critical below the number of known nodes", lower_is_worse=True),
    "memory": Check("nodes", "memory use of each node", "%", 80, 90),
    "load": Check("nodes", "1-minute load of each node"),
    "connections": Check("nodes", "connected clients, of the cluster and by node"),
    "sessions": Check("nodes", "sessions, connected or not, of the cluster and by node"),
    "listeners": Check("listeners", "enabled listeners that are not running", crit=1),
    "connectors": Check("connectors", "enabled connectors that are not connected", crit=1),
    "actions": Check("actions", "enabled actions that are not connected or lose messages", crit=1),
    "sources": Check("sources", "enabled sources that are not connected or lose messages", crit=1),
    "alarms": Check("alarms", "active alarms", warn=1),
    "rules": Check("rule metrics", "failures of SQL and actions, of the worst rule", "%", 1, 10),
    "drops": Check("metrics", "messages lost, by all counters of losses", "%", 0.1, 1),
    "configs": Check(CONFIGURATIONS, "nodes whose configuration differs from the others", warn=1),
    "license": Check(
        "license", "time until the license expires", "s", 30 * DAY, 7 * DAY, lower_is_worse=True
    ),
    "license-use": Check("license", "licensed connections in use", "%", 80, 95),
    "certificates": Check(
        "certificates",
        "time until a listener certificate expires",
        "s",
        30 * DAY,
        7 * DAY,
        lower_is_worse=True,
    ),
    "api-keys": Check(
        "api-keys", "time until an API key expires", "s", 14 * DAY, 3 * DAY, lower_is_worse=True
    ),
}


class Limits(NamedTuple):
    """The warning and critical threshold of a check; None means no threshold."""

    warn: float | None = None
    crit: float | None = None

    def rate(self, check: Check, value: float) -> Level:
        """Return the level of a value."""
        for limit, level in ((self.crit, Level.CRITICAL), (self.warn, Level.WARNING)):
            if limit is not None and (value < limit if check.lower_is_worse else value >= limit):
                return level
        return Level.OK


class CheckOptions(NamedTuple):
    """The options of `emqxctl check` as typed: thresholds, selection, and seconds to measure over."""

    warn: Sequence[str] = ()
    crit: Sequence[str] = ()
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    over: float = DEFAULT_SECONDS


def build_limits(warn: Sequence[str], crit: Sequence[str]) -> tuple[dict[str, Limits], frozenset[str]]:
    """Return the thresholds of every check, and the checks whose thresholds are typed. Raises UsageError."""
    typed = {"warn": parse_limits("--warn", warn), "crit": parse_limits("--crit", crit)}
    limits = {
        name: Limits(**{side: values.get(name, getattr(check, side)) for side, values in typed.items()})
        for name, check in CHECKS.items()
    }
    return limits, frozenset(name for values in typed.values() for name in values)


def parse_limits(option: str, texts: Sequence[str]) -> dict[str, float | None]:
    """Parse thresholds such as `memory=80%,load=4`; `off` becomes None. Raises UsageError."""
    limits = {}
    for text in split_commas(texts):
        name, sign, value = text.partition("=")
        if not sign:
            message = f"invalid {option} {text!r}: not NAME=VALUE"
            raise UsageError(message, hint=f"such as {option} memory=80%; checks: {', '.join(CHECKS)}")
        require_check(option, name)
        limits[name] = None if value == OFF else parse_limit(option, name, value)
    return limits


def split_commas(texts: Iterable[str]) -> list[str]:
    """Return the comma-separated parts of all texts."""
    return [part.strip() for text in texts for part in text.split(",")]


def require_check(option: str, name: str) -> None:
    """Check that a check of this name exists. Raises UsageError."""
    if name not in CHECKS:
        from difflib import get_close_matches

        matches = get_close_matches(name, CHECKS, n=1)
        suggestion = f"; did you mean {matches[0]!r}?" if matches else ""
        message = f"{option}: check {name!r} not found{suggestion}"
        raise UsageError(message, hint=f"checks: {', '.join(CHECKS)}")


def parse_limit(option: str, name: str, text: str) -> float:
    """Parse a threshold in the unit of its check. Raises UsageError."""
    unit = CHECKS[name].unit
    number = text.removesuffix("%") if unit == "%" else text
    try:
        if unit == "s":
            return parse_duration(text)
        if re.fullmatch(r"\d+(\.\d+)?", number):
            return float(number)
    except ValueError:
        pass
    expected = {"%": "a percentage, such as 80%", "s": "a duration, such as 30d"}.get(unit, "a number")
    message = f"invalid {option} {name}={text}: must be {expected}"
    raise UsageError(message, hint=f"{name}: {CHECKS[name].summary}; disable: {option} {name}={OFF}")


def format_measurement(check: Check, value: float | None) -> str:
    """Format a value or a threshold in the unit of its check."""
    if value is None:
        return "-"
    if check.unit == "s":
        return format_duration(value)
    return f"{value:.3g}%" if check.unit == "%" else f"{value:.10g}"


def select_checks(only: Sequence[str], skip: Sequence[str]) -> list[str]:
    """Return the checks to run: all, unless options select or skip some. Raises UsageError."""
    selected, skipped = split_commas(only), split_commas(skip)
    for option, names in (("--only", selected), ("--skip", skipped)):
        for name in names:
            require_check(option, name)
    if selected:
        return [name for name in CHECKS if name in selected and name not in skipped]
    return [name for name in CHECKS if name not in skipped]
