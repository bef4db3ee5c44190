"""An API key that a dashboard user creates: requested, tested, deleted again if it is not stored."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from emqxctl.cli.param_types import FUTURE_TIME
from emqxctl.config.profiles import Profile, load_config
from emqxctl.diagnosis.api_key import check_key
from emqxctl.errors import EmqxctlError, ExitCode, ServerError, UnsupportedError

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.session import Session

INHERITED_FIELDS = ("role", "scopes")  # that a key's successor has too, if the server supports them
OUTCOME_UNKNOWN: Mapping[str, object] = {"unknown": True}  # the error's details: the key may exist
ATTEMPTS, ATTEMPT_DELAY = 5, 0.3  # a key reaches replicants a moment after the node that created it

Expires = Annotated[
    datetime | None,
    typer.Option(
        metavar="TIME", click_type=FUTURE_TIME, help="Expiry of the new key, such as 90d or a time."
    ),
]


class CreatedKey(NamedTuple):
    """A key that the server created; the server shows the secret only once."""

    name: str
    api_key: str
    api_secret: str
    expires: str

    def __repr__(self) -> str:
        """Show the key without its secret."""
        return f"CreatedKey({self.name!r}, {self.api_key!r})"


def key_request(name: str, expires: str, fields: Mapping[str, object]) -> dict[str, object]:
    """Return the body that creates a key; EMQX crashes without `desc` or `enable` (api.md §3.3)."""
    body = {"name": name, "desc": key_description(), "enable": True, "expired_at": expires or "infinity"}
    return body | {field: value for field, value in fields.items() if value}


def new_name(profile: str) -> str:
    """Return a unique name for a key: EMQX derives the key from the name."""
    import re
    from datetime import UTC
    from secrets import token_hex

    safe_profile = re.sub(r"[^A-Za-z0-9_-]", "-", profile)
    return f"emqxctl-{safe_profile}-{datetime.now(UTC):%Y%m%d}-{token_hex(3)}"


def key_description() -> str:
    """Return the description of a key that the dashboard shows."""
    from platform import node

    return f"created by emqxctl on {node() or 'an unknown host'}"


def format_expiry(expires: datetime | None) -> str:
    """Format --expires as EMQX reads it; empty if it is not given."""
    return format_time(expires) if expires else ""


def format_time(time: datetime) -> str:
    """Format a time in UTC as EMQX reads it."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def created_key(
    session: "Session", client: "Client", body: Mapping[str, object], *, has_generated_name: bool
) -> Iterator[CreatedKey | None]:
    """Create a key for the block, which stores it; if the block fails, the key is deleted.

    Yields None in a dry run. With `has_generated_name` even a key whose creation was not confirmed may be
    deleted. A key that is in the configuration is kept in any case.
    """
    key: CreatedKey | None = None
    name = str(body["name"])
    try:
        response = client.post("/api_key", body=body)
        if session.settings.dry_run:
            yield None
            return
        key = parse_created_key(name, response)
        check_role(body, response)
        yield key
    except BaseException as error:
        may_exist = key is not None or (has_generated_name and is_outcome_unknown(error))
        if may_exist and not is_stored(session, key) and not delete_unused_key(client, name):
            report_leftover_key(session, error, name)
        raise


def parse_created_key(name: str, response: object) -> CreatedKey:
    """Parse the response to the creation of a key. Raises ServerError if it has no key or secret."""
    fields = response if isinstance(response, dict) else {}
    key, secret = fields.get("api_key"), fields.get("api_secret")
    if not (isinstance(key, str) and key and isinstance(secret, str) and secret):
        message = "the response to the creation of an API key has no key or no secret"
        raise ServerError(
            message,
            exit_code=ExitCode.SERVER,
            code="NO_KEY",
            hint="show the response with --debug",
            details=OUTCOME_UNKNOWN,
        )
    return CreatedKey(name, key, secret, str(fields.get("expired_at") or "infinity"))


def check_role(body: Mapping[str, object], response: Mapping[str, Any]) -> None:
    """Refuse a key with more permissions than requested: editions without roles ignore them (EMQX 5.8.9)."""
    role = body.get("role")
    if role in (None, "", "administrator") or role in (response.get("role"), namespaced_role(response)):
        return
    message = f"role {role!r} of API keys is not supported by this EMQX: the key would permit everything"
    raise UnsupportedError(message, hint="omit --role; roles require EMQX Enterprise or EMQX 5.9+")


def namespaced_role(key: Mapping[str, Any]) -> str:
    """Return the role of a key with its namespace, as a request names it; the server returns both apart."""
    return f"ns:{key.get('namespace')}::{key.get('role')}"


def is_outcome_unknown(error: BaseException) -> bool:
    """Return whether a request may have been executed although it has no response."""
    return bool(error.details.get("unknown")) if isinstance(error, EmqxctlError) else True


def is_stored(session: "Session", key: CreatedKey | None) -> bool:
    """Return whether the configuration contains a key."""
    if key is None:
        return False
    try:
        profiles = load_config(session.environ).profiles.values()
    except EmqxctlError:
        return False
    return any(profile.api_secret == key.api_secret for profile in profiles)


def delete_unused_key(client: "Client", name: str) -> bool:
    """Delete a key that is not stored; return whether it no longer exists."""
    try:
        client.delete("/api_key/{name}", name)
    except EmqxctlError as error:
        return error.exit_code is ExitCode.NOT_FOUND
    return True


def report_leftover_key(session: "Session", error: BaseException, name: str) -> None:
    """Report a key that could not be deleted, in the hint of an error that has one."""
    note = f"delete the API key {name} in the dashboard (System, API Key): it may still exist"
    if isinstance(error, EmqxctlError):
        error.hint = f"{error.hint}\n{note}".strip()
    else:
        session.log(note)


def wait_until_usable(session: "Session", profile: Profile) -> dict[str, Any]:
    """Test a new key; a 401 is retried, since the key has to reach every node."""
    client = session.client_for(session.connection_for(profile))
    for _ in range(ATTEMPTS - 1):
        try:
            return check_key(client)
        except EmqxctlError as error:
            if error.exit_code is not ExitCode.UNAUTHENTICATED:
                raise
            client.transport.sleep(ATTEMPT_DELAY)
    return check_key(client)
