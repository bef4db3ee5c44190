"""Why an operation is missing on a broker: its version, its edition, or that it is still booting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emqxctl.api.request import Request, build_request
from emqxctl.errors import EmqxctlError, NotYetError, UnsupportedError

if TYPE_CHECKING:
    from emqxctl.api.client import Client
from emqxctl.api.status import BrokerStatus, fetch_status


def explain_missing_operation(api: Client, call: Request, error: EmqxctlError) -> EmqxctlError:
    """Find out why a path is unknown to the server: still booting, not in this version, or no EMQX at all.

    EMQX 5.7.1+ answers 404 for every route while it boots (api.md §0.6), so `/status` is asked first.
    """
    try:
        broker = fetch_status(api)
    except EmqxctlError:
        return error
    if broker is None:
        return error
    if not broker.running:
        message = f"EMQX at {api.connection.url} is still starting"
        hint = "try again in a moment; emqxctl status tells when it is up"
        return NotYetError(message, code="BOOTING", hint=hint)
    missing = find_missing_reason(api, call.operation, broker)
    if missing:
        hint = "emqxctl status shows the version"
        return UnsupportedError(f"{call.operation} {missing}", hint=hint, details=error.details)
    return error


def find_missing_reason(api: Client, operation: str, broker: BrokerStatus) -> str:
    """Give the reason an operation does not exist on this broker, or nothing when it should."""
    from emqxctl.emqx.operations import unavailable_reason

    version, edition = broker.version, broker.edition
    if not version or not edition:
        version, edition = fetch_node_version(api, version, edition)
    return (unavailable_reason(operation, version, edition) or "") if version else ""


def fetch_node_version(api: Client, version: str, edition: str) -> tuple[str, str]:
    """Ask `/nodes` for version and edition where `/status` does not tell them."""
    try:
        answer = api.exchange(build_request("GET", "/nodes"))
        nodes = answer.json() if answer.status == 200 else []
    except EmqxctlError:
        return version, edition
    rows: list[object] = nodes if isinstance(nodes, list) else []
    first = next((node for node in rows if isinstance(node, dict)), {})
    return version or str(first.get("version", "")), edition or str(first.get("edition", ""))
