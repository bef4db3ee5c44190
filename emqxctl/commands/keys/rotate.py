"""`emqxctl keys rotate`: a profile gets a new API key; the old one is disabled, and deleted later."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.keys._api_key import (
    INHERITED_FIELDS,
    CreatedKey,
    created_key,
    format_time,
    key_request,
    new_name,
    parse_expiry,
    wait_until_usable,
)
from emqxctl.commands.keys._profile import OptionalName, require_current_profile
from emqxctl.commands.keys.login import with_key
from emqxctl.config.profiles import SANDBOX, Config, Profile, edit_config
from emqxctl.config.settings import is_other_origin, url_origin
from emqxctl.diagnosis.api_key import describe_key
from emqxctl.errors import ConfigError, EmqxctlError, ExitCode, NotFoundError, UsageError
from emqxctl.output.results import Done

if TYPE_CHECKING:
    from datetime import datetime

    from emqxctl.api.client import Client

Key = Mapping[str, Any]
# Kept on the server, in the old key's description: so that any machine can finish what another began.
RETIRED = " [emqxctl: replaced, delete after {}]"
MARK = re.compile(r" ?\[emqxctl: replaced, delete after ([^\]]+)\]$")


@command(
    calls=("GET /api_key", "POST /api_key", "PUT /api_key/{name}", "DELETE /api_key/{name}", "GET /nodes"),
    examples=(
        "emqxctl keys rotate prod --username admin",
        "emqxctl keys rotate prod --grace 7d --username admin --password-file pw --yes",
        "emqxctl keys rotate prod --grace 0 --yes",
        "emqxctl keys rotate prod --finish --yes",
    ),
    effect=Effect.DESTROY,
    login=True,
)
def rotate(
    session: Session,
    name: OptionalName = None,
    grace: Annotated[
        str, typer.Option(metavar="TIME", help="How long the old key stays, disabled; 0: deleted now.")
    ] = "1d",
    expires: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When the new key ends; else it lives as long as the old."),
    ] = None,
    into_profile: Annotated[
        bool, typer.Option("--into-profile", help="Keep the secret in the profile, wherever it was.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Delete old keys whose time of grace is over, and no more.")
    ] = False,
) -> Done:
    """Give a profile a new API key and retire the old one.

    The new key is made, tested and stored before the old one is disabled, so that the profile works at any
    moment. The command does not wait for --grace to end: `keys rotate --finish` deletes what is due by then.
    """
    profile = select_profile(session, name)
    seconds = parse_grace(grace)
    ends = parse_expiry(expires) if expires else ""
    if finish:
        session.confirm("delete the replaced API keys that are due")
        return delete_due_keys(session, log_in(session))
    reject_external_secret(profile, into_profile=into_profile)
    session.confirm("replace the API key")
    api = log_in(session)
    old = find_key(api, profile)
    more = {field: old.get(field) for field in INHERITED_FIELDS}
    body = key_request(new_name(profile.name), ends or successor_expiry(old), more)
    with created_key(session, api, body, ours=True) as key:
        if key is None:
            return Done("dry run: nothing was changed", {"name": profile.name}, key="name")
        note = describe_key(wait_until_usable(session, with_key(profile, key)))
        switched = switch_profiles(session, profile, key)
    return retire_key(api, old, seconds, switch_result(profile, key, switched, note))


def select_profile(session: Session, name: str | None) -> Profile:
    """Find the profile whose key is to be replaced. Raises ConfigError."""
    wanted = name or session.settings.profile or require_current_profile()
    if wanted == SANDBOX:
        message = "the simulated cluster has no key of its own to rotate"
        raise ConfigError(message, hint="emqxctl keys rotate NAME")
    profile = session.config.get_profile(wanted)
    session.use_profile(wanted)
    if is_other_origin(profile, session.options, session.environ):
        message = f"--url names another server than that of profile {wanted!r}"
        raise UsageError(message, hint="leave --url (EMQXCTL_URL) out")
    return profile


def parse_grace(text: str) -> float:
    """Read --grace. Raises UsageError."""
    from emqxctl.text.units import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        message = f"--grace: {error}"
        raise UsageError(message, hint="--grace 7d, or --grace 0 to delete the old key at once") from error


def reject_external_secret(profile: Profile, *, into_profile: bool) -> None:
    """Refuse a secret kept where nothing can be written, unless it may move. Raises ConfigError."""
    places = {
        "a command": profile.secret_command,
        "an environment variable": profile.secret_env,
        "a file of its own": profile.secret_file,
    }
    place = next((words for words, value in places.items() if value), None)
    if place and not into_profile:
        message = f"profile {profile.name!r} takes its secret from {place}, where the new one cannot be put"
        raise ConfigError(
            message, code="SECRET_OUTSIDE", hint="--into-profile keeps it in the profile instead"
        )


def find_key(api: "Client", profile: Profile) -> Key:
    """Find a profile's key among those of the server. Raises NotFoundError."""
    found = next((one for one in list_keys(api) if one.get("api_key") == profile.api_key), None)
    if found is None:
        message = f"the server has no API key {profile.api_key!r}, which profile {profile.name!r} uses"
        raise NotFoundError(message, hint=f"emqxctl keys login {profile.name} --replace makes one anew")
    return found


