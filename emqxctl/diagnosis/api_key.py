"""Whether an API key works on its server, and what to say when it does not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emqxctl.config.profiles import Profile
from emqxctl.errors import EmqxctlError, ExitCode

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.session import Session


def verify_key(session: "Session", profile: Profile) -> tuple[str, ...]:
    """Try a new profile's key before it is stored, and give notes. Raises what the server says against it."""
    key_status = check_key(session.client_for(session.connection_for(profile)))
    return (describe_key(key_status),)


def check_key(api: "Client") -> dict[str, Any]:
    """Use the key once. Gives `works`, `version`, `edition`, `nodes`, `role`."""
    nodes = fetch_visible_nodes(api)
    if nodes is None:
        return {"works": True, "version": None, "edition": None, "nodes": None, "role": "publisher"}
    first: dict[str, Any] = next(iter(nodes), {})
    return {
        "works": True,
        "version": first.get("version"),
        "edition": first.get("edition"),
        "nodes": len(nodes),
        "role": None,
    }


def fetch_visible_nodes(api: "Client") -> list[dict[str, Any]] | None:
    """Give the nodes as the key sees them, None when it may not.

    A key whose role may only publish is known to the server (403) and works. A 401 says more when the key
    looks like a dashboard user, which EMQX 5 does not take as an API key.
    """
    try:
        nodes = api.get("/nodes")
    except EmqxctlError as error:
        if error.exit_code is ExitCode.FORBIDDEN:
            return None
        if error.exit_code is ExitCode.UNAUTHENTICATED and looks_like_username(api.connection.api_key):
            raise dashboard_user_error(api.connection.api_key, error) from error
        raise
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []


def describe_key(key_status: Mapping[str, Any]) -> str:
    """Say what a key was found to reach."""
    if key_status.get("nodes") is None:
        return "the key works: it may publish only"
    return f"the key works: EMQX {key_status['version']}, {key_status['nodes']} nodes"


def looks_like_username(key: str) -> bool:
    """Tell whether a key is rather a user name: EMQX's own keys are 16 hexadecimal digits."""
    return len(key) < 16 or not all(character in "0123456789abcdef" for character in key)


def dashboard_user_error(key: str, error: EmqxctlError) -> EmqxctlError:
    """Say that this is probably a dashboard user."""
    return EmqxctlError(
        f"{error.message}; {key!r} looks like a dashboard user, and EMQX takes only API keys here",
        code=error.code,
        exit_code=error.exit_code,
        hint="make an API key and use that: emqxctl api-keys create NAME --username USER",
        details=error.details,
    )
