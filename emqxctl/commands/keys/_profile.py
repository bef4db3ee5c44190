"""What the commands of `emqxctl keys` share: a profile's name, its row, and storing a new profile."""

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.prompts import prompt
from emqxctl.config.profiles import SANDBOX, Profile, edit_config
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
    Column("protected", format=lambda value: format_plain(value) if value else "", optional=True),
    Column("readonly", format=lambda value: format_plain(value) if value else "", optional=True),
)
FILE_FIELDS = ("secret_file", "ca_file", "client_cert", "client_key")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Profile name.")]
OptionalName = Annotated[
    str | None, typer.Argument(metavar="NAME", help="Profile name. Defaults to the current profile.")
]
SecretCommand = Annotated[
    str | None,
    typer.Option(metavar="COMMAND", help="Command that prints the secret, run without a shell."),
]
SecretEnv = Annotated[
    str | None, typer.Option(metavar="VARIABLE", help="Environment variable that contains the secret.")
]
SecretFile = Annotated[
    str | None, typer.Option(metavar="FILE", help="File to read the secret from on every run.")
]
Protected = Annotated[
    bool, typer.Option("--protected", help="Require the profile's name to confirm destructive commands.")
]
ReadOnly = Annotated[bool, typer.Option("--readonly", help="Refuse every change.")]
Banner = Annotated[str, typer.Option(metavar="COLOR", help="Color of `keys prompt`, such as red.")]


def check_profile_name(name: str) -> None:
    """Refuse names that cannot be typed or are reserved. Raises UsageError."""
    if not NAME.fullmatch(name):
        message = f"invalid profile name {name!r}"
        raise UsageError(message, hint="use letters, digits, and . _ @ - after the first character")
    if name == SANDBOX:
        message = f"profile name {name!r} is reserved for the simulated cluster"
        raise UsageError(message, hint="choose another name")


def prompt_required(
    session: "Session", option: str, question: str, hint: str = "emqxctl keys add --help"
) -> str:
    """Prompt for a value that no option has. Raises UsageError if it is not possible to prompt."""
    text = prompt(question) if session.can_prompt() else ""
    if not text:
        message = f"--{option} is required"
        raise UsageError(message, hint=hint)
    return text


def require_current_profile() -> str:
    """Raise ConfigError: no profile is given and none is current."""
    message = "no current profile"
    raise ConfigError(message, code="NO_CURRENT_PROFILE", hint="select one: emqxctl keys use NAME")


def reject_existing_profile(session: "Session", name: str, hint: str) -> None:
    """Refuse the name of an existing profile. Raises ConfigError."""
    if name in session.config.profiles:
        raise profile_exists_error(name, hint)


def profile_exists_error(name: str, hint: str) -> ConfigError:
    """Return the error for a new profile whose name exists."""
    return ConfigError(f"profile {name!r} already exists", code="PROFILE_EXISTS", hint=hint)


def store_profile(session: "Session", profile: Profile, *, replace: bool) -> str:
    """Store a new profile and return the name of the current profile; the first profile becomes current.

    Raises ConfigError if another process added a profile of that name meanwhile.
    """
    with edit_config(session.environ) as edit:
        if profile.name in edit.config.profiles and not replace:
            raise profile_exists_error(profile.name, "replace it with --replace")
        config = edit.config.with_profile(profile._replace(**make_paths_absolute(profile._asdict())))
        edit.config = config if config.current else config.with_current(profile.name)
        return edit.config.current


def make_paths_absolute(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a profile whose files are found from every folder, not only from this one."""
    return {name: absolute_path(value) if name in FILE_FIELDS else value for name, value in fields.items()}


def absolute_path(name: str) -> str:
    """Return the name of a file for config.toml, which also other folders use: absolute.

    Names that begin with `~` are kept, and so is `-` (stdin).
    """
    return name if name in {"", "-"} or name.startswith("~") else os.path.abspath(name)  # noqa: PTH100


def profile_row(profile: Profile, current: str) -> dict[str, object]:
    """Return a profile as a row: where its secret is stored, not the secret."""
    secret_sources = {
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
        "secret": next((source for source, value in secret_sources.items() if value), None),
        "ca_file": profile.ca_file or None,
        "client_cert": profile.client_cert or None,
        "insecure": profile.insecure,
        "proxy": profile.proxy or None,
        "protected": profile.protected,
        "readonly": profile.readonly,
        "color": profile.color or None,
    }
