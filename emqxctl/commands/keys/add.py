"""`emqxctl keys add`: a profile from options, variables and prompts."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.prompts import prompt_secret
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.keys._profile import (
    Banner,
    Name,
    Protected,
    ReadOnly,
    SecretCommand,
    SecretEnv,
    SecretFile,
    check_profile_name,
    profile_row,
    prompt_required,
    reject_existing_profile,
    store_profile,
)
from emqxctl.config.profiles import COLORS, Profile
from emqxctl.config.settings import normalize_url, resolve_settings
from emqxctl.diagnosis.api_key import verify_key
from emqxctl.errors import UsageError
from emqxctl.output.results import Done
from emqxctl.verbs.existence import EXISTING, unchanged


@command(
    calls=("GET /nodes", "GET /status"),
    examples=(
        "emqxctl keys add prod --url https://emqx.example.com:18084 --api-key 4f33d24d",
        "pass emqx/prod | emqxctl keys add prod --url https://emqx:18084 --api-key 4f33 --api-secret-file -",
        "emqxctl keys add prod --url https://emqx:18084 --api-key 4f33 --secret-command 'pass emqx/prod'",
    ),
    effect=Effect.WRITE,
    completes={"name": "", "banner": COLORS},
)
def add(
    session: Session,
    name: Name,
    secret_command: SecretCommand = None,
    secret_env: SecretEnv = None,
    secret_file: SecretFile = None,
    protected: Protected = False,
    readonly: ReadOnly = False,
    banner: Banner = "",
    verify_: Annotated[bool, typer.Option("--verify/--no-verify", help="Test the key on the server.")] = True,
    replace_: Annotated[bool, typer.Option("--replace", help="Replace an existing profile.")] = False,
) -> Done:
    """Add a profile.

    URL, API key and secret come from options and environment variables; a terminal prompts for missing ones.
    The new profile takes nothing from the current one.
    """
    check_profile_name(name)
    if session.options.get("if_not_exists") and name in session.config.profiles:
        return unchanged(f"profile {name!r}", {"name": name}, EXISTING)
    if not replace_:
        reject_existing_profile(
            session, name, f"replace it with --replace, or remove it: emqxctl keys remove {name}"
        )
    profile = profile_from_options(session, name)._replace(
        secret_command=split_command(secret_command),
        secret_env=secret_env or "",
        secret_file=secret_file or "",
        protected=protected,
        readonly=readonly,
        color=banner,
    )
    profile = with_secret(session, profile)
    notes = verify_key(session, profile) if verify_ else (f"not verified; test it: emqxctl keys test {name}",)
    if session.settings.dry_run:
        return Done(f"dry run: profile {name!r} not stored", profile_row(profile, current=""), key="name")
    current = store_profile(session, profile, replace=replace_)
    return Done(f"added profile {name!r}", profile_row(profile, current), key="name", notes=notes)


def profile_from_options(session: Session, name: str) -> Profile:
    """Build a profile from options and variables; prompt for a missing URL and API key.

    No profile applies for the rest of this run. Raises UsageError for --profile, and for a missing value if
    it is not possible to prompt.
    """
    if session.options.get("profile"):
        message = "--profile is not supported by emqxctl keys add"
        raise UsageError(message, hint="NAME is the new profile; it takes nothing from another profile")
    session.leave_profile()
    config = session.config._replace(current="")
    settings = resolve_settings(session.options, session.environ, config, {})
    url = settings.url or prompt_required(session, "url", "URL of the cluster (http://HOST:18083): ")
    return Profile(
        name,
        url=normalize_url(url),
        api_key=settings.api_key or prompt_required(session, "api-key", "API key: "),
        ca_file=settings.ca_file,
        client_cert=settings.client_cert,
        client_key=settings.client_key,
        insecure=settings.insecure,
        proxy=settings.proxy,
    )


def split_command(line: str | None) -> tuple[str, ...]:
    """Split a command line like a shell, without running one. Raises UsageError for an open quote."""
    import shlex

    try:
        return tuple(shlex.split(line or ""))
    except ValueError as error:
        message = f"--secret-command: {str(error).lower()}"
        raise UsageError(message) from error


def with_secret(session: Session, profile: Profile) -> Profile:
    """Return the profile with a secret: its own source, --api-secret-file, the environment, or a prompt."""
    if profile.secret_command or profile.secret_env or profile.secret_file:
        return profile
    from emqxctl.config.credentials import resolve_secret

    secret = resolve_secret(session.settings, None, session.environ)
    if not secret and session.can_prompt():
        secret = prompt_secret("API secret (not shown): ")
    if not secret:
        message = "the API secret is required"
        raise UsageError(message, hint="use --api-secret-file FILE (- for stdin), or --secret-command")
    return profile._replace(api_secret=secret)
