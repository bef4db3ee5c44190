"""API keys on their server, as a dashboard user makes them: made, tested, deleted again when in vain."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.config.profiles import Profile, load_config
from emqxctl.diagnosis.api_key import check_key
from emqxctl.errors import EmqxctlError, ExitCode, ServerError, UnsupportedError, UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.session import Session

INHERITED_FIELDS = ("role", "scopes")  # of a key, where the server knows them; the successor gets the same
UNKNOWN: Mapping[str, object] = {"unknown": True}  # its outcome may be that something was made
ATTEMPTS, PAUSE = 5, 0.3  # a key reaches replicants a moment after the node that made it


class CreatedKey(NamedTuple):
    """A key that the server made; the secret is told only once."""

    name: str
    api_key: str
    api_secret: str
    expires: str

    def __repr__(self) -> str:
        """Show the key, never its secret."""
        return f"Made({self.name!r}, {self.api_key!r})"


def key_request(name: str, expires: str, more: Mapping[str, object]) -> dict[str, object]:
    """Write the body that makes a key; EMQX crashes without `desc` or `enable` (api.md §3.3)."""
    body = {"name": name, "desc": key_description(), "enable": True, "expired_at": expires or "infinity"}
    return body | {field: value for field, value in more.items() if value}


def new_name(profile: str) -> str:
    """Make up a key's name: EMQX derives the key from the name, so that no two may be alike."""
    import re
    from datetime import UTC, datetime
    from secrets import token_hex

    said = re.sub(r"[^A-Za-z0-9_-]", "-", profile)
    return f"emqxctl-{said}-{datetime.now(UTC):%Y%m%d}-{token_hex(3)}"


def key_description() -> str:
    """Describe a key for whoever finds it in the dashboard."""
    from platform import node

    return f"made by emqxctl on {node() or 'an unknown host'}"


def parse_expiry(text: str) -> str:
    """Read --expires, a time or a duration from now, as the server wants it. Raises UsageError."""
    from datetime import UTC, datetime, timedelta

    from emqxctl.text.units import parse_duration, parse_time

    try:
        if text.strip()[-1:] in tuple("smhdw"):
            moment = datetime.now(UTC) + timedelta(seconds=parse_duration(text))
        else:
            moment = parse_time(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"--expires {text}: {error}"
        raise UsageError(message, hint="--expires 90d, or --expires 2027-06-30T00:00:00Z") from error
    if moment <= datetime.now(UTC):
        message = f"--expires {text}: that time has passed"
        raise UsageError(message, hint="--expires 90d")
    return format_time(moment)


def format_time(moment: Any) -> str:  # noqa: ANN401  # a datetime, which is imported where it is needed
    """Write a moment in UTC as EMQX reads it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def created_key(
    session: "Session", api: "Client", body: Mapping[str, object], *, ours: bool
) -> Iterator[CreatedKey | None]:
    """Make a key for the block, which stores it; when the block fails the key is deleted again.

    Gives None in a dry run. `ours` tells that the name was made up here, so that even a key whose making was
    not confirmed may be deleted. A key that reached the configuration stays, whatever happened after.
    """
    key: CreatedKey | None = None
    name = str(body["name"])
    try:
        answer = api.post("/api_key", body=body)
        if session.settings.dry_run:
            yield None
            return
        key = parse_created_key(name, answer)
        check_role(body, answer)
        yield key
    except BaseException as error:
        in_vain = key is not None or (ours and is_in_doubt(error))
        if in_vain and not is_stored(session, key) and not delete_unused_key(api, name):
            report_leftover_key(session, error, name)
        raise


def parse_created_key(name: str, answer: object) -> CreatedKey:
    """Read the server's answer to the making of a key. Raises ServerError when it tells none."""
    told = answer if isinstance(answer, dict) else {}
    key, secret = told.get("api_key"), told.get("api_secret")
    if not (isinstance(key, str) and key and isinstance(secret, str) and secret):
        message = "the server made a key without telling it"
        raise ServerError(
            message,
            exit_code=ExitCode.SERVER,
            code="NO_KEY",
            hint="--debug shows the answer",
            details=UNKNOWN,
        )
    return CreatedKey(name, key, secret, str(told.get("expired_at") or "infinity"))


def check_role(body: Mapping[str, object], answer: Mapping[str, Any]) -> None:
    """Refuse a key with more rights than wished: editions without roles ignore them (EMQX 5.8.9)."""
    role = body.get("role")
    if role in (None, "", "administrator") or answer.get("role") == role:
        return
    message = f"this EMQX has no role {role!r} for API keys: the key could do everything"
    raise UnsupportedError(message, hint="roles are of EMQX Enterprise, and of EMQX 5.9+; leave --role out")


def is_in_doubt(error: BaseException) -> bool:
    """Tell whether a request may have been carried out although it has no answer."""
    return bool(error.details.get("unknown")) if isinstance(error, EmqxctlError) else True


def is_stored(session: "Session", key: CreatedKey | None) -> bool:
    """Tell whether the configuration holds a key already."""
    if key is None:
        return False
    try:
        profiles = load_config(session.environ).profiles.values()
    except EmqxctlError:
        return False
    return any(one.api_secret == key.api_secret for one in profiles)


def delete_unused_key(api: "Client", name: str) -> bool:
    """Delete a key that nobody will use; tells whether it is gone."""
    try:
        api.delete("/api_key/{name}", name)
    except EmqxctlError as error:
        return error.exit_code is ExitCode.NOT_FOUND
    return True


def report_leftover_key(session: "Session", error: BaseException, name: str) -> None:
    """Say that a key could not be deleted again, in the error's hint where it has one."""
    words = f"the new API key {name} may be left on the server: delete it in the dashboard (System, API Key)"
    if isinstance(error, EmqxctlError):
        error.hint = f"{error.hint}\n{words}".strip()
    else:
        session.log(words)


def wait_until_usable(session: "Session", profile: Profile) -> dict[str, Any]:
    """Try a new key; a 401 may pass, since the key has to reach every node."""
    api = session.client_for(session.connection_for(profile))
    for _ in range(ATTEMPTS - 1):
        try:
            return check_key(api)
        except EmqxctlError as error:
            if error.exit_code is not ExitCode.UNAUTHENTICATED:
                raise
            api.transport.sleep(PAUSE)
    return check_key(api)
