"""The expiration of an API key: a lifetime, a time, or never."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from emqxctl.cli.param_types import UnitType, parse_future_time, parse_positive_duration
from emqxctl.errors import UsageError

NEVER = "infinity"


def parse_lifetime(text: str) -> str:
    """Parse a duration from now as the field `expired_at`, RFC 3339. Raises ValueError."""
    end = datetime.now(UTC) + timedelta(seconds=parse_positive_duration(text))
    return end.isoformat(timespec="seconds")


def parse_expiry(text: str) -> str:
    """Parse a future time or `never` as the field `expired_at`. Raises ValueError."""
    if text in {"never", NEVER}:
        return NEVER
    return parse_future_time(text).isoformat(timespec="seconds")


LIFETIME = UnitType("TIME", parse_lifetime, example="90d", hint="a duration, such as 12h or 90d")
EXPIRY = UnitType(
    "TIME",
    parse_expiry,
    example="2027-01-01T00:00:00Z",
    hint="a time, such as 2027-01-01T00:00:00Z, or never; disable a key: emqxctl api-keys disable NAME",
)

LifetimeOption = Annotated[
    str | None,
    typer.Option("--for", metavar="TIME", click_type=LIFETIME, help="Lifetime, such as 12h or 90d."),
]
ExpiresOption = Annotated[
    str | None,
    typer.Option(metavar="TIME", click_type=EXPIRY, help="Expiration time (RFC 3339), or never."),
]


def select_expiry(lifetime: str | None, expiry: str | None) -> str | None:
    """Return the expiry that --for or --expires sets. Raises UsageError for both."""
    if lifetime and expiry:
        message = "--for and --expires cannot be used together"
        raise UsageError(message, hint="use one of them")
    return lifetime or expiry
