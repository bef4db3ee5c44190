"""Whether an API key works on its server, and the error if it does not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emqxctl.api.response import unexpected_shape_error
from emqxctl.config.profiles import Profile
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.text.nouns import count_noun

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.session import Session


def verify_key(session: "Session", profile: Profile) -> tuple[str, ...]:
    """Verify a new profile's key before it is stored and return notes. Raises the server's error."""
    key_status = check_key(session.client_for(session.connection_for(profile)))
    return (describe_key(key_status),)


def check_key(client: "Client") -> dict[str, Any]:
    """Send a request with the key and return `works`, `version`, `edition` and `nodes`.

    A key that may not list the nodes has `permissions` in their place: what it may do.
    """
    nodes = fetch_visible_nodes(client)
    if nodes is None:
        from emqxctl.api.status import fetch_status

        status = fetch_status(client.transport)
        version, edition = (status.version or None, status.edition or None) if status else (None, None)
        key_status = {"works": True, "version": version, "edition": edition, "nodes": None}
        return {**key_status, **describe_permissions(client, key_status)}
    first_node: dict[str, Any] = next(iter(nodes), {})
    return {
        "works": True,
        "version": first_node.get("version"),
        "edition": first_node.get("edition"),
        "nodes": len(nodes),
    }


def describe_permissions(client: "Client", key_status: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `role`, `namespace` and `scopes` of a key, and `permissions` in words."""
    from emqxctl.diagnosis.permissions import read_permissions
    from emqxctl.emqx.operations import parse_numbers

    release, edition = parse_numbers(str(key_status["version"] or "")), str(key_status["edition"] or "")
    permissions = read_permissions(client, release, edition)
    return {
        "role": permissions.role,
        "namespace": permissions.namespace,
        "scopes": None if permissions.scopes is None else list(permissions.scopes),
        "permissions": permissions.description,
    }


def fetch_visible_nodes(client: "Client") -> list[dict[str, Any]] | None:
    """Return the nodes, None if the key is not permitted to list them.

    A key whose role only permits publishing, or whose scopes do not contain the cluster, is valid too (403).
    The hint for 401 is more specific if the key may be a dashboard username, which is not an API key.
    """
    try:
        nodes = client.get_list("/nodes")
    except EmqxctlError as error:
        if error.exit_code is ExitCode.FORBIDDEN:
            return None
        key = client.connection.api_key
        if error.exit_code is ExitCode.UNAUTHENTICATED and key and looks_like_username(key):
            raise add_username_hint(key, error) from error
        raise
    if not nodes:
        raise unexpected_shape_error(nodes, "the nodes of a cluster", "NOT_EMQX")
    return nodes


def describe_key(key_status: Mapping[str, Any]) -> str:
    """Return a note about what a key works for."""
    if key_status.get("nodes") is None:
        return f"API key verified: {key_status['permissions']}"
    return f"API key verified: EMQX {key_status['version']}, {count_noun(key_status['nodes'], 'node')}"


def looks_like_username(key: str) -> bool:
    """Return whether a key may be a username: keys that EMQX generates are 16 hexadecimal digits.

    Keys of a bootstrap file have any name.
    """
    return len(key) < 16 or not all(character in "0123456789abcdef" for character in key)


def add_username_hint(key: str, error: EmqxctlError) -> EmqxctlError:
    """Return an error for a key that may be a dashboard username, with what to do in each case."""
    return EmqxctlError(
        error.message,
        code=error.code,
        exit_code=error.exit_code,
        hint=(
            f"if {key!r} is an API key, its secret may be wrong, or it may be disabled or expired: emqxctl "
            "api-keys list --username USER; if it is a dashboard username, create an API key: emqxctl "
            "api-keys create NAME --username USER"
        ),
        details=error.details,
    )
