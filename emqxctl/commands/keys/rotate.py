"""`emqxctl keys rotate`: a profile gets a new API key; the old one expires after a grace period."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.completion.declared import complete_profiles
from emqxctl.cli.dashboard_login import log_in_to_confirm
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._roles import with_namespace
from emqxctl.commands.keys._api_key import (
    INHERITED_FIELDS,
    CreatedKey,
    Expires,
    created_key,
    format_expiry,
    format_time,
    key_request,
    new_name,
    wait_until_usable,
)
from emqxctl.commands.keys._profile import OptionalName, require_current_profile
from emqxctl.commands.keys.login import with_key
from emqxctl.config.profiles import SANDBOX, Config, Profile, edit_config
from emqxctl.config.settings import is_other_origin, url_origin
from emqxctl.diagnosis.api_key import describe_key
from emqxctl.errors import ConfigError, EmqxctlError, ExitCode, NotFoundError, UsageError
from emqxctl.output.results import Done
from emqxctl.text.units import DAY

if TYPE_CHECKING:
    from emqxctl.api.client import Client

Key = Mapping[str, Any]
# Stored on the server, in the old key's description: any machine can finish what another one began.
RETIRED_NOTE = " [emqxctl: replaced, delete after {}]"
RETIRED_PATTERN = re.compile(r" ?\[emqxctl: replaced, delete after ([^\]]+)\]$")


@command(
    calls=("GET /api_key", "POST /api_key", "PUT /api_key/{name}", "DELETE /api_key/{name}", "GET /nodes"),
    examples=(
        "emqxctl keys rotate prod --username admin",
        "emqxctl keys rotate prod --grace 7d --username admin --password-file pw --yes",
        "emqxctl keys rotate prod --grace 0 --username admin --yes",
        "emqxctl keys rotate prod --finish --username admin --yes",
    ),
    effect=Effect.DESTROY,
    completes={"name": complete_profiles},
    login=True,
)
def rotate(
    session: Session,
    name: OptionalName = None,
    grace: Annotated[
        float,
        typer.Option(
            metavar="TIME",
            click_type=DURATION,
            help="Time that the old key still works (0: delete it now; default 1d).",
        ),
    ] = DAY,
    expires: Expires = None,
    into_profile: Annotated[
        bool,
        typer.Option("--into-profile", help="Store the secret in the profile, wherever the old one is."),
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Only delete replaced keys whose grace period is over.")
    ] = False,
) -> Done:
    """Replace a profile's API key and retire the old one.

    The new key is created, tested and stored before the old one is changed: the profile works at any time.
    Without --expires it is valid for as long as the old one was. The old key works until --grace ends, for
    other machines that use it; then EMQX rejects it, and `keys rotate --finish` deletes it.
    """
    profile = select_profile(session, name)
    if finish:
        client = log_in_to_confirm(session, "delete the replaced API keys that are due")
        session.confirm("delete the replaced API keys that are due")
        return delete_due_keys(session, client)
    reject_external_secret(profile, into_profile=into_profile)
    client = log_in_to_confirm(session, "replace the API key")
    old_key = find_key(client, profile)
    session.confirm(f"replace the API key {old_key.get('name')!r} of profile {profile.name!r}")
    inherited = {
        field: value for field, value in with_namespace(dict(old_key)).items() if field in INHERITED_FIELDS
    }
    body = key_request(new_name(profile.name), format_expiry(expires) or successor_expiry(old_key), inherited)
    with created_key(session, client, body, has_generated_name=True) as key:
        if key is None:
            return Done("dry run: nothing was changed", {"name": profile.name}, key="name")
        note = describe_key(wait_until_usable(session, with_key(profile, key)))
        profile_names = switch_profiles(session, profile, key)
    return retire_key(client, old_key, grace, switch_result(profile, key, profile_names, note))


def select_profile(session: Session, name: str | None) -> Profile:
    """Return the profile whose key is replaced. Raises ConfigError or UsageError."""
    profile_name = name or session.settings.profile or require_current_profile()
    if profile_name == SANDBOX:
        message = "the sandbox has a fixed API key, which is the same at each start and cannot be rotated"
        hint = "create a key of your own in it, then rotate that: emqxctl keys login NAME --url URL"
        hint += " (its URL: emqxctl sandbox status)"
        raise ConfigError(message, code="FIXED_KEY", hint=hint)
    profile = session.config.get_profile(profile_name)
    session.use_profile(profile_name)
    if is_other_origin(profile, session.options, session.environ):
        message = f"--url is not the server of profile {profile_name!r}"
        raise UsageError(message, hint="omit --url (EMQXCTL_URL)")
    return profile


def reject_external_secret(profile: Profile, *, into_profile: bool) -> None:
    """Refuse a secret whose source cannot be changed, unless it may move. Raises ConfigError."""
    sources = {
        "a command": profile.secret_command,
        "an environment variable": profile.secret_env,
        "a file of its own": profile.secret_file,
    }
    source = next((words for words, value in sources.items() if value), None)
    if source and not into_profile:
        message = f"profile {profile.name!r} reads its secret from {source}, which cannot be changed"
        hint = "store the new secret in the profile with --into-profile"
        raise ConfigError(message, code="SECRET_OUTSIDE", hint=hint)


def find_key(client: "Client", profile: Profile) -> Key:
    """Return a profile's key from those of the server. Raises NotFoundError."""
    keys = list_keys(client)
    key = next((key for key in keys if key.get("api_key") == profile.api_key), None)
    if key is None:
        message = f"API key {profile.api_key!r} of profile {profile.name!r} not found on the server"
        raise NotFoundError(message, hint=f"create a new one: emqxctl keys login {profile.name} --replace")
    return key


