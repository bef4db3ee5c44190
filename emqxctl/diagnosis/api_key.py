"""Whether an API key works on its server, and what to say when it does not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emqxctl.config.profiles import Profile
from emqxctl.errors import EmqxctlError, ExitCode

if TYPE_CHECKING:
    from emqxctl.api.client import Api
    from emqxctl.cli.session import Session


def verify(session: "Session", profile: Profile) -> tuple[str, ...]:
    """Try a new profile's key before it is stored, and give notes. Raises what the server says against it."""
    found = key_works(session.api_of(session.connection_of(profile)))
    return (working(found),)


def key_works(api: "Api") -> dict[str, Any]:
    """Use the key once. Gives `works`, `version`, `edition`, `nodes`, `role`."""
    nodes = nodes_of(api)
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


def nodes_of(api: "Api") -> list[dict[str, Any]] | None:
    """Give the nodes as the key sees them, None when it may not.

    A key whose role may only publish is known to the server (403) and works. A 401 says more when the key
    looks like a dashboard user, which EMQX 5 does not take as an API key.
    """
    try:
        nodes = api.get("/nodes")
    except EmqxctlError as error:
        if error.exit_code is ExitCode.FORBIDDEN:
            return None
        if error.exit_code is ExitCode.UNAUTHENTICATED and looks_like_user(api.connection.api_key):
            raise user_given(api.connection.api_key, error) from error
        raise
    return [one for one in nodes if isinstance(one, dict)] if isinstance(nodes, list) else []


def working(found: Mapping[str, Any]) -> str:
    """Say what a key was found to reach."""
    if found.get("nodes") is None:
        return "the key works: it may publish only"
    return f"the key works: EMQX {found['version']}, {found['nodes']} nodes"


def looks_like_user(key: str) -> bool:
    """Tell whether a key is rather a user name: EMQX's own keys are 16 hexadecimal digits."""
    return len(key) < 16 or not all(character in "0123456789abcdef" for character in key)


def user_given(key: str, error: EmqxctlError) -> EmqxctlError:
    """Say that this is probably a dashboard user."""
    return EmqxctlError(
        f"{error.message}; {key!r} looks like a dashboard user, and EMQX takes only API keys here",
        code=error.code,
        exit_code=error.exit_code,
        hint="make an API key and use that: emqxctl api-keys create NAME --username USER",
        details=error.details,
    )