def list_keys(api: "Client") -> Iterator[dict[str, Any]]:
    """Give the API keys of the server."""
    answer = api.get("/api_key")
    return (one for one in (answer if isinstance(answer, list) else []) if isinstance(one, dict))


def successor_expiry(old: Key) -> str:
    """Give the end of a new key: as long from now as the old one was given when it was made."""
    from datetime import UTC, datetime

    try:
        given = datetime.fromisoformat(str(old.get("expired_at")))
        return format_time(datetime.now(UTC) + (given - datetime.fromisoformat(str(old.get("created_at")))))
    except (ValueError, TypeError, OverflowError):
        return ""  # `infinity`


def switch_profiles(session: Session, profile: Profile, key: CreatedKey) -> list[str]:
    """Put the new key in place of the old one, in every profile that uses it, at once. Gives their names."""
    with edit_config(session.environ) as edit:
        if edit.config.get_profile(profile.name).api_key != profile.api_key:
            message = f"profile {profile.name!r} was given another key meanwhile"
            raise ConfigError(message, code="PROFILE_CHANGED", hint="emqxctl keys test")
        names = [one.name for one in edit.config.profiles.values() if uses_same_key(one, profile)]
        config: Config = edit.config
        for name in names:
            config = config.with_profile(with_key(config.profiles[name], key))
        edit.config = config
    return names


def uses_same_key(one: Profile, other: Profile) -> bool:
    """Tell whether two profiles use the same key of the same server."""
    return one.name == other.name or (
        bool(one.url) and one.api_key == other.api_key and url_origin(one.url) == url_origin(other.url)
    )


def switch_result(profile: Profile, key: CreatedKey, switched: list[str], note: str) -> Done:
    """Say what was done so far."""
    others = [name for name in switched if name != profile.name]
    notes = [
        note,
        *([f"these profiles used the same key and have the new one: {', '.join(others)}"] if others else []),
    ]
    data = {"name": profile.name, "profiles": switched, "api_key": key.api_key, "key_name": key.name}
    data["expired_at"] = key.expires
    return Done(f"profile {profile.name!r} has the API key {key.name} now", data, key="name", notes=notes)


def retire_key(api: "Client", old: Key, seconds: float, done: Done) -> Done:
    """Disable the old key, or delete it where it gets no grace; the new one is in use already."""
    from datetime import UTC, datetime, timedelta

    name = str(old.get("name", ""))
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    try:
        if seconds:
            api.put("/api_key/{name}", name, body=retired_key_body(old, until))
        else:
            api.delete("/api_key/{name}", name)
    except EmqxctlError as error:
        words = f"the old key {name} may still be enabled: {error.message}"
        left = {**done.data, "old_key": name, "old_state": "unknown"}
        notes = (*done.notes, words, "disable or delete it in the dashboard (System, API Key)")
        return done._replace(data=left, notes=notes, exit_code=ExitCode.PARTIAL)
    state, words = "deleted", f"deleted the old key {name}"
    if seconds:
        state = "disabled"
        words = f"disabled the old key {name}; from {format_time(until)} on: emqxctl keys rotate --finish"
    data = {**done.data, "old_key": name, "old_state": state}
    return done._replace(data=data, notes=(*done.notes, words))


def retired_key_body(old: Key, until: "datetime") -> dict[str, Any]:
    """Write the body that disables a key and notes when to delete it; without its expiry it would lose it."""
    desc = MARK.sub("", str(old.get("desc") or "")) + RETIRED.format(format_time(until))
    kept = {field: old[field] for field in INHERITED_FIELDS if old.get(field)}
    return {"desc": desc.strip(), "enable": False, "expired_at": old.get("expired_at") or "infinity", **kept}


def delete_due_keys(session: Session, api: "Client") -> Done:
    """Delete the keys that are disabled, marked and due; those enabled again by somebody stay."""
    from datetime import UTC, datetime

    gone, waiting = [], []
    for one in list_keys(api):
        found = MARK.search(str(one.get("desc") or ""))
        if found is None or one.get("enable") is not False:
            continue
        name = str(one.get("name"))
        if found[1] > format_time(datetime.now(UTC)):
            waiting.append(f"{name} is kept until {found[1]}")
            continue
        api.delete("/api_key/{name}", name)
        gone.append(name)
    said = f"deleted {', '.join(gone)}" if gone else "no key is due to be deleted"
    if session.settings.dry_run:
        said = "dry run: nothing was changed"
    return Done(said, {"deleted": gone, "waiting": len(waiting)}, notes=waiting)
