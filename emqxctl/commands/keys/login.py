"""`emqxctl keys login`: an API key created by a dashboard user, tested, and stored as a profile."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.completion.declared import complete_profiles
from emqxctl.cli.dashboard_login import log_in
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.keys._api_key import (
    CreatedKey,
    Expires,
    created_key,
    format_expiry,
    key_request,
    new_name,
    wait_until_usable,
)
from emqxctl.commands.keys._profile import (
    Banner,
    Name,
    Protected,
    ReadOnly,
    check_profile_name,
    profile_row,
    prompt_required,
    reject_existing_profile,
    store_profile,
)
from emqxctl.config.profiles import COLORS, Profile
from emqxctl.config.settings import PREFIX, normalize_url
from emqxctl.diagnosis.api_key import describe_key
from emqxctl.errors import ConfigError
from emqxctl.output.results import Done

REPLACE_HINT = "create a new key with --replace, or also retire the old one: emqxctl keys rotate"


@command(
    calls=("POST /api_key", "DELETE /api_key/{name}", "GET /nodes"),
    examples=(
        "emqxctl keys login prod --url https://emqx.example.com:18084",
        "emqxctl keys login ci --url http://emqx:18083 --username admin --password-file pw --role viewer",
        "pass emqx/admin | emqxctl keys login prod --replace --username admin --password-file -",
    ),
    effect=Effect.WRITE,
    login=True,
    completes={"name": complete_profiles, "key_name": "", "banner": COLORS},
)
def login(
    session: Session,
    name: Name,
    key_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the key on the server (default: generated).")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE", help="Role: administrator, viewer or publisher (Enterprise, EMQX 5.9+)."
        ),
    ] = None,
    expires: Expires = None,
    protected: Protected = False,
    readonly: ReadOnly = False,
    banner: Banner = "",
    replace_: Annotated[
        bool, typer.Option("--replace", help="Replace the key of an existing profile.")
    ] = False,
) -> Done:
    """Create an API key and a profile as a dashboard user.

    The password of the dashboard user is not stored and the key's secret is not shown. If the key does not
    work or cannot be stored, it is deleted.
    """
    check_profile_name(name)
    if not replace_:
        reject_existing_profile(session, name, REPLACE_HINT)
    select_server(session, name)
    body = key_request(key_name or new_name(name), format_expiry(expires), {"role": role})
    client = log_in(session)
    if session.sandbox is not None:
        message = "the sandbox of this command would stop with it"
        raise ConfigError(message, code="SANDBOX_PASSES", hint="keep one running: emqxctl sandbox start")
    with created_key(session, client, body, has_generated_name=key_name is None) as key:
        if key is None:
            return Done(f"dry run: profile {name!r} not stored", {"name": name}, key="name")
        profile = build_profile(session, name, key, client.connection.url)
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


def select_server(session: Session, name: str) -> None:
    """Switch to the server that the options name, or to the profile to be replaced; else prompt for a URL.

    The current profile does not apply: neither its server nor its guards are meant.
    """
    options, environ = session.options, session.environ
    if name in session.config.profiles:
        session.use_profile(name)
    elif not (options.get("profile") or environ.get(PREFIX + "PROFILE")):
        url = str(options.get("url") or environ.get(PREFIX + "URL") or "")
        url = url or prompt_required(
            session, "url", "URL of the cluster (http://HOST:18083): ", "emqxctl keys login --help"
        )
        session.use_url(normalize_url(url))


def build_profile(session: Session, name: str, key: CreatedKey, url: str) -> Profile:
    """Build the profile of a new key: like the profile it replaces, else with the options of this run."""
    settings = session.settings
    profile = session.config.profiles.get(name) or Profile(
        name,
        ca_file=settings.ca_file,
        client_cert=settings.client_cert,
        client_key=settings.client_key,
        insecure=settings.insecure,
        proxy=settings.proxy,
    )
    return with_key(profile, key)._replace(url=url)


def with_key(profile: Profile, key: CreatedKey) -> Profile:
    """Return a profile with another key; its secret is stored in the file, wherever the old one was."""
    return profile._replace(
        api_key=key.api_key, api_secret=key.api_secret, secret_file="", secret_env="", secret_command=()
    )
