"""`emqxctl keys`: manage profiles, which are clusters and their API keys."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.completion.declared import complete_profiles
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.keys._profile import (
    COLUMNS,
    Name,
    OptionalName,
    check_profile_name,
    profile_exists_error,
    profile_row,
    require_current_profile,
)
from emqxctl.config.profiles import SANDBOX, edit_config
from emqxctl.diagnosis.permissions import PERMISSION_CALLS
from emqxctl.errors import ConfigError
from emqxctl.output.results import Done, Record, Result, Rows, Text
from emqxctl.resource import Column
from emqxctl.verbs.existence import MISSING, unchanged

PROFILES = {"name": complete_profiles}

app = new_group("Manage profiles: clusters and their API keys.")
app.lazy("add", "Add a profile.")
app.lazy("login", "Create an API key and a profile as a dashboard user.")
app.lazy("set", "Change a profile.")
app.lazy("rotate", "Replace a profile's API key and retire the old one.")


@app.command("list")
@command(examples=("emqxctl keys list", "emqxctl keys list -o name"))
def list_(session: Session) -> Rows:
    """List profiles, without their secrets."""
    config = session.config
    rows = [profile_row(profile, config.current) for _, profile in sorted(config.profiles.items())]
    return Rows(rows, COLUMNS, key="name", plural_noun="profiles")


@app.command()
@command(
    examples=("emqxctl keys get prod", "emqxctl keys get -o json"), completes={"names": complete_profiles}
)
def get(
    session: Session,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Profiles (default: the current one).")
    ] = None,
) -> Result:
    """Show profiles, without their secrets."""
    config = session.config
    selected = names or [session.settings.profile or require_current_profile()]
    rows = [profile_row(config.get_profile(name), config.current) for name in selected]
    if len(rows) == 1:
        return Record(rows[0], COLUMNS, key="name")
    return Rows(rows, COLUMNS, key="name", plural_noun="profiles")


@app.command()
@command(
    examples=("emqxctl keys use prod", "emqxctl keys use -"),
    effect=Effect.WRITE,
    local=True,
    completes=PROFILES,
)
def use(session: Session, name: Name) -> Done:
    """Switch to a profile (- for the previous one)."""
    with edit_config(session.environ) as edit:
        new_current = edit.config.previous if name == "-" else name
        if not new_current:
            message = "no previous profile"
            raise ConfigError(message, hint="select one by name: emqxctl keys use NAME")
        if new_current != SANDBOX:
            edit.config.get_profile(new_current)
        if not session.settings.dry_run:
            edit.config = edit.config.with_current(new_current)
    return Done(f"using profile {new_current!r}", {"current": new_current}, key="current")


@app.command()
@command(examples=("emqxctl keys current", "emqxctl keys current -o name"), takes_profile=True)
def current(session: Session) -> Record:
    """Show the profile that this run would use."""
    name = session.settings.profile or require_current_profile()
    profile: dict[str, object] = {"name": name, "url": session.settings.url or None}
    return Record(profile, (Column("name"), Column("url", "URL")), key="name")


@app.command()
@command(
    examples=("emqxctl keys rename prod production",),
    effect=Effect.WRITE,
    local=True,
    completes={**PROFILES, "new": ""},
)
def rename(
    session: Session, name: Name, new: Annotated[str, typer.Argument(metavar="NEW", help="New name.")]
) -> Done:
    """Rename a profile."""
    check_profile_name(new)
    with edit_config(session.environ) as edit:
        profile = edit.config.get_profile(name)
        if new in edit.config.profiles:
            raise profile_exists_error(new, "choose another name")
        config = edit.config
        renamed = config.without_profile(name).with_profile(profile._replace(name=new))
        renamed = renamed._replace(
            current=new if config.current == name else config.current,
            previous=new if config.previous == name else config.previous,
        )
        if not session.settings.dry_run:
            edit.config = renamed
    return Done(f"renamed profile {name!r} to {new!r}", {"name": new}, key="name")


@app.command()
@command(examples=("emqxctl keys remove old --yes",), effect=Effect.DESTROY, local=True, completes=PROFILES)
def remove(session: Session, name: Name) -> Done:
    """Remove a profile.

    Its API key remains on the server.
    """
    if session.options.get("if_exists") and name not in session.config.profiles:
        return unchanged(f"profile {name!r}", {"name": name}, MISSING)
    session.config.get_profile(name)
    session.confirm(f"remove profile {name!r}")
    with edit_config(session.environ) as edit:
        edit.config.get_profile(name)
        if not session.settings.dry_run:
            edit.config = edit.config.without_profile(name)
    return Done(f"removed profile {name!r}", {"name": name}, key="name")


@app.command()
@command(calls=PERMISSION_CALLS, examples=("emqxctl keys test", "emqxctl keys test prod"), completes=PROFILES)
def test(session: Session, name: OptionalName = None) -> Record:
    """Test a profile's API key on its server.

    Also shows the key's role, and its scopes and namespace if it has not all of them.
    """
    from emqxctl.diagnosis.api_key import check_key, describe_permissions

    if name is not None:
        session.use_profile(name)
    key_status = check_key(session.client)
    if "permissions" not in key_status:
        key_status |= describe_permissions(session.client, key_status)
    profile = session.settings.profile or None
    return Record({"profile": profile, "url": session.connection.url, **key_status}, key="profile")


@app.command()
@command(
    calls=PERMISSION_CALLS,
    examples=("emqxctl keys doctor", "emqxctl keys doctor -p prod -o json"),
)
def doctor(session: Session) -> Rows:
    """Diagnose a profile's connection (same as doctor)."""
    from emqxctl.diagnosis.doctor import diagnose

    return diagnose(session)


@app.command()
@command(
    examples=("PS1='$(emqxctl keys prompt) $ '", "emqxctl keys prompt -p prod --plain"), takes_profile=True
)
def prompt(
    session: Session, plain_: Annotated[bool, typer.Option("--plain", help="Print without color.")] = False
) -> Text:
    """Print the current profile for a shell prompt, in its color."""
    name = session.settings.profile
    if not name:
        return Text("")
    from emqxctl.config.profiles import COLORS

    color = session.settings.banner
    guard_mark = "!" if session.settings.protected else ""
    text = f"({name}{guard_mark})"
    if plain_ or color not in COLORS or session.environ.get("NO_COLOR"):
        return Text(text + "\n")
    return Text(f"\x1b[{30 + COLORS.index(color)}m{text}\x1b[0m\n")