def list_keys(client: "Client") -> list[dict[str, Any]]:
    """Return the API keys of the server."""
    return client.get_list("/api_key")


def successor_expiry(old_key: Key) -> str:
    """Return the expiry of a new key that is valid for as long as the old one was when it was created."""
    from datetime import UTC, datetime

    try:
        old_expiry = datetime.fromisoformat(str(old_key.get("expired_at")))
        lifetime = old_expiry - datetime.fromisoformat(str(old_key.get("created_at")))
        return format_time(datetime.now(UTC) + lifetime)
    except (ValueError, TypeError, OverflowError):
        return ""  # `infinity`


def switch_profiles(session: Session, profile: Profile, key: CreatedKey) -> list[str]:
    """Replace the old key in every profile that uses it, in one step, and return their names."""
    with edit_config(session.environ) as edit:
        if edit.config.get_profile(profile.name).api_key != profile.api_key:
            message = f"the API key of profile {profile.name!r} was changed by another process"
            raise ConfigError(message, code="PROFILE_CHANGED", hint="test it: emqxctl keys test")
        names = [other.name for other in edit.config.profiles.values() if uses_same_key(other, profile)]
        config: Config = edit.config
        for name in names:
            config = config.with_profile(with_key(config.profiles[name], key))
        edit.config = config
    return names


def uses_same_key(profile: Profile, other: Profile) -> bool:
    """Return whether two profiles use the same key of the same server."""
    has_same_key = bool(profile.url) and profile.api_key == other.api_key
    return profile.name == other.name or (has_same_key and url_origin(profile.url) == url_origin(other.url))


def switch_result(profile: Profile, key: CreatedKey, profile_names: list[str], note: str) -> Done:
    """Return the result of the switch to the new key."""
    other_names = [name for name in profile_names if name != profile.name]
    notes = [note]
    if other_names:
        notes.append(f"profiles that used the same key have the new one too: {', '.join(other_names)}")
    data = {"name": profile.name, "profiles": profile_names, "api_key": key.api_key, "key_name": key.name}
    data["expired_at"] = key.expires
    message = f"replaced the API key of profile {profile.name!r} with {key.name}"
    return Done(message, data, key="name", notes=notes)


def retire_key(client: "Client", old_key: Key, grace_seconds: float, result: Done) -> Done:
    """Let the old key expire, or delete it without a grace period; the new one is in use already."""
    from datetime import UTC, datetime, timedelta

    name = str(old_key.get("name", ""))
    end = format_time(datetime.now(UTC) + timedelta(seconds=grace_seconds))
    body = retired_key_body(old_key, end)
    try:
        if grace_seconds:
            client.put("/api_key/{name}", name, body=body)
        else:
            client.delete("/api_key/{name}", name)
    except EmqxctlError as error:
        note = f"the old key {name} may still be enabled: {error.message}"
        data = {**result.data, "old_key": name, "old_state": "unknown"}
        notes = (*result.notes, note, "disable or delete it in the dashboard (System, API Key)")
        return result._replace(data=data, notes=notes, exit_code=ExitCode.PARTIAL)
    if not grace_seconds:
        data = {**result.data, "old_key": name, "old_state": "deleted"}
        return result._replace(data=data, notes=(*result.notes, f"deleted the old key {name}"))
    note = f"the old key {name} works until {body['expired_at']}; then delete it:"
    note += f" emqxctl keys rotate {result.data['name']} --finish --username USER"
    data = {**result.data, "old_key": name, "old_state": "expiring", "old_expires": body["expired_at"]}
    return result._replace(data=data, notes=(*result.notes, note))


def retired_key_body(old_key: Key, end: str) -> dict[str, Any]:
    """Return the body that lets a key expire at the end of its grace period, and notes to delete it then.

    A key that expires earlier, or that is disabled, stays so.
    """
    description = RETIRED_PATTERN.sub("", str(old_key.get("desc") or "")) + RETIRED_NOTE.format(end)
    inherited = {field: old_key[field] for field in INHERITED_FIELDS if old_key.get(field)}
    expiry = str(old_key.get("expired_at") or "infinity")
    expiry = expiry if is_before(expiry, end) else end
    enable = old_key.get("enable") is not False
    return {"desc": description.strip(), "enable": enable, "expired_at": expiry, **inherited}


def is_before(time: str, limit: str) -> bool:
    """Return whether a time is not after another; False for `infinity` and whatever is no time."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(time) <= datetime.fromisoformat(limit)
    except (ValueError, TypeError):
        return False


def delete_due_keys(session: Session, client: "Client") -> Done:
    """Delete the keys that are marked, due and not usable; a key whose expiry was extended is kept."""
    from datetime import UTC, datetime

    now = format_time(datetime.now(UTC))
    deleted_names, notes = [], []
    for key in list_keys(client):
        retired_note = RETIRED_PATTERN.search(str(key.get("desc") or ""))
        if retired_note is None:
            continue
        name = str(key.get("name"))
        if not is_before(retired_note[1], now):
            notes.append(f"{name} is kept until {retired_note[1]}")
            continue
        if key.get("enable") is not False and not is_before(str(key.get("expired_at")), now):
            continue
        client.delete("/api_key/{name}", name)
        deleted_names.append(name)
    message = f"deleted {', '.join(deleted_names)}" if deleted_names else "no keys are due"
    if session.settings.dry_run:
        message = "dry run: nothing was changed"
    return Done(message, {"deleted": deleted_names, "waiting": len(notes)}, notes=notes)
