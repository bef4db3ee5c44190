"""`emqxctl keys login`: an API key made by a dashboard user, tested, and stored as a profile."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.keys._api_key import (
    CreatedKey,
    created_key,
    key_request,
    new_name,
    parse_expiry,
    wait_until_usable,
)
from emqxctl.commands.keys._profile import Name, check_profile_name, profile_row, prompt_required
from emqxctl.config.profiles import Profile, edit_config
from emqxctl.config.settings import PREFIX, normalize_url
from emqxctl.diagnosis.api_key import describe_key
from emqxctl.errors import ConfigError
from emqxctl.output.results import Done

Role = Annotated[
    str | None, typer.Option(metavar="ROLE", help="administrator, viewer or publisher (Enterprise, 5.9+).")
]


@command(
    calls=("POST /api_key", "DELETE /api_key/{name}", "GET /nodes"),
    examples=(
        "emqxctl keys login prod --url https://emqx.example.com:18084",
        "emqxctl keys login ci --url http://emqx:18083 --username admin --password-file pw --role viewer",
        "pass emqx/admin | emqxctl keys login prod --replace --username admin --password-file -",
    ),
    effect=Effect.WRITE,
    login=True,
)
def login(
    session: Session,
    name: Name,
    key_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The key's name on the server; else made up.")
    ] = None,
    role: Role = None,
    expires: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the key ends: 90d, or a time; else never.")
    ] = None,
    protected: Annotated[
        bool, typer.Option("--protected", help="Ask for its name before destroying.")
    ] = False,
    readonly: Annotated[bool, typer.Option("--readonly", help="Refuse every change.")] = False,
    banner: Annotated[str, typer.Option(metavar="COLOUR", help="Its colour in the prompt: red.")] = "",
    replace_: Annotated[
        bool, typer.Option("--replace", help="Give a profile of that name a new key.")
    ] = False,
) -> Done:
    """Log in, make an API key and add it as a profile.

    The dashboard user's password is not kept, and the key's secret never shown. When the key does not work or
    cannot be stored, it is deleted again.
    """
    check_profile_name(name)
    reject_existing_profile(session, name, replace=replace_)
    select_server(session, name)
    ends = parse_expiry(expires) if expires else ""
    body = key_request(key_name or new_name(name), ends, {"role": role})
    api = log_in(session)
    if session.sandbox is not None:
        message = "this simulated cluster will be gone after this command"
        raise ConfigError(message, code="SANDBOX_PASSES", hint="emqxctl sandbox start keeps one running")
    with created_key(session, api, body, ours=key_name is None) as key:
        if key is None:
            return Done(f"dry run: profile {name!r} not written", {"name": name}, key="name")
        profile = build_profile(session, name, key, api.connection.url)
        profile = profile._replace(
            protected=protected or profile.protected,
            readonly=readonly or profile.readonly,
            color=banner or profile.color,
        )
        note = describe_key(wait_until_usable(session, profile))
        current = store_profile(session, profile, replace=replace_)
    return Done(
        f"added profile {name!r} with the API key {key.name}",
        {**profile_row(profile, current), "key_name": key.name, "expired_at": key.expires},
        key="name",
        notes=(note,),
    )


def reject_existing_profile(session: Session, name: str, *, replace: bool) -> None:
    """Refuse a name that is taken, unless it is to be replaced. Raises ConfigError."""
    if name in session.config.profiles and not replace:
        message = f"there is a profile {name!r} already"
        hint = "--replace gives it a new key; emqxctl keys rotate also retires the old one"
        raise ConfigError(message, code="PROFILE_EXISTS", hint=hint)


def select_server(session: Session, name: str) -> None:
    """Turn to the server that the options name, or the profile to be replaced; else ask for it.

    The current profile has no part in it: neither its server nor its guards are meant.
    """
    given, environ = session.options, session.environ
    if name in session.config.profiles:
        session.use_profile(name)
    elif not (given.get("profile") or environ.get(PREFIX + "PROFILE")):
        url = str(given.get("url") or environ.get(PREFIX + "URL") or "")
        url = url or prompt_required(
            session, "url", "URL of the cluster (http://HOST:18083): ", "emqxctl keys login --help"
        )
        session.use_url(normalize_url(url))


def build_profile(session: Session, name: str, key: CreatedKey, url: str) -> Profile:
    """Make the profile of a new key: as the one it replaces, else as the server was reached."""
    settings = session.settings
    known = session.config.profiles.get(name) or Profile(
        name,
        ca_file=settings.ca_file,
        client_cert=settings.client_cert,
        client_key=settings.client_key,
        insecure=settings.insecure,
        proxy=settings.proxy,
    )
    return with_key(known, key)._replace(url=url)


def with_key(profile: Profile, key: CreatedKey) -> Profile:
    """Give a profile another key; its secret is kept in the file, wherever it was before."""
    return profile._replace(
        api_key=key.api_key, api_secret=key.api_secret, secret_file="", secret_env="", secret_command=()
    )


def store_profile(session: Session, profile: Profile, *, replace: bool) -> str:
    """Write a new profile, unless another run did so meanwhile, and give the current one's name."""
    with edit_config(session.environ) as edit:
        if profile.name in edit.config.profiles and not replace:
            message = f"there is a profile {profile.name!r} already"
            raise ConfigError(message, code="PROFILE_EXISTS", hint="--replace")
        config = edit.config.with_profile(profile)
        edit.config = config if config.current else config.with_current(profile.name)
        return edit.config.current
