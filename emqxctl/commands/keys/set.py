"""`emqxctl keys set`: change single fields of a profile."""

from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.completion.declared import complete_profiles
from emqxctl.cli.input.files import read_secret
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.keys._profile import (
    OptionalName,
    SecretCommand,
    SecretEnv,
    SecretFile,
    make_paths_absolute,
    profile_row,
    require_current_profile,
)
from emqxctl.commands.keys.add import split_command
from emqxctl.config.profiles import COLORS, PROFILE_KEYS, SANDBOX, Profile, edit_config
from emqxctl.config.settings import normalize_url
from emqxctl.diagnosis.api_key import verify_key
from emqxctl.errors import UsageError
from emqxctl.output.results import Done

SECRET_FIELDS = ("api_secret", "secret_file", "secret_env", "secret_command")
CONNECTION_OPTIONS = ("api_key", "ca_file", "client_cert", "client_key", "insecure", "proxy", "timeout")
TYPED_FOR_PROFILE = frozenset({"url", "api_secret_file", *CONNECTION_OPTIONS})
VERIFIED_FIELDS = frozenset({"url", "api_key", *SECRET_FIELDS})  # what the key or its server depends on
UNSET_NAMES = ("proxy", "ca_file", "client_cert", "client_key", "insecure", "timeout", "color")


@command(
    calls=("GET /nodes", "GET /status"),
    examples=(
        "emqxctl keys set prod --readonly",
        "emqxctl keys set prod --url https://emqx2.example.com:18084",
        "emqxctl keys set prod --api-key 4f33d24d --secret-command 'pass show emqx/prod'",
        "emqxctl keys set --no-protected --banner green --unset proxy",
    ),
    effect=Effect.WRITE,
    completes={"name": complete_profiles, "banner": COLORS, "unset": UNSET_NAMES},
)
def set(  # noqa: A001  # the word that users type
    session: Session,
    name: OptionalName = None,
    secret_command: SecretCommand = None,
    secret_env: SecretEnv = None,
    secret_file: SecretFile = None,
    protected: Annotated[
        bool | None,
        typer.Option(
            "--protected/--no-protected", help="Require the profile's name to confirm destructive commands."
        ),
    ] = None,
    readonly: Annotated[
        bool | None, typer.Option("--readonly/--no-readonly", help="Refuse every change.")
    ] = None,
    banner: Annotated[
        str | None, typer.Option(metavar="COLOR", help="Color of `keys prompt`, such as red.")
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Remove a field, such as proxy or insecure. Repeatable."),
    ] = None,
    verify_: Annotated[
        bool, typer.Option("--verify/--no-verify", help="Test a new URL, API key or secret on the server.")
    ] = True,
) -> Done:
    """Change a profile.

    Only what an option names is changed: also --url, --api-key, --api-secret-file (stores the secret in the
    profile), --ca-file, --client-cert, --client-key, --insecure, --proxy and --timeout. A new source of the
    secret replaces the former one.
    """
    name = name or session.settings.profile or require_current_profile()
    before = session.config.get_profile(name)
    secrets = {"secret_env": secret_env, "secret_file": secret_file}
    changes = {
        **unset_fields(unset or []),
        **list_connection_changes(session),
        **read_secret_changes(session, {**secrets, "secret_command": split_command(secret_command)}),
        **select_typed_values(protected=protected, readonly=readonly, color=check_color(banner)),
    }
    if not changes:
        message = "no changes specified"
        raise UsageError(message, hint="name what to change, such as --url URL: emqxctl keys set --help")
    profile = before._replace(**changes)
    notes = verify_change(session, profile, changes, is_requested=verify_)
    if session.settings.dry_run:
        row = profile_row(profile, session.config.current)
        return Done(f"dry run: profile {name!r} not changed", row, key="name", notes=notes)
    with edit_config(session.environ) as edit:
        changed = edit.config.get_profile(name)._replace(**make_paths_absolute(changes))
        edit.config = edit.config.with_profile(changed)
        row = profile_row(edit.config.profiles[name], edit.config.current)
    return Done(f"changed {', '.join(changes)} of profile {name!r}", row, key="name", notes=notes)


def select_typed_values(**values: object) -> dict[str, Any]:
    """Return the values that were typed."""
    return {name: value for name, value in values.items() if value not in (None, (), "")}


def list_connection_changes(session: Session) -> dict[str, Any]:
    """Return the fields that the connection options change; variables and other profiles do not count."""
    options = session.options
    changes = select_typed_values(**{name: options.get(name) for name in CONNECTION_OPTIONS})
    url = options.get("url")
    return {"url": normalize_url(str(url)), **changes} if url else changes


def read_secret_changes(session: Session, sources: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a new secret: its source, and the others empty. Raises UsageError for several."""
    typed_sources = select_typed_values(**sources)
    file = session.options.get("api_secret_file")
    if file:
        typed_sources["api_secret"] = read_secret(str(file), "--api-secret-file")
    if len(typed_sources) > 1:
        message = "several sources of the secret"
        raise UsageError(
            message, hint="use one of --api-secret-file, --secret-file, --secret-env, --secret-command"
        )
    empty = Profile("")
    return {name: getattr(empty, name) for name in SECRET_FIELDS} | typed_sources if typed_sources else {}


def unset_fields(names: list[str]) -> dict[str, Any]:
    """Return the named fields with their empty values. Raises UsageError for one that cannot be removed."""
    fields = ["color" if name == "banner" else name.replace("-", "_") for name in names]
    for name, field in zip(names, fields, strict=True):
        if field not in UNSET_NAMES or field not in PROFILE_KEYS:
            message = f"--unset {name}: not a field that can be removed"
            raise UsageError(message, hint=f"fields: {', '.join(UNSET_NAMES)}")
    empty = Profile("")
    return {field: getattr(empty, field) for field in fields}


def check_color(color: str | None) -> str | None:
    """Return a color of `keys prompt`. Raises UsageError for an unknown one."""
    if color and color not in COLORS:
        message = f"--banner: unknown color {color!r}"
        raise UsageError(message, hint=f"colors: {', '.join(COLORS)}")
    return color


def verify_change(
    session: Session, profile: Profile, changes: dict[str, Any], *, is_requested: bool
) -> tuple[str, ...]:
    """Test the changed profile on its server if that matters, and return notes. Raises the server's error."""
    if profile.name == SANDBOX or VERIFIED_FIELDS.isdisjoint(changes):
        return ()
    if not is_requested:
        return (f"not verified; test it: emqxctl keys test {profile.name}",)
    session.config = session.config.with_profile(profile)
    session.options = {key: value for key, value in session.options.items() if key not in TYPED_FOR_PROFILE}
    session.use_profile(profile.name)
    return verify_key(session, profile)
