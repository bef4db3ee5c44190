"""What `emqxctl check` looks at, and from which values on it warns: names, units, defaults."""

import re
from collections.abc import Collection, Sequence
from enum import IntEnum
from typing import NamedTuple

from emqxctl.errors import UsageError
from emqxctl.text.units import DAY, format_duration, parse_duration

OFF = "off"


class Level(IntEnum):
    """How bad it is; the numbers are the exit codes that Nagios gives a meaning."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3

    @property
    def word(self) -> str:
        """The level as a word."""
        return self.name.lower()


GRAVITY = (Level.OK, Level.UNKNOWN, Level.WARNING, Level.CRITICAL)


def worst(levels: Sequence[Level]) -> Level:
    """Give the gravest of several; what is known to be bad is graver than what is not known."""
    return max(levels, key=GRAVITY.index, default=Level.OK)


class Check(NamedTuple):
    """One thing to check: `part` is the answer it needs, `unit` what its values count (`%`, `s` or nothing).

    With `falling` less is worse. `warn` and `crit` are the limits without any option.
    """

    part: str
    summary: str
    unit: str = ""
    warn: float | None = None
    crit: float | None = None
    falling: bool = False


CHECKS = {
    "nodes": Check("nodes", "nodes that run; critical below those it knows of", falling=True),
    "memory": Check("nodes", "memory in use, of each node", "%", 80, 90),
    "load": Check("nodes", "load of one minute, of each node"),
    "connections": Check("nodes", "clients that are connected"),
    "listeners": Check("listeners", "enabled listeners that do not run", crit=1),
    "connectors": Check("connectors", "enabled connectors that are not connected", crit=1),
    "actions": Check("actions", "enabled actions that are not connected", crit=1),
    "sources": Check("sources", "enabled sources that are not connected", crit=1),
    "alarms": Check("alarms", "alarms that are active", warn=1),
    "rules": Check("rule metrics", "failures among a rule's actions and SQL, the worst rule", "%", 1, 10),
    "drops": Check("metrics", "messages lost because a client's queue was full", "%", 0.1, 1),
    "license": Check("license", "time until the license expires", "s", 30 * DAY, 7 * DAY, falling=True),
    "license-use": Check("license", "connections in use, of those the license allows", "%", 80, 95),
    "certificates": Check(
        "certificates", "time until a listener's certificate expires", "s", 30 * DAY, 7 * DAY, falling=True
    ),
    "api-keys": Check("api-keys", "time until an API key expires", "s", 14 * DAY, 3 * DAY, falling=True),
}


class Limits(NamedTuple):
    """From which value on a check warns, and from which it is critical; None: never."""

    warn: float | None = None
    crit: float | None = None

    def judge(self, check: Check, value: float) -> Level:
        """Tell how bad a value is."""
        for limit, level in ((self.crit, Level.CRITICAL), (self.warn, Level.WARNING)):
            if limit is not None and (value < limit if check.falling else value >= limit):
                return level
        return Level.OK


def limits(warn: Sequence[str], crit: Sequence[str]) -> dict[str, Limits]:
    """Settle the limits of every check: the given ones before the defaults. Raises UsageError."""
    given = {"warn": read("--warn", warn), "crit": read("--crit", crit)}
    found = {}
    for name, check in CHECKS.items():
        sides = {side: values.get(name, getattr(check, side)) for side, values in given.items()}
        found[name] = Limits(**sides)
    return found


def read(option: str, texts: Sequence[str]) -> dict[str, float | None]:
    """Read limits like `memory=80%`, several divided by commas; `off` takes one away. Raises UsageError."""
    found = {}
    for text in (part.strip() for one in texts for part in one.split(",")):
        name, sign, value = text.partition("=")
        if not sign:
            message = f"{option} {text!r}: not NAME=VALUE"
            raise UsageError(message, hint=f"{option} memory=80%; the names: {', '.join(CHECKS)}")
        known(option, name)
        found[name] = None if value == OFF else amount(option, name, value)
    return found


def known(option: str, name: str) -> str:
    """Check the name of a check. Raises UsageError."""
    if name not in CHECKS:
        from difflib import get_close_matches

        close = get_close_matches(name, CHECKS, n=1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        message = f"{option}: there is no check {name!r}.{meant}"
        raise UsageError(message, hint=f"the checks: {', '.join(CHECKS)}")
    return name


def amount(option: str, name: str, text: str) -> float:
    """Read a limit in the unit of its check. Raises UsageError."""
    unit = CHECKS[name].unit
    number = text.removesuffix("%") if unit == "%" else text
    try:
        if unit == "s":
            return parse_duration(text)
        if re.fullmatch(r"\d+(\.\d+)?", number):
            return float(number)
    except ValueError:
        pass
    kind = {"%": "a percentage like 80%", "s": "a time like 30d"}.get(unit, "a number")
    message = f"{option} {name}={text}: not {kind}"
    raise UsageError(message, hint=f"{name}: {CHECKS[name].summary}; {option} {name}={OFF} takes it away")


def written(check: Check, value: float | None) -> str:
    """Write a value or a limit in the unit of its check."""
    if value is None:
        return "-"
    if check.unit == "s":
        return format_duration(value)
    return f"{value:.3g}%" if check.unit == "%" else f"{value:.10g}"


def chosen(only: Sequence[str], skip: Sequence[str], explicit: Collection[str]) -> list[str]:
    """Choose the checks to do: all, but API keys only where they are asked for. Raises UsageError."""
    wanted = [known("--only", name.strip()) for one in only for name in one.split(",")]
    unwanted = {known("--skip", name.strip()) for one in skip for name in one.split(",")}
    return [
        name
        for name in CHECKS
        if name not in unwanted and (name in wanted if wanted else name != "api-keys" or name in explicit)
    ]
