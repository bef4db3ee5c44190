"""Why an operation is missing on a broker: its version, its edition, or that it is still booting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emqxctl.api.request import Call, build
from emqxctl.errors import EmqxctlError, NotYetError, UnsupportedError

if TYPE_CHECKING:
    from emqxctl.api.client import Api
from emqxctl.api.status import Broker, ask_status


def explain_unknown_path(api: Api, call: Call, error: EmqxctlError) -> EmqxctlError:
    """Find out why a path is unknown to the server: still booting, not in this version, or no EMQX at all.

    EMQX 5.7.1+ answers 404 for every route while it boots (api.md §0.6), so `/status` is asked first.
    """
    try:
        broker = ask_status(api)
    except EmqxctlError:
        return error
    if broker is None:
        return error
    if not broker.running:
        message = f"EMQX at {api.connection.url} is still starting"
        hint = "try again in a moment; emqxctl status tells when it is up"
        return NotYetError(message, code="BOOTING", hint=hint)
    missing = why_missing(api, call.operation, broker)
    if missing:
        hint = "emqxctl status shows the version"
        return UnsupportedError(f"{call.operation} {missing}", hint=hint, details=error.details)
    return error


def why_missing(api: Api, operation: str, broker: Broker) -> str:
    """Give the reason an operation does not exist on this broker, or nothing when it should."""
    from emqxctl.emqx.operations import missing_on

    version, edition = broker.version, broker.edition
    if not version or not edition:
        version, edition = version_of_nodes(api, version, edition)
    return (missing_on(operation, version, edition) or "") if version else ""


def version_of_nodes(api: Api, version: str, edition: str) -> tuple[str, str]:
    """Ask `/nodes` for version and edition where `/status` does not tell them."""
    try:
        answer = api.exchange(build("GET", "/nodes"))
        nodes = answer.json() if answer.status == 200 else []
    except EmqxctlError:
        return version, edition
    rows: list[object] = nodes if isinstance(nodes, list) else []
    first = next((node for node in rows if isinstance(node, dict)), {})
    return version or str(first.get("version", "")), edition or str(first.get("edition", ""))
