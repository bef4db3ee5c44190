"""`emqxctl keys`: profiles, the clusters you work with and their API keys."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.prompts import prompt_secret
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.keys._profile import (
    COLUMNS,
    Name,
    OptionalName,
    check_profile_name,
    profile_row,
    prompt_required,
    require_current_profile,
)
from emqxctl.config.profiles import SANDBOX, Profile, edit_config
from emqxctl.config.settings import normalize_url, resolve_settings
from emqxctl.diagnosis.api_key import check_key, verify_key
from emqxctl.errors import ConfigError, UsageError
from emqxctl.output.results import Done, Record, Rows, Text
from emqxctl.resource import Column

app = new_group("Profiles: your clusters and their API keys.")
app.lazy("login", "Log in, make an API key and add it as a profile.")
app.lazy("rotate", "Give a profile a new API key and retire the old one.")


@app.command()
@command(
    calls=("GET /nodes", "GET /status"),
    examples=(
        "emqxctl keys add prod --url https://emqx.example.com:18084 --api-key 4f33d24d",
        "pass emqx/prod | emqxctl keys add prod --url https://emqx:18084 --api-key 4f33 --api-secret-file -",
        "emqxctl keys add prod --url https://emqx:18084 --api-key 4f33 --secret-command 'pass emqx/prod'",
    ),
    effect=Effect.WRITE,
)
def add(
    session: Session,
    name: Name,
    secret_command: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="A command that prints the secret; no shell.")
    ] = None,
    secret_env: Annotated[
        str | None, typer.Option(metavar="VARIABLE", help="The variable that holds the secret.")
    ] = None,
    secret_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="The file to read the secret from, each time.")
    ] = None,
    protected: Annotated[
        bool, typer.Option("--protected", help="Ask for its name before destroying.")
    ] = False,
    readonly: Annotated[bool, typer.Option("--readonly", help="Refuse every change.")] = False,
    banner: Annotated[str, typer.Option(metavar="COLOUR", help="Its colour in the prompt: red.")] = "",
    verify_: Annotated[bool, typer.Option("--verify/--no-verify", help="Try the key on the server.")] = True,
    replace_: Annotated[bool, typer.Option("--replace", help="Replace a profile of that name.")] = False,
) -> Done:
    """Add a profile.

    URL, API key and secret come from options and variables, or are asked for on a terminal. The new profile
    takes nothing from the current one.
    """
    check_profile_name(name)
    if name in session.config.profiles and not replace_:
        message = f"there is a profile {name!r} already"
        raise ConfigError(message, code="PROFILE_EXISTS", hint=f"--replace, or: emqxctl keys remove {name}")
    profile = connection_profile(session, name)._replace(
        secret_command=split_command(secret_command),
        secret_env=secret_env or "",
        secret_file=secret_file or "",
        protected=protected,
        readonly=readonly,
        color=banner,
    )
    profile = with_secret(session, profile)
    notes = verify_key(session, profile) if verify_ else ("not verified: emqxctl keys test",)
    if session.settings.dry_run:
        return Done(f"dry run: profile {name!r} not written", profile_row(profile, current=""), key="name")
    with edit_config(session.environ) as edit:
        if name in edit.config.profiles and not replace_:
            message = f"there is a profile {name!r} already"
            raise ConfigError(message, code="PROFILE_EXISTS", hint="--replace")
        config = edit.config.with_profile(profile)
        edit.config = config if config.current else config.with_current(name)
        current = edit.config.current
    return Done(f"added profile {name!r}", profile_row(profile, current), key="name", notes=notes)


def connection_profile(session: Session, name: str) -> Profile:
    """Make a profile of how options and variables reach a cluster; ask for the URL and key that they lack.

    No profile applies for the rest of this run. Raises UsageError for --profile, and for a missing value when
    not on a terminal.
    """
    if session.options.get("profile"):
        message = "--profile is not supported by emqxctl keys add"
        raise UsageError(message, hint="NAME is the new profile; it takes nothing from another profile")
    session.leave_profile()
    no_profile = session.config._replace(current="")
    typed = resolve_settings(session.options, session.environ, no_profile, {})
    url = typed.url or prompt_required(session, "url", "URL of the cluster (http://HOST:18083): ")
    return Profile(
        name,
        url=normalize_url(url),
        api_key=typed.api_key or prompt_required(session, "api-key", "API key: "),
        ca_file=typed.ca_file,
        client_cert=typed.client_cert,
        client_key=typed.client_key,
        insecure=typed.insecure,
        proxy=typed.proxy,
    )


def split_command(line: str | None) -> tuple[str, ...]:
    """Split a command line as a shell would, without running one. Raises UsageError for an open quote."""
    import shlex

    try:
        return tuple(shlex.split(line or ""))
    except ValueError as error:
        message = f"--secret-command: {error}"
        raise UsageError(message) from error


def with_secret(session: Session, profile: Profile) -> Profile:
    """Give the profile its secret: its own source, --api-secret-file, the environment, or the terminal."""
    if profile.secret_command or profile.secret_env or profile.secret_file:
        return profile
    from emqxctl.config.credentials import resolve_secret

    found = resolve_secret(session.settings, None, session.environ)
    if not found and session.can_prompt():
        found = prompt_secret("API secret (not shown): ")
    if not found:
        message = "the API secret is required"
        raise UsageError(message, hint="give --api-secret-file FILE (- for stdin), or --secret-command")
    return profile._replace(api_secret=found)


@app.command("list")
@command(examples=("emqxctl keys list", "emqxctl keys list -o name"))
def list_(session: Session) -> Rows:
    """List the profiles; secrets are never shown."""
    config = session.config
    rows = [profile_row(profile, config.current) for _, profile in sorted(config.profiles.items())]
    return Rows(rows, COLUMNS, key="name", plural_noun="profiles")


@app.command()
@command(examples=("emqxctl keys get prod", "emqxctl keys get -o json"))
def get(session: Session, name: OptionalName = None) -> Record:
    """Show one profile; its secret is never shown."""
    profile = session.config.get_profile(name or session.settings.profile or require_current_profile())
    return Record(profile_row(profile, session.config.current), COLUMNS, key="name")


@app.command()
@command(examples=("emqxctl keys use prod", "emqxctl keys use -"), effect=Effect.WRITE, local=True)
def use(session: Session, name: Name) -> Done:
    """Make a profile the current one; - for the one before."""
    with edit_config(session.environ) as edit:
        wanted = edit.config.previous if name == "-" else name
        if not wanted:
            message = "there is no profile before this one"
            raise ConfigError(message, hint="emqxctl keys use NAME")
        if wanted != SANDBOX:
            edit.config.get_profile(wanted)
        if not session.settings.dry_run:
            edit.config = edit.config.with_current(wanted)
    return Done(f"using profile {wanted!r}", {"current": wanted}, key="current")


@app.command()
@command(examples=("emqxctl keys current", "emqxctl keys current -o name"))
def current(session: Session) -> Record:
    """Show the profile that this run would use."""
    name = session.settings.profile or require_current_profile()
    found: dict[str, object] = {"name": name, "url": session.settings.url or None}
    return Record(found, (Column("name"), Column("url", "URL")), key="name")


@app.command()
@command(examples=("emqxctl keys rename prod production",), effect=Effect.WRITE, local=True)
def rename(
    session: Session, name: Name, new: Annotated[str, typer.Argument(metavar="NEW", help="The new name.")]
) -> Done:
    """Rename a profile."""
    check_profile_name(new)
    with edit_config(session.environ) as edit:
        profile = edit.config.get_profile(name)
        if new in edit.config.profiles:
            message = f"there is a profile {new!r} already"
            raise ConfigError(message, code="PROFILE_EXISTS", hint="choose another name")
        config = edit.config
        changed = config.without_profile(name).with_profile(profile._replace(name=new))
        changed = changed._replace(
            current=new if config.current == name else config.current,
            previous=new if config.previous == name else config.previous,
        )
        if not session.settings.dry_run:
            edit.config = changed
    return Done(f"renamed profile {name!r} to {new!r}", {"name": new}, key="name")


@app.command()
@command(examples=("emqxctl keys remove old --yes",), effect=Effect.DESTROY, local=True)
def remove(session: Session, name: Name) -> Done:
    """Remove a profile from the file; the server keeps its key."""
    session.config.get_profile(name)
    session.confirm(f"remove profile {name!r}")
    with edit_config(session.environ) as edit:
        edit.config.get_profile(name)
        if not session.settings.dry_run:
            edit.config = edit.config.without_profile(name)
    return Done(f"removed profile {name!r}", {"name": name}, key="name")


@app.command()
@command(calls=("GET /nodes", "GET /status"), examples=("emqxctl keys test", "emqxctl keys test prod"))
def test(session: Session, name: OptionalName = None) -> Record:
    """Try a profile's key on its server."""
    if name is not None:
        session.use_profile(name)
    found = check_key(session.client)
    return Record(
        {"profile": session.settings.profile or None, "url": session.connection.url, **found}, key="profile"
    )


@app.command()
@command(
    calls=("GET /status", "GET /nodes", "POST /rule_test"),
    examples=("emqxctl keys doctor", "emqxctl keys doctor -p prod -o json"),
)
def doctor(session: Session) -> Rows:
    """Check a profile's way to its cluster; the same as doctor."""
    from emqxctl.diagnosis.doctor import diagnose

    return diagnose(session)


@app.command()
@command(examples=("PS1='$(emqxctl keys prompt) $ '", "emqxctl keys prompt --plain"))
def prompt(
    session: Session, plain_: Annotated[bool, typer.Option("--plain", help="Without colour.")] = False
) -> Text:
    """Print the current profile for a shell prompt, in its colour."""
    name = session.settings.profile
    if not name:
        return Text("")
    from emqxctl.config.profiles import COLORS

    colour = session.settings.banner
    guards = "!" if session.settings.protected else ""
    text = f"({name}{guards})"
    if plain_ or colour not in COLORS or session.environ.get("NO_COLOR"):
        return Text(text + "\n")
    return Text(f"\x1b[{30 + COLORS.index(colour)}m{text}\x1b[0m\n")
