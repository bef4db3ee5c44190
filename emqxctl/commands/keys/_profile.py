"""What the commands of `emqxctl keys` share: a profile's name, its row, and what is asked for."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.prompts import prompt
from emqxctl.config.profiles import SANDBOX, Profile
from emqxctl.errors import ConfigError, UsageError
from emqxctl.output.formatters import format_plain
from emqxctl.resource import Column

if TYPE_CHECKING:
    from emqxctl.cli.session import Session

COLUMNS = (
    Column("name"),
    Column("current", format=lambda value: "*" if value else ""),
    Column("url", "URL"),
    Column("api_key", "API KEY"),
    Column("secret"),
    Column("protected", format=lambda value: format_plain(value) if value else ""),
    Column("readonly", format=lambda value: format_plain(value) if value else ""),
)
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile's name.")]
OptionalName = Annotated[
    str | None, typer.Argument(metavar="NAME", help="The profile's name; without it the current one.")
]


def check_profile_name(name: str) -> None:
    """Refuse names that could not be typed or are reserved. Raises UsageError."""
    if not NAME.fullmatch(name):
        message = f"{name!r} cannot be a profile's name"
        raise UsageError(message, hint="letters, digits, and . _ @ - within")
    if name == SANDBOX:
        message = f"{name!r} is reserved for the simulated cluster"
        raise UsageError(message, hint="choose another name")


def prompt_required(
    session: "Session", option: str, question: str, hint: str = "emqxctl keys add --help"
) -> str:
    """Ask for a value that no option gave. Raises UsageError where nobody can be asked."""
    typed = prompt(question) if session.can_prompt() else ""
    if not typed:
        message = f"--{option} is required"
        raise UsageError(message, hint=hint)
    return typed


def require_current_profile() -> str:
    """Say that no profile is current. Raises ConfigError."""
    message = "no profile is current"
    raise ConfigError(message, code="NO_CURRENT_PROFILE", hint="emqxctl keys use NAME")


def profile_row(profile: Profile, current: str) -> dict[str, object]:
    """Write a profile as a row: where its secret is kept, never the secret."""
    kept = {
        "command": profile.secret_command,
        "file": profile.secret_file,
        "environment": profile.secret_env,
        "config": profile.api_secret,
    }
    return {
        "name": profile.name,
        "current": profile.name == current,
        "url": profile.url,
        "api_key": profile.api_key,
        "secret": next((word for word, value in kept.items() if value), None),
        "ca_file": profile.ca_file or None,
        "client_cert": profile.client_cert or None,
        "insecure": profile.insecure,
        "proxy": profile.proxy or None,
        "protected": profile.protected,
        "readonly": profile.readonly,
        "color": profile.color or None,
    }
